"""`belenios-tool`, unmodified, as a bounded subprocess: one step, one process, no network."""

import asyncio
import os
import re
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from api.meetings.secrecy.rules import GROUP
from api.meetings.secrecy.teller.port import TellerAbsent, TellerFailed, TellerRefused
from core.bounds import VotingTool

#: Its own word for "you gave me something wrong".
_REFUSED = 124, 123
_BAD_BALLOT = re.compile(r"error while casting ballot ([A-Za-z0-9+/]{43})")
_WORDS = 300


class Tool:
    """Runs `belenios-tool` in a folder."""

    def __init__(self, engine: VotingTool) -> None:
        self._engine = engine

    def is_there(self) -> bool:
        """Say whether it is installed."""
        return bool(self._engine.command) and shutil.which(self._engine.command) is not None

    async def setup(self, folder: Path, step: str, *arguments: str, said: str = "") -> str:
        """Run a step of the setup in BELENIOS-2048; see `run`."""
        return await self.run(folder, "setup", step, "--group", GROUP, *arguments, said=said)

    async def run(self, folder: Path, *arguments: str, said: str = "") -> str:
        """Run it once and return what it prints.

        Raises:
            TellerRefused: it does not accept what it was given.
            TellerFailed: it broke, or took too much memory or time.
            TellerAbsent: it is not installed.
        """
        if not self.is_there():
            raise TellerAbsent
        process = await self._start(folder, arguments)
        try:
            async with asyncio.timeout(self._engine.wall_seconds):
                told, complaint = await process.communicate(said.encode())
        except TimeoutError:
            raise TellerFailed("time") from None
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode != 0:
            raise _failure(process.returncode or 0, complaint.decode("utf-8", "replace"))
        return told.decode()

    async def _start(self, folder: Path, arguments: tuple[str, ...]) -> asyncio.subprocess.Process:
        engine = self._engine
        limits = (str(engine.memory_bytes), str(engine.cpu_seconds))
        return await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "core.sandbox.limited", *limits,
            engine.command, *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=folder,
            env=_environment(),
        )  # fmt: skip


def _environment() -> dict[str, str]:
    return {
        "PYTHONPATH": ":".join(str(Path(path).absolute()) for path in sys.path),
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "BELENIOS_USE_URANDOM": "1",  # the kernel's randomness, which never waits
    }


def _failure(status: int, complaint: str) -> Exception:
    last = complaint.strip().rpartition("\n")[2][-_WORDS:]
    if status not in _REFUSED:
        return TellerFailed(f"status {status}: {last}")
    bad = _BAD_BALLOT.search(complaint)
    return TellerRefused(last, bad.group(1) if bad else None)
