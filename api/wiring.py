"""The composition root: settings become engines; the only module that names adapters."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from api import reactions
from api.documents.desk import Desk
from api.documents.verifier import Verifier
from api.gate import CapabilityGate, follow_revocations
from api.lookup import flows as lookup
from api.lookup.index.port import Index
from api.lookup.index.postgres_fts import PostgresFtsIndex
from api.lookup.index.sqlite_fts import SqliteFtsIndex
from api.people import tries
from api.signing import flows as signing
from api.signing.flows import Tools
from api.signing.mssp.simulated import SimulatedMssp
from api.signing.mssp.simulated_ca import SimulatedCa
from api.signing.seal.simulated import SimulatedSeal
from core import housekeeping, idempotency, relay, sessions
from core.blobs.files import FileBlobs
from core.blobs.port import Blobs
from core.bus.local import LocalBus
from core.bus.port import Bus
from core.clock import Clock, utc_now
from core.config import Settings
from core.db import Database
from core.door import Door
from core.errors import RefusedInProduction
from core.sandbox import Sandbox
from core.supervise import run_for_ever
from core.worker import Handler, Worker
from push import digest
from push import service as push
from push.dispatcher import Dispatcher
from push.gateway.recorded import RecordedGateway
from realtime.connection import Realtime
from realtime.hub import Hub
from realtime.limits import Limits
from realtime.log import DatabaseLog

#: What drops rows that nobody can use any more.
CHORES = (idempotency.forget_old, sessions.forget_old, tries.forget_old)


@dataclass(frozen=True, slots=True)
class Engines:
    """The real parts behind every port."""

    settings: Settings
    db: Database
    door: Door
    bus: Bus
    blobs: Blobs
    sandbox: Sandbox
    desk: Desk
    index: Index
    verify: Verifier | None
    signing: Tools
    recorded: RecordedGateway
    realtime: Realtime


def embedded(settings: Settings, *, clock: Clock = utc_now) -> Engines:
    """Choose the parts for one machine: embedded database, local files, in-process bus."""
    must_be_allowed(settings)
    settings.data.mkdir(parents=True, exist_ok=True)
    bus = LocalBus()
    db = Database(
        settings.database,
        clock=clock,
        listeners=(reactions.react, push.note),
        tell=partial(relay.tell, bus),
    )
    blobs = FileBlobs(settings.data / "blobs")
    sandbox = Sandbox(settings.sandbox)
    desk = Desk(settings.data / "desk")
    mssp, seal = simulated_operator(settings, clock=clock)
    tools = Tools(db, blobs, sandbox, desk, mssp, seal, settings.trust)
    return Engines(
        settings=settings,
        db=db,
        door=Door(settings, db),
        bus=bus,
        blobs=blobs,
        sandbox=sandbox,
        desk=desk,
        index=_index_of(db),
        verify=partial(signing.verify, tools),
        signing=tools,
        recorded=RecordedGateway(settings.data / "simulated-push"),
        realtime=_realtime(db, bus, clock),
    )


def simulated_operator(
    settings: Settings, *, clock: Clock = utc_now
) -> tuple[SimulatedMssp, SimulatedSeal]:
    """Return the simulated SIM operator and the simulated seal: real keys of a demo authority."""
    folder = settings.data / "simulated-operator"
    authority = SimulatedCa(folder / "authority", settings.is_production, clock)
    delay = timedelta(seconds=settings.signing.simulated_delay)
    return SimulatedMssp(folder / "prompts", authority, delay, clock), SimulatedSeal(authority)


def _realtime(db: Database, bus: Bus, clock: Clock) -> Realtime:
    log, limits = DatabaseLog(db), Limits()
    hub = Hub(log, bus, limits, clock=clock)
    return Realtime(CapabilityGate(db), log, hub, limits, clock)


def must_be_allowed(settings: Settings) -> None:
    """Refuse simulated parts in production."""
    if settings.is_production:
        raise RefusedInProduction(part="simulated operator, seal and push provider")


def sweep(settings: Settings) -> None:
    """Remove the half-made files that a killed server left; only who holds the folder may."""
    Desk(settings.data / "desk").sweep()
    FileBlobs(settings.data / "blobs").sweep()


def _index_of(db: Database) -> Index:
    """Choose the index that lies in the same database as the documents."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    return SqliteFtsIndex() if is_sqlite else PostgresFtsIndex()


async def work(engines: Engines) -> None:
    """Do the work behind the API until cancelled: the jobs, the push, the housekeeping."""
    worker, sender = Worker(engines.db, handlers(engines)), dispatcher(engines)
    if engines.settings.is_embedded:  # whoever leased anything before is dead
        await worker.reclaim()
        await sender.reclaim()
    async with asyncio.TaskGroup() as group:
        group.create_task(run_for_ever("jobs", worker.run))
        group.create_task(run_for_ever("push", sender.run))
        tidy = partial(housekeeping.run, engines.db, CHORES)
        group.create_task(run_for_ever("housekeeping", tidy))


async def listen(engines: Engines) -> None:
    """Pass on to this process's sockets what the bus tells, until cancelled."""
    hub = engines.realtime.hub
    follow = partial(follow_revocations, engines.bus, hub, engines.door)
    async with asyncio.TaskGroup() as group:
        group.create_task(run_for_ever("sockets", hub.run))
        group.create_task(run_for_ever("revocations", follow))


def dispatcher(engines: Engines) -> Dispatcher:
    """Return what sends due messages to phones."""
    return Dispatcher(engines.db, {engines.recorded.kind: engines.recorded})


def handlers(engines: Engines) -> dict[str, Handler]:
    """Say which flow runs which kind of job."""
    return {
        "signing.collect": partial(signing.collect, engines.signing),
        "signing.supersede": partial(signing.supersede, engines.signing),
        "lookup.index": partial(lookup.follow, engines.db, engines.index),
        push.DIGEST_JOB: partial(digest.run, engines.db),
    }
