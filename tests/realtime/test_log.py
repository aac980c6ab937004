"""The log as phones read it: what the ORM would say, past the ORM, on both databases."""

from core import streams
from core.db import Database
from realtime.log import DatabaseLog, Mark
from tests.support.facts import Rang

ROOM = "room:1"


async def ring(db: Database, times: int) -> None:
    for number in range(times):
        async with db.begin() as tx:
            tx.emit(Rang(number=number, rooms=(ROOM,)))


async def test_sockets_read_the_same_entries_as_everybody_else(db: Database) -> None:
    await ring(db, 5)

    for after in range(6):
        read = await DatabaseLog(db).read_after(ROOM, after, limit=3)

        async with db.read() as view:
            assert read == await streams.read_after(view.session, ROOM, after, limit=3)


async def test_their_bytes_are_the_same_too(db: Database) -> None:
    await ring(db, 2)

    read = await DatabaseLog(db).read_after(ROOM, 0, limit=10)

    async with db.read() as view:
        told = await streams.read_after(view.session, ROOM, 0)
    assert [one.frame() for one in read] == [one.frame() for one in told]


async def test_a_mark_is_where_the_stream_stands(db: Database) -> None:
    log = DatabaseLog(db)
    before = await log.mark(ROOM)
    await ring(db, 3)

    async with db.read() as view:
        head = await streams.head(view.session, ROOM)
    assert await log.mark(ROOM) == Mark(before.epoch, 3) == Mark(str(head.epoch), head.seq)


async def test_the_first_entry_behind_a_place_is_named_or_nothing_is(db: Database) -> None:
    await ring(db, 3)

    assert [await DatabaseLog(db).first_after(ROOM, seen) for seen in range(4)] == [1, 2, 3, None]
