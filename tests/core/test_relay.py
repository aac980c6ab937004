"""The relay: what a transaction adds to the log reaches the bus right after its commit."""

import asyncio

import pytest

from core import relay, streams
from core.bus.local import LocalBus
from core.bus.port import LOST, Wake
from core.db import Database
from tests.support.facts import Rang


class Told:
    """Notes what a database tells."""

    def __init__(self, db: Database) -> None:
        self.wakes: list[Wake] = []
        self._db = db
        bus = LocalBus()
        bus.publish = self.wakes.append  # type: ignore[method-assign,assignment]
        db._tell = lambda entries: relay.tell(bus, entries)

    async def ring(self, *numbers: int, rooms: tuple[str, ...] = ("room:1",)) -> None:
        async with self._db.begin() as tx:
            for number in numbers:
                tx.emit(Rang(number=number, rooms=rooms))
            assert self.wakes == []


async def test_facts_are_told_in_the_order_of_their_streams(db: Database) -> None:
    told = Told(db)

    await told.ring(1, 2, rooms=("room:b", "room:a"))

    places = [(wake.stream, wake.seq) for wake in told.wakes]
    assert places == [("room:a", 1), ("room:b", 1), ("room:a", 2), ("room:b", 2)]


async def test_what_is_told_is_to_the_byte_what_the_log_gives(db: Database) -> None:
    told = Told(db)

    await told.ring(7)

    async with db.read() as view:
        (entry,) = await streams.read_after(view.session, "room:1", 0)
    assert told.wakes[0].data == entry.frame()


async def test_what_is_rolled_back_is_told_to_nobody(db: Database) -> None:
    told = Told(db)

    with pytest.raises(ZeroDivisionError):
        async with db.begin() as tx:
            tx.emit(Rang(number=1))
            raise ZeroDivisionError

    assert told.wakes == []


@pytest.mark.parametrize("heard", [Wake("room:1", 1, b"{}"), LOST])
async def test_a_commit_of_another_process_wakes_workers(db: Database, heard: Wake) -> None:
    bus = LocalBus()
    waking = asyncio.create_task(relay.wake_workers(db, bus))
    await asyncio.sleep(0)

    async with db.commits() as committed, asyncio.timeout(5):
        bus.publish(heard)
        await committed.wait()

    waking.cancel()
    await asyncio.gather(waking, return_exceptions=True)
