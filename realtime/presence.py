"""Who is connected to the rooms of this process.

Arrivals and departures are gathered for a moment: a thousand phones that come back at once make
one event of a thousand names, not a thousand events.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from core.ids import new_id
from realtime.frames import Ev

KIND = "room.presence"
#: A room is a place to meet, not a directory: longer lists are cut, `count` tells the truth.
MOST_NAMES = 100


class Present(BaseModel):
    """One phone in the room: its address for `rtc.*`, and its official."""

    model_config = ConfigDict(frozen=True)

    peer: str
    who: UUID


class RoomPresence(BaseModel):
    """Who came, who went, and how many are here now (ephemeral `room.presence`)."""

    model_config = ConfigDict(frozen=True)

    joined: list[Present]
    left: list[Present]
    count: int


@dataclass(slots=True)
class _Room:
    here: dict[Present, int] = field(default_factory=dict)
    told: set[Present] = field(default_factory=set)


class Presence:
    """The rooms of this process; a phone that connects anew is still the same phone."""

    def __init__(self) -> None:
        self._rooms: dict[str, _Room] = {}
        self._changed: set[str] = set()

    def join(self, stream: str, who: Present) -> None:
        """Note that a phone listens to a room."""
        here = self._rooms.setdefault(stream, _Room()).here
        here[who] = here.get(who, 0) + 1
        self._changed.add(stream)

    def leave(self, stream: str, who: Present) -> None:
        """Note that a connection of a phone is gone; the last one takes the phone along."""
        here = self._rooms[stream].here
        here[who] -= 1
        if not here[who]:
            del here[who]
        self._changed.add(stream)

    def here(self, stream: str) -> RoomPresence:
        """Return who is here, for one who has just come."""
        room = self._rooms.get(stream, _Room())
        return _change(room.here, (), len(room.here))

    def changes(self) -> list[tuple[str, RoomPresence]]:
        """Return what has changed in each room since the last call."""
        changed, self._changed = self._changed, set()
        found = []
        for stream in sorted(changed):
            room = self._rooms[stream]
            joined, left = room.here.keys() - room.told, room.told - room.here.keys()
            room.told = set(room.here)
            if joined or left:
                found.append((stream, _change(joined, left, len(room.here))))
            if not room.here:
                del self._rooms[stream]
        return found


def event(stream: str, change: RoomPresence, at: datetime) -> bytes:
    """Return the ephemeral event that tells of a change."""
    body = change.model_dump(mode="json")
    return Ev(s=stream, id=new_id(), k=KIND, at=at, d=body).encode()


def _change(joined: Iterable[Present], left: Iterable[Present], count: int) -> RoomPresence:
    return RoomPresence(joined=_some(joined), left=_some(left), count=count)


def _some(names: Iterable[Present]) -> list[Present]:
    return sorted(names, key=lambda present: present.peer)[:MOST_NAMES]
