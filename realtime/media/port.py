"""What the project asks of a media engine: it forwards what floor holders send, and no more.

The engine knows rooms, phones and officials by our names for them, and decides nothing: who may be
heard and who may hear is handed in with `set_floor`. Everybody's receive slots are there from the
start, so that a change of speaker costs no session description.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol
from uuid import UUID

#: How many voices are forwarded at once, at most (facts: cost is O(K * N)).
SLOTS = 3


@dataclass(frozen=True, slots=True)
class Seat:
    """One phone of one official in one room (`room:<id>`)."""

    room: str
    peer: str
    who: UUID


def name_of(who: UUID, source: "Source") -> str:
    """Return what a file of a recording is called that begins now, without its ending.

    It lies in a folder with the recording's name; `api.meetings.recording` looks for it there.
    """
    return f"{who}.{source}.{time.time_ns() // 1_000_000}"


class Source(StrEnum):
    """What an official sends: their voice and camera, or a screen."""

    VOICE = "voice"
    SCREEN = "screen"


@dataclass(frozen=True, slots=True)
class Gives:
    """What an engine carries.

    Attributes:
        name: what phones are told it is.
        audio: voices, `SLOTS` of them.
        video: a picture of the first slot's speaker.
        screen: a shared screen.
        data: short ephemeral words, such as a pointer, over a data channel.
        records: what it passes on, into files of its own.
    """

    name: str
    audio: bool = False
    video: bool = False
    screen: bool = False
    data: bool = False
    records: bool = False


@dataclass(frozen=True, slots=True)
class Floor:
    """Who may be heard, and by whom: deny by default.

    Attributes:
        slots: whose voice each receive slot carries.
        hearers: who may hear the room now.
        pointers: whose words over the data channel are passed on.
        sharer: whose screen is passed on.
        recording: what is passed on is recorded under this name; None: it is not.
    """

    slots: tuple[UUID | None, ...] = (None,) * SLOTS
    hearers: frozenset[UUID] = field(default_factory=frozenset)
    pointers: frozenset[UUID] = field(default_factory=frozenset)
    sharer: UUID | None = None
    recording: UUID | None = None


#: Told True when the engine can be used, False when it is lost; connections made before are void.
Changed = Callable[[bool], None]


class Engine(Protocol):
    """Forwards media between the phones of a room.

    Descriptions are SDP (RFC 8866) with all their candidates (RFC 8839) in them. What goes wrong is
    told as `realtime.errors.EngineLost`, `NoEngine` or `BadDescription`.
    """

    @property
    def gives(self) -> Gives:
        """What it carries."""
        ...

    async def run(self, changed: Changed) -> None:
        """Keep in touch with the engine until cancelled, and tell when it comes and goes."""
        ...

    async def publish(self, seat: Seat, offer: str, source: Source) -> str:
        """Take what an official wants to send, in place of what they sent; return the answer."""
        ...

    async def listen(self, seat: Seat) -> str:
        """Offer a phone its receive slots, in place of those it had; return the offer."""
        ...

    async def connect(self, seat: Seat, answer: str) -> None:
        """Take a phone's answer to the offer of its receive slots."""
        ...

    async def set_floor(self, room: str, floor: Floor) -> None:
        """Forward these voices, to these people, from now on; to nobody: forget the room."""
        ...

    async def leave(self, seat: Seat) -> None:
        """End what a phone sends and receives; again changes nothing."""
        ...

    async def close(self) -> None:
        """End everything."""
        ...
