"""The watch at the door: every process hears at once who may no longer speak, or hear.

It follows the stream `DOOR` as phones follow theirs: woken by the bus, from the log where the bus
lost something, and by a look at the log twice a second where there is no bus. Nothing is skipped.
"""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog

from core import streams
from core.bus.port import Bus, Lost
from core.db import Database
from core.events import DOOR
from core.streams import Entry, Head

LOOK_SECONDS = 0.5
_log = structlog.get_logger()


class Watch:
    """Follows the door from the moment of `begin` on.

    Args:
        db: has the log.
        bus: wakes.
        shut_out: is told of each entry; again, if it fails.
    """

    def __init__(
        self, db: Database, bus: Bus, shut_out: Callable[[Entry], Awaitable[None]]
    ) -> None:
        self._db, self._bus, self._shut_out = db, bus, shut_out
        self._seen = Head(None, 0)
        self._looking = asyncio.Lock()
        self._complained = False

    async def begin(self) -> None:
        """Take up the place; call it before anybody is let in."""
        async with self._db.read() as view:
            self._seen = await streams.head(view.session, DOOR)

    async def run(self) -> None:
        """Watch until cancelled."""
        async with self._bus.subscribe() as heard, asyncio.TaskGroup() as group:
            group.create_task(self._look_for_ever())
            async for one in heard:
                if isinstance(one, Lost) or one.stream == DOOR:
                    await self._look_if_possible()

    async def look(self) -> None:
        """Read what is new at the door, and act on it."""
        async with self._looking:
            epoch, entries = await self._read()
            for entry in entries:
                await self._shut_out(entry)
                self._seen = Head(epoch, entry.seq)

    async def _read(self) -> tuple[UUID | None, list[Entry]]:
        async with self._db.read() as view:
            now = await streams.head(view.session, DOOR)
            if now.epoch is None or now == self._seen:
                return None, []
            after = self._seen.seq if now.epoch == self._seen.epoch else 0
            return now.epoch, await streams.read_after(view.session, DOOR, after)

    async def _look_for_ever(self) -> None:
        while True:
            await self._look_if_possible()
            await asyncio.sleep(LOOK_SECONDS)

    async def _look_if_possible(self) -> None:
        try:
            await self.look()
        except Exception as error:  # noqa: BLE001 - the next look may find the database again
            if not self._complained:  # once, not twice a second
                _log.error("door.look_failed", error=type(error).__name__)
            self._complained = True
        else:
            self._complained = False
