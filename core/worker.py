"""The worker: runs jobs that are due, with leases and retries.

It leases a job, runs its handler outside any transaction and notes the outcome. While the handler
runs the lease is renewed; a crash lets it run out and the job runs again, so every handler must be
able to start anew. A worker that was away for longer than its lease notes nothing any more.
"""

import asyncio
import random
from collections.abc import Callable, Coroutine, Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy
import structlog
from sqlmodel import col, select, update
from sqlmodel.sql.sqltypes import UTCDateTime

from core.db import Database
from core.jobs import Job, JobState
from core.reads import HotRead, given

LEASE = timedelta(seconds=60)
RENEW_SECONDS = 20.0
POLL_SECONDS = 1.0
MAX_ATTEMPTS = 12
_log = structlog.get_logger()


class RunAgain(Exception):
    """Raised by a handler whose work goes on later."""

    def __init__(self, after: timedelta) -> None:
        super().__init__()
        self.after = after


Handler = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]


class Worker:
    """Runs due jobs until it is cancelled."""

    def __init__(self, db: Database, handlers: Mapping[str, Handler], *, parallel: int = 4) -> None:
        self._db = db
        self._handlers = handlers
        self._parallel = parallel
        #: Asked after every commit, mostly in vain: so it is a hot read.
        self._anything_due = HotRead(
            sqlalchemy.select(col(Job.id))
            .where(
                col(Job.state) == JobState.WAITING, col(Job.next_at) <= given("now", UTCDateTime())
            )
            .where(col(Job.kind).in_(sorted(handlers)))
            .limit(1)
        )

    async def run(self) -> None:
        """Work for ever: woken by commits, and by a poll for what another process left."""
        async with self._db.commits() as committed, asyncio.TaskGroup() as group:
            for _ in range(self._parallel):
                group.create_task(self._loop(committed))

    async def reclaim(self) -> None:
        """Take back what a killed process had leased; only a worker that works alone may."""
        async with self._db.begin() as tx:
            waiting = update(Job).where(col(Job.state) == JobState.WAITING, col(Job.attempt) > 0)
            await tx.session.exec(waiting.values(next_at=tx.now))

    async def run_due(self) -> int:
        """Run what is due now, one after the other, and return how many jobs that were."""
        count = 0
        while await self._step():
            count += 1
        return count

    async def _loop(self, committed: asyncio.Event) -> None:
        while True:
            committed.clear()
            if not await self._step():
                try:
                    async with asyncio.timeout(POLL_SECONDS):
                        await committed.wait()
                except TimeoutError:
                    pass

    async def _step(self) -> bool:
        job = await self._lease()
        if job is None:
            return False
        try:
            await self._hold(job, self._handlers[job.kind](job.payload))
        except RunAgain as later:
            await self._note(job, attempt=0, next_at=self._db.clock() + later.after)
        except asyncio.CancelledError:  # we stop: another one may begin at once
            await asyncio.shield(self._note(job, attempt=job.attempt - 1, next_at=self._db.clock()))
            raise
        except Exception as error:  # noqa: BLE001 - whatever a handler raises, the job is kept
            await self._failed(job, error)
        else:
            await self._note(job, state=JobState.DONE)
        return True

    async def _hold(self, job: Job, work: Coroutine[Any, Any, None]) -> None:
        """Run `work`, and keep the job's lease as long as that takes."""
        running = asyncio.ensure_future(work)
        try:
            while not running.done():
                await asyncio.wait([running], timeout=RENEW_SECONDS)
                if not running.done() and not await self._renew(job):
                    _log.warning("job.lost", kind=job.kind, job=str(job.id))
                    running.cancel()
                    return
            running.result()
        finally:
            running.cancel()

    async def _renew(self, job: Job) -> bool:
        until = self._db.clock() + LEASE
        renewed = await self._note(job, next_at=until)
        job.next_at = until
        return renewed

    async def _lease(self) -> Job | None:
        now = self._db.clock()
        if not await self._db.rows(self._anything_due, now=now):
            return None
        due = (
            select(Job)
            .where(col(Job.state) == JobState.WAITING, col(Job.next_at) <= now)
            .where(col(Job.kind).in_(list(self._handlers)))
            .order_by(col(Job.next_at))
            .limit(1)
        )
        async with self._db.begin() as tx:
            job = (await tx.session.exec(due.with_for_update(skip_locked=True))).first()
            if job is not None:
                job.attempt += 1
                job.next_at = now + LEASE
        return job

    async def _failed(self, job: Job, error: Exception) -> None:
        _log.warning("job.failed", kind=job.kind, job=str(job.id), error=type(error).__name__)
        dead = job.attempt >= MAX_ATTEMPTS
        pause = random.uniform(0.2, min(600.0, 0.5 * 2**job.attempt))  # noqa: S311 - jitter
        await self._note(
            job,
            state=JobState.DEAD if dead else JobState.WAITING,
            next_at=self._db.clock() + timedelta(seconds=pause),
            error=f"{type(error).__name__}: {error}"[:300],
        )

    async def _note(self, job: Job, **values: Any) -> bool:
        """Note something of a job, if the lease is still ours; it is known by its end."""
        ours = update(Job).where(
            col(Job.id) == job.id,
            col(Job.state) == JobState.WAITING,
            col(Job.next_at) == job.next_at,
        )
        async with self._db.begin() as tx:
            return bool((await tx.session.exec(ours.values(**values))).rowcount)
