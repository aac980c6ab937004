"""The parent's side: a few warm workers, a queue before them, and no mercy.

What a worker answers is data, never code: it may have been taken over by the file it read.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Any, TypeVar

from core.bounds import SandboxLimits
from core.errors import AppError
from core.sandbox import codec

T = TypeVar("T")
#: A worker is replaced after so many jobs, so that what leaked stays small.
JOBS_PER_WORKER = 100
#: What may come out of reading an answer that no worker of ours would give.
_NONSENSE = (LookupError, TypeError, ValueError, RecursionError, ImportError)


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
        """A worker that broke, died or has worked long is replaced."""
        alive = self._process.returncode is None
        return alive and not self._broken and self._jobs < JOBS_PER_WORKER

    async def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """Send a job and wait for its answer; a dead worker answers `killed`."""
        encoded = codec.encode(message)
        self._jobs += 1
        self._broken = True  # until it has answered
        try:
            answer = await self._exchange(encoded)
        except (asyncio.IncompleteReadError, ConnectionError):
            return {"killed": await self._cause_of_death()}
        except _NONSENSE:
            return {"killed": "answer"}
        self._broken = "killed" in answer or bool(answer.get("grown"))
        return answer

    async def kill(self) -> None:
        """End the process, whatever it is doing."""
        self._broken = True
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        # An answer that nobody reads any more holds its pipe open, and so two descriptors of ours.
        self._process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001
        await asyncio.sleep(0)

    async def _exchange(self, message: bytes) -> dict[str, Any]:
        source, target = self._process.stdout, self._process.stdin
        if source is None or target is None:
            raise RuntimeError
        target.write(message)
        await target.drain()
        size = int.from_bytes(await source.readexactly(codec.PREFIX))
        if size > codec.MAX_MESSAGE:
            raise ValueError(size)
        answer = codec.decode(await source.readexactly(size))
        if not isinstance(answer, dict) or not answer:
            raise TypeError
        return answer

    async def _cause_of_death(self) -> str:
        await self._process.wait()  # its pipe is closed: it is ending, or was ended by us
        return "time" if self._process.returncode == -signal.SIGXCPU else "crash"


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
        self._busy: set[_Worker] = set()
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
                answer = {"killed": "time"}
            outcome = self._outcome(answer)
            if isinstance(outcome, SandboxKilled):
                await worker.kill()
        if isinstance(outcome, Exception):
            raise outcome
        value: T = outcome
        return value

    async def close(self) -> None:
        """End every worker, busy ones too; their callers get `SandboxKilled`."""
        workers, self._free = [*self._free, *self._busy], []
        for worker in workers:
            await worker.kill()

    @asynccontextmanager
    async def _borrowed(self) -> AsyncGenerator[_Worker]:
        self._free = [worker for worker in self._free if worker.usable]
        worker = self._free.pop() if self._free else await self._start()
        self._busy.add(worker)
        finished = False
        try:
            yield worker
            finished = worker.usable
        finally:
            self._busy.discard(worker)
            # A caller who went away leaves a worker in the middle of a job: it is of no more use.
            if finished:
                self._free.append(worker)
            else:
                await worker.kill()

    async def _start(self) -> _Worker:
        limits = (str(self._limits.memory_bytes), str(self._limits.cpu_seconds))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "core.sandbox.worker", *limits, ",".join(self._packages),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"PYTHONPATH": ":".join(path or "." for path in sys.path), "LANG": "C.UTF-8"},
        )  # fmt: skip
        return _Worker(process)

    def _outcome(self, answer: dict[str, Any]) -> Any:
        """Return the value, or the exception to be raised."""
        if "value" in answer:
            return answer["value"]
        if "failed" in answer:
            return SandboxFailed(str(answer["failed"]))
        if "refused" in answer:
            return self._refusal(answer)
        return SandboxKilled(why=str(answer.get("killed", "crash")))

    def _refusal(self, answer: dict[str, Any]) -> AppError:
        try:
            kind = codec.find(str(answer["refused"]), self._packages)
            if issubclass(kind, AppError):
                refusal: AppError = kind(**dict(answer["facts"]))
                return refusal
        except _NONSENSE:
            pass
        return SandboxKilled(why="answer")
