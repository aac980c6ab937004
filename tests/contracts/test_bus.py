"""What every bus must do. An adapter is done when this passes for it."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from core import mailbox
from core.bus.local import LocalBus
from core.bus.port import LOST, Bus, Heard, Wake
from tests.support.brokers import Broker, broker
from tests.support.buses import running, take, take_until, until_they_hear_each_other

FIRST, SECOND, LAST = (Wake("room:1", n, b"{}") for n in (1, 2, 1000))


@dataclass
class Way:
    """From the process that publishes to the process that subscribes."""

    here: Bus
    there: Bus


@asynccontextmanager
async def in_one_process() -> AsyncGenerator[Way]:
    bus = LocalBus()
    yield Way(bus, bus)


@pytest.fixture(scope="module")
def server() -> Iterator[Broker]:
    with broker() as running:
        yield running


@pytest.fixture(params=["local", "nats, one process", "nats, two processes"])
async def way(request: pytest.FixtureRequest) -> AsyncGenerator[Way]:
    if request.param == "local":
        async with in_one_process() as local:
            yield local
        return
    processes = 2 if "two" in request.param else 1
    async with running(request.getfixturevalue("server").url, processes) as buses:
        await until_they_hear_each_other(buses)
        yield Way(buses[0], buses[-1])


async def test_every_subscriber_hears_every_message_in_order(way: Way) -> None:
    async with way.there.subscribe() as one, way.there.subscribe() as other:
        way.here.publish(FIRST)
        way.here.publish(SECOND)

        for messages in (one, other):
            assert await take(messages, 2) == [FIRST, SECOND]


async def test_the_publisher_hears_itself_once(way: Way) -> None:
    async with way.here.subscribe() as messages, way.there.subscribe() as others:
        way.here.publish(FIRST)
        await take(others, 1)
        way.here.publish(SECOND)

        assert await take(messages, 2) == [FIRST, SECOND]


async def test_a_late_subscriber_hears_only_what_follows(way: Way) -> None:
    async with way.there.subscribe() as messages:
        way.here.publish(FIRST)
        await take(messages, 1)
    async with way.there.subscribe() as messages:
        way.here.publish(SECOND)

        assert await take(messages, 1) == [SECOND]


async def test_an_ephemeral_frame_has_no_position(way: Way) -> None:
    passing = Wake("peer:1@room:1", None, "{\n tiếng Việt \x00".encode())
    async with way.there.subscribe() as messages:
        way.here.publish(passing)

        assert await take(messages, 1) == [passing]


async def test_a_bare_wake_and_a_loss_are_passed_on(way: Way) -> None:
    bare = Wake("room:1", 7, b"")
    async with way.there.subscribe() as messages:
        way.here.publish(bare)
        way.here.publish(LOST)

        assert await take(messages, 2) == [bare, LOST]


async def test_a_burst_arrives_whole_and_in_order(way: Way) -> None:
    burst: list[Heard] = [Wake("room:1", n, b"x" * 200) for n in range(20_000)]
    async with way.there.subscribe() as messages:
        for wake in burst:
            way.here.publish(wake)

        assert await take(messages, len(burst)) == burst


async def test_a_subscriber_that_leaves_is_forgotten_and_disturbs_nobody(way: Way) -> None:
    async with way.there.subscribe() as staying:
        async with way.there.subscribe() as leaving:
            way.here.publish(FIRST)
            await take(leaving, 1)
        way.here.publish(SECOND)

        assert await take(staying, 2) == [FIRST, SECOND]


async def test_a_subscriber_that_does_not_read_takes_bounded_memory_and_learns_of_its_loss(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "MOST_WAITING", 100_000)
    async with way.there.subscribe() as reading, way.there.subscribe() as stuck:
        for number in range(1000):
            way.here.publish(Wake("room:1", number, b"x" * 1000))
            if number % 20 == 0:
                await asyncio.sleep(0)
        way.here.publish(LAST)
        await take_until(reading, LAST)

        heard = await take_until(stuck, LAST)

    assert LOST in heard
    assert len(heard) <= 100


async def test_nobody_need_listen(way: Way) -> None:
    way.here.publish(FIRST)
