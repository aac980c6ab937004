"""Sockets end with the sessions that opened them, and streams with the right to hear them.

The watch at the door tells every node where to look; the database says how things stand. What no
fact tells of, such as an account that was closed by hand, is found by looking at all of them now
and then, and a mandate whose time is over by the clock.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from uuid import UUID

import structlog

from api.documents.events import DocumentQuarantined
from api.meetings.events import PersonRemoved
from api.people import queries as people
from api.people.events import DelegationRevoked
from core import sessions
from core.bus.port import Bus, Wake
from core.db import Database
from core.door import Door
from core.sessions import SessionEnded
from core.streams import Entry
from core.watch import Watch
from realtime.frames import Code
from realtime.hub import Hub
from realtime.texts.shelf import Shelf

LOOK_SECONDS = 10.0
#: How long after a device was shut out it is looked at once more.
AGAIN_SECONDS = 0.5
#: How long after the end of a mandate it is looked for: clocks and sleep are not exact.
PUNCTUALITY = 0.05
#: Who may hear less from then on, by the fact and the field that names them.
_LESS_FOR = {PersonRemoved.name: "official_id", DelegationRevoked.name: "delegate_id"}

_log = structlog.get_logger()


class Endings:
    """Closes the sockets of one process whose devices may not speak any more.

    It also ends the streams that its phones may not hear any more.
    """

    def __init__(self, db: Database, bus: Bus, hub: Hub, texts: Shelf, door: Door) -> None:
        self._db, self._bus, self._hub, self._door = db, bus, hub, door
        self._sockets: tuple[Hub | Shelf, ...] = (hub, texts)
        self._watch = Watch(db, bus, self._shut_out)
        self._clock_read_at = db.clock()

    async def begin(self) -> None:
        """Take up the place at the door; call it before anybody is let in."""
        await self._watch.begin()

    async def look_at_clock(self) -> float:
        """Find whose mandates have run out since the last look; return in how many seconds to look.

        A mandate that is given meanwhile and ends before that is found a little late.
        """
        async with self._db.read() as view:
            for official_id in await people.ended_for(view, self._clock_read_at):
                for sockets in self._sockets:
                    sockets.recheck(official_id)
            self._clock_read_at, ahead = view.now, await people.next_end(view)
        left = (ahead - view.now).total_seconds() if ahead else LOOK_SECONDS
        return min(left, LOOK_SECONDS)

    async def follow(self) -> None:
        """Follow the door and the clock until cancelled."""
        async with self._bus.subscribe() as heard, asyncio.TaskGroup() as group:
            group.create_task(self._watch.run())
            group.create_task(self._look_for_ever())
            group.create_task(self._follow_clock())
            async for one in heard:
                if not isinstance(one, Wake):
                    await self._look_safely(self.look)

    async def look(self, device_id: UUID | None = None) -> None:
        """Look at a device, or at every one that has a socket here.

        A device's socket of rooms may be of an older session than those of its texts.
        """
        for sockets in self._sockets:
            held = sockets.devices()
            if device_id is not None:
                held = {device_id: held[device_id]} if device_id in held else {}
            if held:
                await self._drop_ended(sockets, held)

    async def _drop_ended(self, sockets: Hub | Shelf, held: Mapping[UUID, UUID]) -> None:
        async with self._db.read() as view:
            ended = await sessions.ended(view, held)
        for device_id, refusal in ended.items():
            again = isinstance(refusal, SessionEnded)
            sockets.drop_device(device_id, Code.UNAUTHENTICATED if again else Code.REVOKED)

    async def _shut_out(self, entry: Entry) -> None:
        if entry.name in _LESS_FOR:
            for sockets in self._sockets:
                sockets.recheck(UUID(entry.body[_LESS_FOR[entry.name]]))
        elif entry.name == DocumentQuarantined.name:
            self._hub.recheck_stream(f"document:{entry.body['document_id']}")
        else:
            await self._end(UUID(entry.body["device_id"]))

    async def _end(self, device_id: UUID) -> None:
        self._door.forget(device_id)
        await self.look(device_id)
        self._hub.start(self._look_again(device_id))

    async def _look_again(self, device_id: UUID) -> None:
        """Look for a socket that was just being let in while its device was shut out."""
        await asyncio.sleep(AGAIN_SECONDS)
        await self._look_safely(partial(self.look, device_id))

    async def _look_for_ever(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self._look_safely(self.look)

    async def _follow_clock(self) -> None:
        pause = 0.0
        while True:
            await asyncio.sleep(pause + PUNCTUALITY)
            try:
                pause = await self.look_at_clock()
            except Exception as error:  # noqa: BLE001 the next round may find the database again
                pause = LOOK_SECONDS
                _log.error("realtime.clock_failed", error=type(error).__name__)

    async def _look_safely(self, look: Callable[[], Awaitable[None]]) -> None:
        try:
            await look()
        except Exception as error:  # noqa: BLE001 the next round may find the database again
            _log.error("realtime.endings_failed", error=type(error).__name__)
