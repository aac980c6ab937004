"""The relay: every committed fact reaches the bus, in the order of its stream."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from typing_extensions import override

from core import relay
from core.bus.local import LocalBus
from core.bus.port import Wake
from core.db import Database
from tests.support.facts import Rang


class BrokenBus(LocalBus):
    """Loses its connection at the first message."""

    @override
    async def publish(self, wake: Wake) -> None:
        raise ConnectionError(wake.stream)


async def ring(db: Database, *numbers: int) -> None:
    async with db.begin() as tx:
        for number in numbers:
            tx.emit(Rang(number=number))


async def take(messages: AsyncIterator[Wake], count: int) -> list[Wake]:
    async with asyncio.timeout(5):
        return [await anext(messages) for _ in range(count)]


async def test_facts_reach_the_bus_in_order(db: Database) -> None:
    bus = LocalBus()
    await ring(db, 1, 2, 3)

    async with bus.subscribe() as messages:
        assert await relay.relay_waiting(db, bus) == 3
        heard = await take(messages, 3)

    assert [(wake.stream, wake.seq) for wake in heard] == [("room:1", n) for n in (1, 2, 3)]


async def test_relaying_twice_publishes_once(db: Database) -> None:
    await ring(db, 1)

    assert await relay.relay_waiting(db, LocalBus()) == 1
    assert await relay.relay_waiting(db, LocalBus()) == 0


async def test_a_broken_bus_loses_nothing(db: Database) -> None:
    await ring(db, 1)

    with pytest.raises(ConnectionError):
        await relay.relay_waiting(db, BrokenBus())

    assert await relay.relay_waiting(db, LocalBus()) == 1


async def test_a_running_relay_is_woken_by_a_commit(db: Database) -> None:
    bus = LocalBus()
    running = asyncio.create_task(relay.run(db, bus))

    async with bus.subscribe() as messages:
        await ring(db, 1)
        heard = await take(messages, 1)

    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert heard[0].seq == 1
