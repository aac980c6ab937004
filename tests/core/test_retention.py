"""What can no more be resumed is dropped, from the oldest end, and never sooner than promised."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from core import retention, streams
from core.db import Database
from core.ids import new_id
from core.retention import KEEP, Trimming, by_age
from core.streams import Fact, StreamEntry
from realtime.log import DatabaseLog
from realtime.positions import Found, lost
from tests.support.answers import rows
from tests.support.clock import Clock
from tests.support.facts import Rang

DAY = timedelta(days=1)


async def ring(db: Database, *rooms: str, times: int = 1) -> None:
    for _ in range(times):
        async with db.begin() as tx:
            tx.emit(Rang(rooms=rooms))


async def places(db: Database, stream: str) -> list[int]:
    mine = select(StreamEntry.seq).where(StreamEntry.stream == stream)
    async with db.read() as view:
        return list((await view.session.exec(mine.order_by(col(StreamEntry.seq)))).all())


async def trim(db: Database, trimming: Trimming) -> None:
    async with db.begin() as tx:
        await trimming(tx)


async def test_what_is_older_than_thirty_days_goes_and_its_facts_stay(
    db: Database, clock: Clock
) -> None:
    mine, paper = f"user:{new_id()}", f"document:{new_id()}"
    await ring(db, mine, paper, times=2)
    clock.tick(29 * DAY)
    await ring(db, mine, times=2)
    clock.tick(DAY)
    await trim(db, Trimming("user", by_age))
    assert await places(db, mine) == [1, 2, 3, 4]

    clock.tick(timedelta(seconds=1))
    await trim(db, Trimming("user", by_age))

    assert await places(db, mine) == [3, 4]
    assert await places(db, paper) == [1, 2]
    assert len(await rows(db, Fact)) == 4


async def test_a_phone_that_comes_too_late_is_told_so_and_others_resume(
    db: Database, clock: Clock
) -> None:
    mine, log = f"user:{new_id()}", DatabaseLog(db)
    await ring(db, mine, times=3)
    clock.tick(31 * DAY)
    await ring(db, mine)
    await trim(db, Trimming("user", by_age))

    async def answer(seen: int) -> str | None:
        mark = await log.mark(mine)
        found = Found(mark.epoch, mark.seq, await log.first_after(mine, seen))
        return lost((mark.epoch, seen), found, most=1000)

    assert [await answer(seen) for seen in range(5)] == ["trimmed"] * 3 + [None, None]


async def test_the_next_event_takes_the_next_place_though_all_are_gone(
    db: Database, clock: Clock
) -> None:
    mine = f"user:{new_id()}"
    await ring(db, mine, times=3)
    clock.tick(31 * DAY)
    await trim(db, Trimming("user", by_age))

    await ring(db, mine)

    assert await places(db, mine) == [4]


async def test_every_stream_has_its_turn(
    db: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "STREAMS", 2)
    people = [f"user:{new_id()}" for _ in range(5)]
    await ring(db, *people)
    clock.tick(31 * DAY)
    trimming = Trimming("user", by_age)

    for _ in range(3):
        await trim(db, trimming)

    assert [await places(db, stream) for stream in people] == [[]] * 5


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ages=st.lists(st.integers(0, 40), min_size=1, max_size=8), most=st.integers(1, 3))
async def test_what_is_kept_is_the_young_end_whole(
    db: Database, clock: Clock, ages: list[int], most: int
) -> None:
    """Even where one commit overtook another, so that the moments are not quite in order."""
    mine, now = f"user:{new_id()}", clock.now
    for age in ages:
        clock.now = now - age * DAY
        await ring(db, mine)
    clock.now = now
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retention, "ENTRIES", most)
        await trim(db, Trimming("user", by_age))

    kept = await places(db, mine)

    gone = ages[: len(ages) - len(kept)]
    assert kept == list(range(len(gone) + 1, len(ages) + 1))
    assert all(age * DAY > KEEP["user"] for age in gone)


async def test_after_a_restore_no_position_counts(db: Database) -> None:
    mine, log = f"user:{UUID(int=1)}", DatabaseLog(db)
    await ring(db, mine, times=2)
    before = await log.mark(mine)

    async with db.begin() as tx:
        assert await streams.begin_anew(tx.session) == 1

    after = await log.mark(mine)
    assert after.seq == before.seq
    assert lost((before.epoch, 2), Found(after.epoch, after.seq), most=1000) == "epoch"
