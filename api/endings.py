"""Sockets end with the sessions that opened them, on every node.

The bus tells which device to look at; the database says how it stands. What the bus loses is found
by looking at all of them every few seconds.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import orjson
import structlog

from core import sessions
from core.bus.port import Bus, Heard, Wake
from core.db import Database
from core.door import Door
from core.sessions import SessionEnded
from realtime.frames import Code
from realtime.hub import Hub

#: The facts that end a session, as they stand in the frames of `user:` streams.
_ENDINGS = frozenset({"people.device_revoked", "people.session_ended"})
_MARKS = tuple(name.encode() for name in _ENDINGS)
LOOK_SECONDS = 2.0

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Endings:
    """Closes the sockets of one process whose devices may not speak any more."""

    db: Database
    bus: Bus
    hub: Hub
    door: Door

    async def follow(self) -> None:
        """Follow the bus and the clock until cancelled."""
        async with self.bus.subscribe() as heard, asyncio.TaskGroup() as group:
            group.create_task(self._look_for_ever())
            async for one in heard:
                await self._hear(one)

    async def look(self, holders: Mapping[UUID, UUID] | None = None) -> None:
        """Look at some devices, or at every one that has a socket here."""
        async with self.db.read() as view:
            ended = await sessions.ended(view, self.hub.devices() if holders is None else holders)
        for device_id, refusal in ended.items():
            again = isinstance(refusal, SessionEnded)
            self.hub.drop_device(device_id, Code.UNAUTHENTICATED if again else Code.REVOKED)

    async def _hear(self, heard: Heard) -> None:
        if not isinstance(heard, Wake):
            await self._look_safely(None)
        elif heard.stream.startswith("user:") and any(mark in heard.data for mark in _MARKS):
            said = orjson.loads(heard.data)
            if said["k"] in _ENDINGS:
                self.door.forget()
                await self._look_at(UUID(said["d"]["device_id"]))

    async def _look_at(self, device_id: UUID) -> None:
        session_id = self.hub.devices().get(device_id)
        if session_id is not None:
            await self._look_safely({device_id: session_id})

    async def _look_for_ever(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self._look_safely(None)

    async def _look_safely(self, holders: Mapping[UUID, UUID] | None) -> None:
        try:
            await self.look(holders)
        except Exception as error:  # noqa: BLE001 the next round may find the database again
            _log.error("realtime.endings_failed", error=type(error).__name__)
