"""What every push gateway must do. An adapter is done when this passes for it."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.ids import new_id
from push.gateway.port import Gateway, Gone, Later, Message, Sent
from push.gateway.recorded import RecordedGateway
from push.rules import Urgency


@pytest.fixture(params=[RecordedGateway], ids=lambda adapter: adapter.__name__)
def gateway(request: pytest.FixtureRequest, tmp_path: Path) -> Gateway:
    adapter: Gateway = request.param(tmp_path)
    return adapter


def a_message() -> Message:
    return Message(new_id(), Urgency.NORMAL, timedelta(hours=1))


async def test_a_message_is_taken(gateway: Gateway) -> None:
    assert await gateway.send("phone-0001", a_message()) == Sent()


async def test_the_same_message_may_come_twice(gateway: Gateway) -> None:
    message = a_message()

    assert await gateway.send("phone-0001", message) == Sent()
    assert await gateway.send("phone-0001", message) == Sent()


async def test_an_address_that_reaches_nobody_is_named(gateway: Gateway) -> None:
    assert await gateway.send("gone-0001", a_message()) == Gone()


async def test_a_provider_may_ask_for_a_pause(gateway: Gateway) -> None:
    assert isinstance(await gateway.send("busy-0001", a_message()), Later)


async def test_the_recorded_gateway_shows_a_message_once(tmp_path: Path) -> None:
    gateway, message = RecordedGateway(tmp_path), a_message()
    await gateway.send("phone-0001", message)
    await gateway.send("phone-0001", message)

    assert [kept["n"] for kept in await gateway.arrived("phone-0001")] == [str(message.id)]


async def test_what_was_recorded_survives_a_restart(tmp_path: Path) -> None:
    message = a_message()
    await RecordedGateway(tmp_path).send("phone-0001", message)

    assert len(await RecordedGateway(tmp_path).arrived("phone-0001")) == 1


async def test_phones_do_not_see_each_others_messages(tmp_path: Path) -> None:
    gateway = RecordedGateway(tmp_path)
    await gateway.send("phone-0001", a_message())

    assert await gateway.arrived("phone-0002") == []
