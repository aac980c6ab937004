"""Jobs: run after the commit, again after a failure, never twice at once, never lost."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from core import worker as jobs
from core.db import Database
from core.jobs import Job, JobState
from core.worker import LEASE, MAX_ATTEMPTS, RunAgain, Worker
from tests.support.clock import Clock
from tests.support.waiting import until_found


class Deed:
    """A handler that does as it is told, once for each thing it was told."""

    def __init__(self, *outcomes: Exception | None) -> None:
        self.seen: list[dict[str, Any]] = []
        self._outcomes = list(outcomes)

    async def __call__(self, payload: dict[str, Any]) -> None:
        self.seen.append(payload)
        outcome = self._outcomes.pop(0) if self._outcomes else None
        if outcome is not None:
            raise outcome


async def want(db: Database, key: str = "1") -> None:
    async with db.begin() as tx:
        tx.enqueue("test.deed", key, {"key": key})


async def the_job(db: Database) -> Job:
    async with db.read() as view:
        return (await view.session.exec(select(Job))).one()


async def test_a_job_runs_once_and_is_done(db: Database) -> None:
    deed = Deed()
    await want(db)

    worker = Worker(db, {"test.deed": deed})
    assert (await worker.run_due(), await worker.run_due()) == (1, 0)

    assert deed.seen == [{"key": "1"}]
    assert (await the_job(db)).state is JobState.DONE


async def test_a_failed_job_runs_again_after_a_pause(db: Database, clock: Clock) -> None:
    deed = Deed(OSError("away"))
    worker = Worker(db, {"test.deed": deed})
    await want(db)

    await worker.run_due()
    clock.tick(timedelta(minutes=1))
    await worker.run_due()

    assert len(deed.seen) == 2
    assert (await the_job(db)).state is JobState.DONE


async def test_a_job_that_always_fails_is_kept_as_dead_with_its_reason(
    db: Database, clock: Clock
) -> None:
    worker = Worker(db, {"test.deed": Deed(*[OSError("away")] * 50)})
    await want(db)

    for _ in range(MAX_ATTEMPTS + 3):
        await worker.run_due()
        clock.tick(timedelta(hours=1))

    job = await the_job(db)
    assert (job.state, job.attempt, job.error) == (JobState.DEAD, MAX_ATTEMPTS, "OSError: away")


async def test_work_that_goes_on_later_never_dies_of_patience(db: Database, clock: Clock) -> None:
    deed = Deed(*[RunAgain(timedelta(seconds=1))] * 40)
    worker = Worker(db, {"test.deed": deed})
    await want(db)

    for _ in range(41):
        await worker.run_due()
        clock.tick(timedelta(seconds=1))

    assert len(deed.seen) == 41
    assert (await the_job(db)).state is JobState.DONE


async def test_a_job_whose_worker_died_is_leased_anew(db: Database, clock: Clock) -> None:
    await want(db)
    died = Worker(db, {"test.deed": Deed()})
    await died._lease()
    deed = Deed()
    alive = Worker(db, {"test.deed": deed})

    assert await alive.run_due() == 0
    clock.tick(LEASE)
    assert await alive.run_due() == 1

    assert len(deed.seen) == 1


async def test_a_worker_that_works_alone_takes_back_what_a_dead_one_had_leased(
    db: Database,
) -> None:
    await want(db)
    deed = Deed()
    await Worker(db, {"test.deed": Deed()})._lease()
    alive = Worker(db, {"test.deed": deed})

    await alive.reclaim()

    assert await alive.run_due() == 1
    assert len(deed.seen) == 1


async def test_a_long_job_keeps_its_lease(
    db: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "RENEW_SECONDS", 0.01)
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def deed(_: dict[str, Any]) -> None:
        begun.set()
        await may_end.wait()

    async def is_renewed() -> bool:
        return (await the_job(db)).next_at == clock() + LEASE

    await want(db)
    working = asyncio.create_task(Worker(db, {"test.deed": deed}).run_due())
    await begun.wait()
    for _ in range(4):
        clock.tick(LEASE / 2)
        await until_found(is_renewed)

    assert await Worker(db, {"test.deed": Deed()}).run_due() == 0
    may_end.set()

    assert await working == 1
    assert (await the_job(db)).state is JobState.DONE


async def test_a_worker_that_lost_its_lease_stops_and_notes_nothing(
    db: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "RENEW_SECONDS", 0.01)
    begun, stopped = asyncio.Event(), asyncio.Event()

    async def hang(_: dict[str, Any]) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async def away(*_: object) -> bool:
        return True

    await want(db)
    slow = Worker(db, {"test.deed": hang})
    renew = slow._renew
    monkeypatch.setattr(slow, "_renew", away)  # it does not get to the database in time
    working = asyncio.create_task(slow.run_due())
    await begun.wait()
    clock.tick(LEASE)
    other = Deed()
    assert await Worker(db, {"test.deed": other}).run_due() == 1
    monkeypatch.setattr(slow, "_renew", renew)

    async with asyncio.timeout(10):
        await stopped.wait()
        await working

    job = await the_job(db)
    assert (job.state, job.attempt, len(other.seen)) == (JobState.DONE, 2, 1)


async def test_a_worker_that_is_stopped_lets_another_one_begin_at_once(db: Database) -> None:
    begun = asyncio.Event()

    async def hang(_: dict[str, Any]) -> None:
        begun.set()
        await asyncio.Event().wait()

    await want(db)
    stopping = asyncio.create_task(Worker(db, {"test.deed": hang}).run_due())
    await begun.wait()
    stopping.cancel()
    await asyncio.gather(stopping, return_exceptions=True)

    deed = Deed()
    assert await Worker(db, {"test.deed": deed}).run_due() == 1

    assert (await the_job(db)).attempt == 1
    assert len(deed.seen) == 1


async def test_two_workers_never_run_the_same_job_at_once(db: Database) -> None:
    deed = Deed()
    for number in range(20):
        await want(db, str(number))

    workers = [Worker(db, {"test.deed": deed}) for _ in range(4)]
    await asyncio.gather(*(worker.run_due() for worker in workers))

    assert sorted(int(seen["key"]) for seen in deed.seen) == list(range(20))


async def test_a_commit_wakes_a_running_worker(db: Database) -> None:
    ran = asyncio.Event()

    async def deed(_: dict[str, Any]) -> None:
        ran.set()

    running = asyncio.create_task(Worker(db, {"test.deed": deed}).run())
    await want(db)

    async with asyncio.timeout(10):
        await ran.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
