"""A job has one name, once and for all."""

from datetime import timedelta

from core.db import Database
from core.jobs import Job, enqueue_once
from tests.support.answers import rows


async def test_a_job_that_is_there_already_is_left_as_it_is(db: Database) -> None:
    for number in range(2):
        async with db.begin() as tx:
            due = tx.now + timedelta(hours=number)
            job = Job(
                kind="tidy", key="today", payload={"number": number}, next_at=due,
                created_at=tx.now,
            )  # fmt: skip
            await enqueue_once(tx.session, job)

    assert [one.payload for one in await rows(db, Job)] == [{"number": 0}]
