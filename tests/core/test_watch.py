"""The watch at the door: every process hears once of each one who is shut out."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from sqlmodel import update

from core import relay, watch
from core.bus.local import LocalBus
from core.bus.port import LOST
from core.db import Database, tell_nobody
from core.events import DOOR
from core.ids import new_id
from core.streams import Entry, Stream
from core.watch import Watch
from tests.support.facts import Rang
from tests.support.waiting import until


async def shut_out(db: Database, *numbers: int) -> None:
    for number in numbers:
        async with db.begin() as tx:
            tx.emit(Rang(number=number, rooms=(DOOR, "user:1")))


class Node:
    """A process that watches the door."""

    def __init__(self, db: Database, bus: LocalBus) -> None:
        self.heard: list[int] = []
        self.watch = Watch(db, bus, self._note)

    async def _note(self, entry: Entry) -> None:
        self.heard.append(entry.body["number"])

    @asynccontextmanager
    async def watching(self) -> AsyncGenerator[None]:
        await self.watch.begin()
        running = asyncio.create_task(self.watch.run())
        await asyncio.sleep(0)
        yield
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
def bus(db: Database) -> LocalBus:
    bus = LocalBus()
    db._tell = lambda entries: relay.tell(bus, entries)
    return bus


async def test_every_process_hears_of_each_one_once_and_in_order(
    db: Database, bus: LocalBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "LOOK_SECONDS", 3600)
    nodes = [Node(db, bus), Node(db, bus)]
    async with nodes[0].watching(), nodes[1].watching():
        await shut_out(db, 1, 2, 3)

        await until(lambda: all(node.heard == [1, 2, 3] for node in nodes))


@pytest.mark.parametrize("bus_says_so", [True, False])
async def test_what_the_bus_lost_is_seen_at_the_next_look(
    db: Database, bus: LocalBus, *, bus_says_so: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "LOOK_SECONDS", 3600 if bus_says_so else 0.01)
    node = Node(db, bus)
    async with node.watching():
        db._tell = tell_nobody
        await shut_out(db, 1, 2)
        if bus_says_so:
            bus.publish(LOST)

        await until(lambda: node.heard == [1, 2])


async def test_what_was_before_is_not_told_again(db: Database, bus: LocalBus) -> None:
    await shut_out(db, 1)
    node = Node(db, bus)
    async with node.watching():
        await shut_out(db, 2)

        await until(lambda: node.heard == [2])


async def test_after_a_restored_backup_everything_is_told_anew(db: Database, bus: LocalBus) -> None:
    await shut_out(db, 1, 2)
    node = Node(db, bus)
    await node.watch.begin()
    async with db.begin() as tx:
        await tx.session.exec(update(Stream).values(epoch=new_id()))

    await node.watch.look()
    await node.watch.look()

    assert node.heard == [1, 2]


async def test_a_database_that_is_away_for_a_moment_ends_no_watch(
    db: Database,
    bus: LocalBus,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.01)
    node, looks = Node(db, bus), 0
    look = node.watch.look

    async def fail_twice() -> None:
        nonlocal looks
        looks += 1
        if looks <= 2:
            raise ConnectionError
        await look()

    monkeypatch.setattr(node.watch, "look", fail_twice)
    async with node.watching():
        await shut_out(db, 1)

        await until(lambda: node.heard == [1])
    assert looks > 2
    assert capsys.readouterr().out.count("door.look_failed") == 1
