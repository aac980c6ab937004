"""What every push gateway must do. An adapter is done when this passes for it."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from core.errors import RefusedInProduction
from core.ids import new_id
from push.gateway.fcm import FcmAccount, FcmGateway
from push.gateway.port import (
    Address,
    Gateway,
    Gone,
    Later,
    Message,
    Outcome,
    Rejected,
    Sent,
    Unauthorized,
    Unreachable,
)
from push.gateway.recorded import RecordedGateway
from push.gateway.webpush import Sender, WebPushGateway
from push.rules import AddressKind, Urgency
from push.sealing import Keys, seal
from tests.support.fcm import fcm_server
from tests.support.push_service import Subscriber, push_service


@dataclass
class Way:
    """A gateway, and the phones behind it.

    Attributes:
        address: makes the address of a phone; the first word says how its provider answers.
        shown: what a phone shows, by the ids of the messages that it got.
        keys: what messages to a phone are sealed with.
    """

    gateway: Gateway
    address: Callable[[str], Address]
    shown: Callable[[str], list[str]]
    keys: Callable[[str], Keys] = lambda _: Subscriber().keys

    def message(self, phone: str, urgency: Urgency = Urgency.NORMAL) -> Message:
        bare = Message(new_id(), urgency, timedelta(hours=1))
        return replace(bare, sealed=seal(json.dumps(bare.payload()).encode(), self.keys(phone)))

    async def send(self, phone: str, message: Message | None = None) -> Outcome:
        return await self.gateway.send(self.address(phone), message or self.message(phone))


@asynccontextmanager
async def recorded(folder: Path) -> AsyncGenerator[Way]:
    gateway = RecordedGateway(folder)

    def shown(phone: str) -> list[str]:
        return [str(kept["n"]) for kept in gateway._read(phone)]

    yield Way(gateway, lambda phone: Address(AddressKind.RECORDED, phone), shown)
    await gateway.close()


@asynccontextmanager
async def fcm(folder: Path) -> AsyncGenerator[Way]:
    async with fcm_server() as server:
        gateway = FcmGateway(FcmAccount(server.account(folder), server.url))
        yield Way(gateway, lambda phone: Address(AddressKind.FCM_TOKEN, phone), server.shown)
        await gateway.close()


@asynccontextmanager
async def webpush(folder: Path) -> AsyncGenerator[Way]:
    async with push_service(folder) as service:
        sender = Sender(
            folder / "vapid.pem", "mailto:admin@bo.gov.vn", [ip_network("127.0.0.0/8")],
            ca=service.certificate,
        )  # fmt: skip
        gateway = WebPushGateway(sender)
        service.server_key = gateway.public_key
        yield Way(
            gateway, service.address, service.shown, lambda name: service.subscribers[name].keys
        )
        await gateway.close()


WAYS: list[Callable[[Path], AbstractAsyncContextManager[Way]]] = [recorded, fcm, webpush]


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
async def way(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Way]:
    async with request.param(tmp_path) as way:
        yield way


@pytest.mark.parametrize("urgency", Urgency)
async def test_a_message_reaches_its_phone(way: Way, urgency: Urgency) -> None:
    message = way.message("phone-0001", urgency)

    assert await way.send("phone-0001", message) == Sent()

    assert way.shown("phone-0001") == [str(message.id)]


async def test_a_message_that_comes_twice_is_shown_once(way: Way) -> None:
    message = way.message("phone-0001")

    assert await way.send("phone-0001", message) == Sent()
    assert await way.send("phone-0001", message) == Sent()

    assert way.shown("phone-0001") == [str(message.id)]


async def test_a_message_that_comes_twice_at_once_is_shown_once(way: Way) -> None:
    message = way.message("phone-0001")

    await asyncio.gather(*(way.send("phone-0001", message) for _ in range(8)))

    assert way.shown("phone-0001") == [str(message.id)]


async def test_phones_do_not_get_each_others_messages(way: Way) -> None:
    await way.send("phone-0001")

    assert way.shown("phone-0002") == []


async def test_an_address_that_reaches_nobody_is_named(way: Way) -> None:
    assert await way.send("gone-0001") == Gone()


async def test_a_provider_may_ask_for_a_pause(way: Way) -> None:
    outcome = await way.send("busy-0001")

    assert isinstance(outcome, Later)
    assert outcome.after >= timedelta(seconds=30)


async def test_what_a_provider_will_never_take_is_named(way: Way) -> None:
    assert isinstance(await way.send("bad-0001"), Rejected)


async def test_a_provider_without_an_answer_is_unreachable(way: Way) -> None:
    with pytest.raises(Unreachable):
        await way.send("down-0001")


async def test_a_provider_that_does_not_know_us_is_no_fault_of_the_address(way: Way) -> None:
    with pytest.raises(Unauthorized):
        await way.send("locked-0001")


async def test_a_faulty_address_harms_no_other(way: Way) -> None:
    words = ("gone", "busy", "bad", "phone")

    outcomes = await asyncio.gather(*(way.send(f"{word}-0001") for word in words))

    assert outcomes[-1] == Sent()


async def test_whoever_checks_our_credentials_has_a_name(way: Way) -> None:
    phone = way.address("phone-0001")

    assert way.gateway.provider_of(phone) == way.gateway.provider_of(phone) != ""


async def test_a_gateway_that_let_go_takes_messages_again(way: Way) -> None:
    await way.send("phone-0001")
    await way.gateway.close()

    assert await way.send("phone-0001") == Sent()


# --- the recorded one ---------------------------------------------------------------------------


async def test_what_was_recorded_survives_a_restart(tmp_path: Path) -> None:
    phone = Address(AddressKind.RECORDED, "phone-0001")
    message = Message(new_id(), Urgency.NORMAL, timedelta(hours=1))
    await RecordedGateway(tmp_path).send(phone, message)

    assert len(await RecordedGateway(tmp_path).arrived("phone-0001")) == 1


def test_the_recorded_gateway_refuses_production(tmp_path: Path) -> None:
    with pytest.raises(RefusedInProduction):
        RecordedGateway(tmp_path, is_production=True)
