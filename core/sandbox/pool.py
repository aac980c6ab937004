"""The parent's side: a few warm workers, a queue before them, and no mercy."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, TypeVar

from core.config import SandboxLimits
from core.errors import AppError
from core.sandbox import codec

T = TypeVar("T")
#: A worker is replaced after so many jobs, so that what leaked stays small.
JOBS_PER_WORKER = 100


class SandboxKilled(AppError):
    """The file asked for more memory or time than a file may have, or broke its reader."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "sandbox.killed"


class SandboxFailed(Exception):
    """A function failed inside the sandbox in a way that it does not know how to refuse."""


class _Worker:
    """One child process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._jobs = 0
        self._broken = False

    @property
    def usable(self) -> bool:
        """A worker that broke, or has worked long, is replaced."""
        return not self._broken and self._jobs < JOBS_PER_WORKER

    async def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """Send a job and wait for its answer; a dead worker answers `killed`."""
        source, target = self._process.stdout, self._process.stdin
        if source is None or target is None:
            raise RuntimeError
        self._jobs += 1
        self._broken = True  # until it has answered
        try:
            target.write(codec.encode(message))
            await target.drain()
            size = int.from_bytes(await source.readexactly(codec.PREFIX))
            if size > codec.MAX_MESSAGE:
                return {"killed": "answer"}
            answer: dict[str, Any] = codec.decode(await source.readexactly(size))
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            return {"killed": "crash"}
        self._broken = "killed" in answer
        return answer

    async def kill(self) -> None:
        """End the process, whatever it is doing."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


class Sandbox:
    """Runs functions of ours on untrusted files, in processes with limits.

    Args:
        limits: what one job may cost.
        packages: the top-level packages whose functions may be called.
    """

    def __init__(
        self, limits: SandboxLimits, *, packages: tuple[str, ...] = ("api", "core")
    ) -> None:
        self._limits = limits
        self._packages = packages
        self._free: list[_Worker] = []
        self._places = asyncio.Semaphore(limits.workers)

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        """Return `function(*args)`; arguments and result are plain values, bytes and paths.

        Tuples arrive as lists. The function must stand at the top of its module.

        Raises:
            SandboxKilled: memory, time or the process itself gave out.
            AppError: what the function itself refused.
            SandboxFailed: anything else that it raised.
        """
        message = {"function": codec.name_of(function), "args": args}
        async with self._places, self._borrowed() as worker:
            try:
                async with asyncio.timeout(self._limits.wall_seconds):
                    answer = await worker.ask(message)
            except TimeoutError:
                await worker.kill()
                answer = {"killed": "time"}
        value: T = self._result(answer)
        return value

    async def close(self) -> None:
        """End every worker."""
        workers, self._free = self._free, []
        for worker in workers:
            await worker.kill()

    @asynccontextmanager
    async def _borrowed(self) -> AsyncGenerator[_Worker]:
        worker = self._free.pop() if self._free else await self._start()
        finished = False
        try:
            yield worker
            finished = worker.usable
        finally:
            # A caller who went away leaves a worker in the middle of a job: it is of no more use.
            if finished:
                self._free.append(worker)
            else:
                await worker.kill()

    async def _start(self) -> _Worker:
        limits = (str(self._limits.memory_bytes), str(self._limits.cpu_seconds))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "core.sandbox.worker", *limits, ",".join(self._packages),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"PYTHONPATH": ":".join(path for path in sys.path if path), "LANG": "C.UTF-8"},
        )  # fmt: skip
        return _Worker(process)

    def _result(self, answer: dict[str, Any]) -> Any:
        if "value" in answer:
            return answer["value"]
        if "refused" in answer:
            kind = codec.find(answer["refused"], self._packages)
            if isinstance(kind, type) and issubclass(kind, AppError):
                raise kind(**answer["facts"])
        if "failed" in answer:
            raise SandboxFailed(answer["failed"])
        raise SandboxKilled(why=str(answer.get("killed", "crash")))
