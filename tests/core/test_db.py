"""Where a transaction begins, ends and collides."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from core.actor import Actor
from core.audit import AuditRecord
from core.db import Database
from core.errors import Stale
from core.jobs import Job

SOMEBODY = Actor(id=uuid4(), agency_id=uuid4())


async def note(db: Database) -> None:
    async with db.begin() as tx:
        tx.audit(SOMEBODY, "test.tried", "door", how="gently")


async def job(db: Database) -> UUID:
    async with db.begin() as tx:
        made = Job(
            kind="test.work", key=str(uuid4()), payload={}, next_at=tx.now, created_at=tx.now
        )
        tx.session.add(made)
    return made.id


async def test_a_committed_record_is_read_again(db: Database) -> None:
    await note(db)

    async with db.read() as view:
        record = (await view.session.exec(select(AuditRecord))).one()
    assert (record.action, record.object_id, record.facts) == (
        "test.tried", "door", {"how": "gently"},
    )  # fmt: skip


@pytest.mark.parametrize(
    "change", ["UPDATE audit_record SET action = 'x'", "DELETE FROM audit_record"]
)
async def test_nothing_can_change_the_audit(db: Database, change: str) -> None:
    await note(db)

    with pytest.raises(DBAPIError, match="append-only"):
        async with db.begin() as tx:
            await (await tx.session.connection()).execute(text(change))


async def test_the_zone_survives_the_database(db: Database) -> None:
    await note(db)

    async with db.read() as view:
        record = (await view.session.exec(select(AuditRecord))).one()
    assert record.at == db.clock()
    assert record.at.tzinfo is not None


async def test_a_job_is_written_with_the_change_or_not_at_all(db: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with db.begin() as tx:
            tx.enqueue("test.work", "1", {})
            raise ZeroDivisionError

    async with db.read() as view:
        assert (await view.session.exec(select(Job))).all() == []


async def test_a_reader_is_not_held_up_by_a_writer(db: Database) -> None:
    await note(db)

    async with db.begin() as tx:
        tx.audit(SOMEBODY, "test.second", "door")
        await tx.session.flush()
        async with db.read() as view:
            assert len((await view.session.exec(select(AuditRecord))).all()) == 1


async def test_a_view_stays_as_it_was_whatever_is_committed_meanwhile(db: Database) -> None:
    await note(db)

    async with db.read() as view:
        before = (await view.session.exec(select(AuditRecord.at))).all()
        await note(db)
        after = (await view.session.exec(select(AuditRecord.at))).all()

    assert len(before) == len(after) == 1
    async with db.read() as view:
        assert len((await view.session.exec(select(AuditRecord.at))).all()) == 2


async def test_a_commit_wakes_who_waits_for_it(db: Database) -> None:
    async with db.commits() as committed:
        await note(db)

        assert committed.is_set()


@pytest.mark.engines
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_of_two_that_wait_for_each_other_one_is_told_so(db: Database) -> None:
    both = asyncio.Barrier(2)
    first, second = await job(db), await job(db)

    async def lock(*these: UUID) -> None:
        async with db.begin() as tx:
            for each in these:
                await tx.session.get_one(Job, each, with_for_update=True)
                if each == these[0]:
                    await both.wait()

    ended = await asyncio.gather(lock(first, second), lock(second, first), return_exceptions=True)

    assert [type(one) for one in ended if one is not None] == [Stale]
