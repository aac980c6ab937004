"""`belenios-tool`, unmodified, as a bounded subprocess: one step, one process, no network."""

import re
import shutil
from pathlib import Path

from api.meetings.secrecy.rules import GROUP
from api.meetings.secrecy.teller.port import TellerAbsent, TellerFailed, TellerRefused
from core.bounds import VotingTool
from core.sandbox import program

#: The kernel's randomness, which never waits.
_KERNELS_CHANCE = {"BELENIOS_USE_URANDOM": "1"}
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
        engine, read = self._engine, said.encode()
        try:
            ended = await program.run(
                engine, *arguments, said=read, folder=folder, environment=_KERNELS_CHANCE
            )
        except TimeoutError:
            raise TellerFailed("time") from None
        if ended.status != 0:
            raise _failure(ended.status, ended.complaint.decode("utf-8", "replace"))
        return ended.told.decode()


def _failure(status: int, complaint: str) -> Exception:
    last = complaint.strip().rpartition("\n")[2][-_WORDS:]
    if status not in _REFUSED:
        return TellerFailed(f"status {status}: {last}")
    bad = _BAD_BALLOT.search(complaint)
    return TellerRefused(last, bad.group(1) if bad else None)
