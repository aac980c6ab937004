"""Parts that die at a chosen moment: before or after one of the calls that a flow waits for.

A process of its own is a worker that kills itself there, as a crash or the kernel would.
"""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NoReturn

from sqlmodel import col, select

from api import background, wiring
from api.signing.flows import Tools
from core.clock import utc_now
from core.config import Settings
from core.db import Database, Tx
from core.jobs import Job, JobState
from core.worker import Worker

KINDS = ("signing.collect", "signing.collect_list")
PARTS = ("blobs", "sandbox", "mssp", "remote")


@dataclass
class Fate:
    """Counts down to a death; each call has two moments: before it, and after it.

    Attributes:
        moments: how many are survived.
        die: ends it.
    """

    moments: int
    die: Callable[[], NoReturn]
    spent: int = 0

    def pass_by(self) -> None:
        """Live through one moment, or die in it; one dies once."""
        self.spent += 1
        if self.spent == self.moments + 1:
            self.die()


class Mortal:
    """Anything whose calls may be the last."""

    def __init__(self, inner: Any, fate: Fate) -> None:
        self._inner, self._fate = inner, fate

    def __getattr__(self, name: str) -> Any:
        found: Callable[..., Any] = getattr(self._inner, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            self._fate.pass_by()
            outcome = await found(*args, **kwargs)
            self._fate.pass_by()
            return outcome

        return call


class MortalDatabase:
    """A database whose commits may be the last that its process hears of."""

    def __init__(self, inner: Database, fate: Fate) -> None:
        self._inner, self._fate = inner, fate

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[Tx]:
        """Die before the commit, or after it."""
        async with self._inner.begin() as tx:
            yield tx
            self._fate.pass_by()
        self._fate.pass_by()


def mortal(tools: Tools, fate: Fate) -> Tools:
    """Return the tools with a fate."""
    parts: Any = {name: Mortal(getattr(tools, name), fate) for name in PARTS}
    parts["db"] = MortalDatabase(tools.db, fate)
    return replace(tools, **parts)


def kill() -> NoReturn:
    """End this process as nothing can be caught or cleaned up after."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise SystemExit  # not reached


async def work(folder: Path, url: str, moments: int, *, ahead: timedelta) -> None:
    """Work until all is done, or die on the way; a clock that is ahead sees every lease as over."""
    settings = Settings(data=folder, database_url=url)
    engines = wiring.assemble(settings, clock=lambda: utc_now() + ahead)
    doomed = replace(engines, signing=mortal(engines.signing, Fate(moments, kill)))
    worker = Worker(engines.db, background.handlers(doomed))
    if url.startswith("sqlite"):
        await worker.reclaim()  # whoever worked here before is dead
    while await _is_busy(engines.db):
        if not await worker.run_due():
            await asyncio.sleep(0.05)  # until the next job is due
    await engines.sandbox.close()
    await engines.db.dispose()


async def _is_busy(db: Database) -> bool:
    async with db.read() as view:
        waiting = select(Job.id).where(Job.state == JobState.WAITING, col(Job.kind).in_(KINDS))
        return (await view.session.exec(waiting)).first() is not None


#: Workers are forked from a process that has imported everything: importing costs seconds each.
_READY = multiprocessing.get_context("forkserver")
_READY.set_forkserver_preload([__name__])


def started(folder: Path, url: str, moments: int, *, ahead: timedelta) -> BaseProcess:
    """Start a worker that dies at a moment; its exit code is then -9."""
    process = _READY.Process(target=_main, args=(folder, url, moments, ahead), daemon=True)
    process.start()
    return process


def _main(folder: Path, url: str, moments: int, ahead: timedelta) -> None:
    os.environ["KHONGGIAY_SIGNING__SIMULATED_DELAY"] = "0.1"
    asyncio.run(work(folder, url, moments, ahead=ahead))
