"""The log: what commits is in it once, in order and without gaps; what fails is not."""

import asyncio

import pytest
from sqlmodel import select

from core import streams
from core.db import Database
from core.streams import Fact
from tests.support.facts import Rang


async def ring(db: Database, number: int, *rooms: str) -> None:
    async with db.begin() as tx:
        tx.emit(Rang(number=number, rooms=rooms or ("room:1",)))


async def positions(db: Database, stream: str, after: int = 0) -> list[tuple[int, int]]:
    async with db.read() as view:
        entries = await streams.read_after(view.session, stream, after)
    return [(entry.seq, entry.body["number"]) for entry in entries]


async def test_a_stream_grows_by_one_for_each_fact(db: Database) -> None:
    await ring(db, 7)
    await ring(db, 8)

    assert await positions(db, "room:1") == [(1, 7), (2, 8)]


async def test_facts_of_one_transaction_keep_their_order(db: Database) -> None:
    async with db.begin() as tx:
        for number in range(5):
            tx.emit(Rang(number=number))

    assert await positions(db, "room:1") == [(n + 1, n) for n in range(5)]


async def test_a_reader_resumes_behind_what_it_has_seen(db: Database) -> None:
    for number in range(4):
        await ring(db, number)

    assert await positions(db, "room:1", after=2) == [(3, 2), (4, 3)]


async def test_each_stream_counts_for_itself(db: Database) -> None:
    await ring(db, 1, "room:a")
    await ring(db, 2, "room:a", "room:b")

    assert await positions(db, "room:a") == [(1, 1), (2, 2)]
    assert await positions(db, "room:b") == [(1, 2)]


async def test_a_fact_heard_by_two_streams_is_stored_once(db: Database) -> None:
    await ring(db, 1, "room:a", "room:b")

    async with db.read() as view:
        assert len((await view.session.exec(select(Fact))).all()) == 1


async def test_what_rolls_back_leaves_neither_fact_nor_gap(db: Database) -> None:
    await ring(db, 1)
    with pytest.raises(ZeroDivisionError):
        async with db.begin() as tx:
            tx.emit(Rang(number=2))
            raise ZeroDivisionError

    await ring(db, 3)

    assert await positions(db, "room:1") == [(1, 1), (2, 3)]


async def test_parallel_writers_leave_no_gap_and_meet_in_no_circle(db: Database) -> None:
    await asyncio.gather(*(ring(db, n, "room:a", "room:b") for n in range(20)),
                         *(ring(db, n, "room:b", "room:a") for n in range(20)))  # fmt: skip

    for stream in ("room:a", "room:b"):
        assert [seq for seq, _ in await positions(db, stream)] == list(range(1, 41))


async def test_a_stream_nobody_wrote_to_stands_at_zero(db: Database) -> None:
    async with db.read() as view:
        assert (await streams.head(view.session, "room:none")).seq == 0


async def test_the_frame_of_an_entry_is_the_same_for_everybody(db: Database) -> None:
    await ring(db, 1)

    async with db.read() as view:
        first = (await streams.read_after(view.session, "room:1", 0))[0].frame()
        again = (await streams.read_after(view.session, "room:1", 0))[0].frame()

    assert first == again
    assert first.startswith(b'{"t":"ev","s":"room:1","q":1,')
