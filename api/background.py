"""What runs behind the API: the jobs, the push, the reading of scans, the housekeeping."""

import asyncio
from collections.abc import Sequence
from functools import partial
from uuid import UUID

from api.documents.reading import flows as reading
from api.lookup import flows as lookup
from api.lookup.offline import flows as offline
from api.lookup.saved import flows as saved
from api.meetings import jobs as meeting_jobs
from api.meetings import queries as meetings
from api.people import queries as people
from api.people import tries
from api.people.acting import scope_of
from api.people.sso import service as sign_ins
from api.signing import flows as signing
from api.signing.csc import service as csc_service
from api.signing.lists import flows as lists
from api.signing.longterm import flows as longterm
from api.tasks import flows as tasks
from api.tasks.rules import CLOCK_MOVES
from api.wiring import Engines
from api.words import words_of
from core import housekeeping, idempotency, relay, sessions
from core.db import ReadTx
from core.retention import Trimming, by_age
from core.supervise import run_for_ever
from core.worker import Handler, Worker
from push import digest, escalation
from push import service as push
from push.dispatcher import Dispatcher

#: What drops rows that nobody can use any more.
CHORES = (
    idempotency.forget_old,
    sessions.forget_old,
    tries.forget_old,
    sign_ins.forget_old,
    csc_service.forget_old,
    offline.forget_old,
)


async def work(engines: Engines) -> None:
    """Do the work behind the API until cancelled: the jobs, the push, the housekeeping."""
    worker, sender = Worker(engines.db, handlers(engines)), dispatcher(engines)
    if engines.settings.is_embedded:  # whoever leased anything before is dead
        await worker.reclaim()
        await sender.reclaim()
    async with asyncio.TaskGroup() as group:
        group.create_task(run_for_ever("jobs", worker.run))
        group.create_task(run_for_ever("push", sender.run))
        scans = partial(reading.read_scans, scan_tools(engines), engines.settings.ocr.workers)
        group.create_task(run_for_ever("scans", scans))
        trim = (Trimming("user", by_age), Trimming("room", meetings.room_over))
        group.create_task(lookup.catch_up(engines.db, engines.index))
        group.create_task(saved.catch_up(engines.db))
        tidy = partial(housekeeping.run, engines.db, (*CHORES, *trim))
        group.create_task(run_for_ever("housekeeping", tidy))


async def work_for_nodes(engines: Engines) -> None:
    """Do the work in a process of its own, woken by what the nodes commit, until cancelled."""
    awake = partial(relay.wake_workers, engines.db, engines.bus)
    async with asyncio.TaskGroup() as group:
        group.create_task(engines.bus.run())
        group.create_task(run_for_ever("commits of others", awake))
        group.create_task(work(engines))


async def listen(engines: Engines) -> None:
    """Pass on to this process's sockets what the bus tells, until cancelled."""
    async with asyncio.TaskGroup() as group:
        group.create_task(engines.bus.run())
        group.create_task(run_for_ever("sockets", engines.realtime.hub.run))
        group.create_task(run_for_ever("media", engines.realtime.stage.run))
        group.create_task(run_for_ever("texts", engines.texts.run))
        group.create_task(run_for_ever("endings", engines.endings.follow))


def scan_tools(engines: Engines) -> reading.Tools:
    """Return what the reading of scans needs."""
    return reading.Tools(engines.db, engines.blobs, engines.sandbox, engines.desk, engines.ocr)


def dispatcher(engines: Engines) -> Dispatcher:
    """Return what sends due messages to phones."""
    return Dispatcher(engines.db, engines.gateways, words_of)


async def _deputies_of(view: ReadTx, official_id: UUID, kind: str) -> Sequence[UUID]:
    return await people.deputies_of(view, official_id, scope_of(kind))


def handlers(engines: Engines) -> dict[str, Handler]:
    """Say which flow runs which kind of job."""
    alarms: dict[str, Handler] = {
        f"tasks.{move}": partial(tasks.keep_time, engines.db, move) for move in CLOCK_MOVES
    }
    for_meetings = meeting_jobs.handlers(engines.tapes, engines.secret_votes)
    return (
        alarms
        | for_meetings
        | {
            "signing.collect": partial(signing.collect, engines.signing),
            "signing.lengthen": partial(longterm.lengthen, engines.archive),
            "signing.renew": partial(longterm.renew, engines.archive),
            "signing.collect_list": partial(lists.collect, engines.signing),
            "signing.supersede": partial(signing.supersede, engines.db),
            "signing.end_withdrawn": partial(signing.end_withdrawn, engines.db),
            "signing.remind": partial(signing.remind, engines.db),
            "signing.lapse": partial(signing.lapse, engines.db),
            "lookup.index": partial(lookup.follow, engines.db, engines.index),
            lookup.WATCH: partial(saved.watch, engines.db),
            push.DIGEST_JOB: partial(digest.run, engines.db),
            push.ESCALATION_JOB: partial(escalation.run, engines.db, _deputies_of),
        }
    )
