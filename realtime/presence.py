"""Who is connected to the rooms, on this node and on the others.

Each node knows its own part of a room and is told the others'; a phone that moves from one to
another is still the same phone. Arrivals and departures are gathered for a moment: a thousand
phones that come back at once make one event of a thousand names, not a thousand events.
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
#: How many a node names to the others; the rest it counts.
MOST_TOLD = 1000


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


class Part(BaseModel):
    """What one node tells the others of a room: who is connected to it."""

    model_config = ConfigDict(frozen=True)

    node: str
    here: list[Present]
    count: int


@dataclass(slots=True)
class _Room:
    own: dict[Present, int] = field(default_factory=dict)
    others: dict[str, tuple[Part, float]] = field(default_factory=dict)
    told: set[Present] = field(default_factory=set)
    told_count: int = 0

    def here(self) -> set[Present]:
        return set(self.own).union(*(part.here for part, _ in self.others.values()))

    def count(self) -> int:
        unnamed = sum(part.count - len(part.here) for part, _ in self.others.values())
        return len(self.here()) + unnamed


class Presence:
    """The rooms that phones of this node are in."""

    def __init__(self, node: str) -> None:
        self.node = node
        self._rooms: dict[str, _Room] = {}

    @property
    def rooms(self) -> set[str]:
        """The rooms that anybody here is in."""
        return set(self._rooms)

    def join(self, stream: str, who: Present) -> None:
        """Note that a phone of this node listens to a room."""
        own = self._rooms.setdefault(stream, _Room()).own
        own[who] = own.get(who, 0) + 1

    def leave(self, stream: str, who: Present) -> None:
        """Note that a connection of a phone is gone; the last one takes the phone along."""
        own = self._rooms[stream].own
        own[who] -= 1
        if not own[who]:
            del own[who]

    def part(self, stream: str) -> Part:
        """Return this node's part of a room, to be told to the others; an empty one is the last."""
        own = self._rooms.get(stream, _Room()).own
        if not own:
            self._rooms.pop(stream, None)
        named = sorted(own, key=lambda present: present.peer)[:MOST_TOLD]
        return Part(node=self.node, here=named, count=len(own))

    def hear(self, stream: str, part: Part, now: float) -> bool:
        """Take in another node's part of a room; say whether that node was not known there."""
        room = self._rooms.get(stream)
        if room is None or part.node == self.node:
            return False
        was_known = room.others.pop(part.node, None) is not None
        if part.count:
            room.others[part.node] = (part, now)
        return not was_known and bool(part.count)

    def forget_silent(self, since: float) -> set[str]:
        """Drop what was last told before `since`: its node is dead; return the rooms it was in."""
        changed = set()
        for stream, room in self._rooms.items():
            silent = [node for node, (_, heard) in room.others.items() if heard < since]
            for node in silent:
                del room.others[node]
                changed.add(stream)
        return changed

    def here(self, stream: str) -> RoomPresence:
        """Return who is here, for one who has just come."""
        room = self._rooms.get(stream, _Room())
        return _change(room.here(), (), room.count())

    def change(self, stream: str) -> RoomPresence | None:
        """Return what has changed in a room since the last call, if anything has."""
        room = self._rooms.get(stream)
        if room is None:
            return None
        here, count = room.here(), room.count()
        joined, left = here - room.told, room.told - here
        if not joined and not left and count == room.told_count:
            return None
        room.told, room.told_count = here, count
        return _change(joined, left, count)


def event(stream: str, change: RoomPresence, at: datetime) -> bytes:
    """Return the ephemeral event that tells of a change."""
    body = change.model_dump(mode="json")
    return Ev(s=stream, id=new_id(), k=KIND, at=at, d=body).encode()


def _change(joined: Iterable[Present], left: Iterable[Present], count: int) -> RoomPresence:
    return RoomPresence(joined=_some(joined), left=_some(left), count=count)


def _some(names: Iterable[Present]) -> list[Present]:
    return sorted(names, key=lambda present: present.peer)[:MOST_NAMES]
