"""A simulated provider for one machine: what phones would have got, kept in a file for each.

It survives a crash as a real provider would. Addresses are opaque words that a phone chose; an
address that begins with `gone-` answers that it reaches nobody, `busy-` that it wants a pause.
"""

import asyncio
import hashlib
from datetime import timedelta
from pathlib import Path

import orjson
from typing_extensions import override

from push.gateway.port import Gateway, Gone, Later, Message, Outcome, Sent

PAUSE = timedelta(seconds=30)


class RecordedGateway(Gateway):
    """Keeps messages instead of sending them; a message sent twice is kept once."""

    def __init__(self, folder: Path) -> None:
        self.kind = "recorded"
        self._folder = folder

    @override
    async def send(self, address: str, message: Message) -> Outcome:
        if address.startswith("gone-"):
            return Gone()
        if address.startswith("busy-"):
            return Later(PAUSE)
        await asyncio.to_thread(self._keep, address, message)
        return Sent()

    async def arrived(self, address: str) -> list[dict[str, object]]:
        """Return what a phone got, oldest first."""
        return await asyncio.to_thread(self._read, address)

    def _keep(self, address: str, message: Message) -> None:
        if any(kept["n"] == str(message.id) for kept in self._read(address)):
            return
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        line = orjson.dumps(message.payload() | {"urgency": message.urgency})
        with self._path(address).open("ab") as file:
            file.write(line + b"\n")

    def _read(self, address: str) -> list[dict[str, object]]:
        path = self._path(address)
        if not path.exists():
            return []
        return [orjson.loads(line) for line in path.read_bytes().splitlines()]

    def _path(self, address: str) -> Path:
        return self._folder / f"{hashlib.sha256(address.encode()).hexdigest()}.jsonl"
