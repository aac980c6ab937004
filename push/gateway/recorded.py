"""A simulated provider for one machine: what phones would have got, kept in a file for each.

It survives a crash as a real provider would. Addresses are opaque words that a phone chose; one
that begins with `gone-` answers that it reaches nobody, `busy-` that it wants a pause, `bad-` that
the message is of no use, `down-` not at all, and `locked-` that it does not know us.
"""

import asyncio
import fcntl
import hashlib
from datetime import timedelta
from pathlib import Path

import orjson
from typing_extensions import override

from core.errors import RefusedInProduction
from core.production import Simulated
from push.gateway.port import (
    Address,
    Gateway,
    Gone,
    Later,
    Message,
    Outcome,
    Rejected,
    Sent,
    Unauthorized,
    Unreachable,
)
from push.rules import AddressKind

PAUSE = timedelta(seconds=30)
_ANSWERS: dict[str, Outcome] = {"gone": Gone(), "busy": Later(PAUSE), "bad": Rejected("BAD_WORD")}
_FAULTS = {"down": Unreachable, "locked": Unauthorized}


class RecordedGateway(Gateway):
    """Keeps messages instead of sending them; a message sent twice is kept once."""

    def __init__(self, folder: Path, *, is_production: bool = False) -> None:
        if is_production:
            raise RefusedInProduction(Simulated.PUSH)
        self.kinds = frozenset({AddressKind.RECORDED})
        self._folder = folder

    @override
    def provider_of(self, address: Address) -> str:
        return "recorded"

    @override
    async def send(self, address: Address, message: Message) -> Outcome:
        word = address.value.partition("-")[0]
        if word in _FAULTS:
            raise _FAULTS[word]
        if word in _ANSWERS:
            return _ANSWERS[word]
        await asyncio.to_thread(self._keep, address.value, message)
        return Sent()

    @override
    async def close(self) -> None:
        """There is nothing to let go of."""

    async def arrived(self, address: str) -> list[dict[str, object]]:
        """Return what a phone got, oldest first."""
        return await asyncio.to_thread(self._read, address)

    def _keep(self, address: str, message: Message) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        line = orjson.dumps(message.payload() | {"urgency": message.urgency})
        with self._path(address).open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # the same message may come twice at once
            file.seek(0)
            if not any(kept["n"] == str(message.id) for kept in map(orjson.loads, file)):
                file.write(line + b"\n")

    def _read(self, address: str) -> list[dict[str, object]]:
        path = self._path(address)
        if not path.exists():
            return []
        return [orjson.loads(line) for line in path.read_bytes().splitlines()]

    def _path(self, address: str) -> Path:
        return self._folder / f"{hashlib.sha256(address.encode()).hexdigest()}.jsonl"
