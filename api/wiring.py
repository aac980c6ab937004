"""The composition root: settings become engines; the only module that names adapters."""

import asyncio
from dataclasses import dataclass

from api import reactions
from core import relay
from core.blobs.files import FileBlobs
from core.blobs.port import Blobs
from core.bus.local import LocalBus
from core.bus.port import Bus
from core.clock import Clock, utc_now
from core.config import Settings
from core.db import Database
from core.door import Door
from core.sandbox import Sandbox
from core.supervise import run_for_ever
from core.worker import Handler, Worker


@dataclass(frozen=True, slots=True)
class Engines:
    """The real parts behind every port."""

    settings: Settings
    db: Database
    door: Door
    bus: Bus
    blobs: Blobs
    sandbox: Sandbox


def embedded(settings: Settings, *, clock: Clock = utc_now) -> Engines:
    """Choose the parts for one machine: embedded database, local files, in-process bus."""
    settings.data.mkdir(parents=True, exist_ok=True)
    db = Database(settings.database, clock=clock, listeners=(reactions.react,))
    return Engines(
        settings=settings,
        db=db,
        door=Door(settings, db),
        bus=LocalBus(),
        blobs=FileBlobs(settings.data / "blobs"),
        sandbox=Sandbox(settings.sandbox),
    )


async def work(engines: Engines) -> None:
    """Do the work behind the API until cancelled: the relay and the jobs."""
    worker = Worker(engines.db, handlers(engines))
    async with asyncio.TaskGroup() as group:
        group.create_task(run_for_ever("relay", lambda: relay.run(engines.db, engines.bus)))
        group.create_task(run_for_ever("jobs", worker.run))


def handlers(_: Engines) -> dict[str, Handler]:
    """Say which flow runs which kind of job."""
    return {}
