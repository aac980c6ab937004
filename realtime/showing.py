"""Shows a room what passes: pointers and ink reach whoever is there now, and are kept nowhere.

No log, no database, no replay. Whoever reads too slowly is spared it before anything that lasts.
"""

from core.clock import Clock
from core.ids import new_id
from realtime import signalling
from realtime.errors import NotPointing
from realtime.floor import Speaking
from realtime.frames import Ev
from realtime.gate import Gate
from realtime.hub import Hub
from realtime.pointing import OnPage
from realtime.presence import Present

#: Rooms whose floor is remembered; beyond that all are asked for anew.
MOST_ROOMS = 1000


class Showing:
    """Passes on what the presenter and those who speak show, to everybody else in the room."""

    def __init__(self, gate: Gate, hub: Hub, clock: Clock) -> None:
        self._gate, self._hub, self._clock = gate, hub, clock
        #: By room: the position at which its floor was asked for, and how it stood.
        self._floors: dict[str, tuple[int, Speaking]] = {}

    async def show(self, present: Present, stream: str, kind: str, shown: OnPage) -> None:
        """Show something to a room, or refuse.

        Raises:
            NotPointing: who neither presents nor speaks shows nothing.
        """
        floor = await self._floor(stream)
        if present.who != floor.presenter and present.who not in floor.speakers:
            raise NotPointing
        said = {**signalling.sender(present.peer, present.who), **shown.model_dump(mode="json")}
        event = Ev(s=stream, id=new_id(), k=kind, at=self._clock(), d=said)
        self._hub.show(present.peer, stream, event.encode())

    async def _floor(self, stream: str) -> Speaking:
        """Return the floor as of the last durable event; each may have changed it."""
        head = self._hub.head(stream)
        at, floor = self._floors.get(stream, (-1, None))
        if floor is None or at != head:
            floor = await self._gate.floor(stream)
            if len(self._floors) >= MOST_ROOMS:
                self._floors.clear()
            self._floors[stream] = head, floor
        return floor
