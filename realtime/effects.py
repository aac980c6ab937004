"""What a session asks whoever runs it to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from realtime.frames import Code, Frame, Start
from realtime.pictures import Wanted
from realtime.pointing import OnPage
from realtime.positions import Listening
from realtime.signalling import Addressed, ToEngine


@dataclass(frozen=True, slots=True)
class Say:
    """Send a frame."""

    frame: Frame


@dataclass(frozen=True, slots=True)
class Hang:
    """Say goodbye and close the socket."""

    code: Code
    retry: int | None = None


@dataclass(frozen=True, slots=True)
class Admit:
    """Ask whom this ticket lets in; answer with `admitted`."""

    ticket: str
    i: int | None = None


@dataclass(frozen=True, slots=True)
class Find:
    """Ask where these streams stand; answer with `found`. Without `i` it is for the welcome."""

    i: int | None
    wants: Mapping[str, Start]


@dataclass(frozen=True, slots=True)
class Run:
    """Carry out a command; answer with `done` or `refused`."""

    i: int
    kind: str
    stream: str
    key: UUID
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Relay:
    """Pass a word of signalling on to a peer of a room; answer with `done`."""

    i: int
    kind: str
    stream: str
    word: Addressed


@dataclass(frozen=True, slots=True)
class Play:
    """Hand a word to the media engine of a room; answer with `done` or `refused`."""

    i: int
    stream: str
    word: ToEngine


@dataclass(frozen=True, slots=True)
class Show:
    """Show a room something in passing; answer with `done` or `refused`."""

    i: int
    kind: str
    stream: str
    shown: OnPage


@dataclass(frozen=True, slots=True)
class Fetch:
    """Send a picture, beside everything else; answer with `done` or `refused`."""

    i: int
    stream: str
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Listen:
    """Let the phone hear a stream, found to stand at `head`, from `listening.position` on."""

    listening: Listening
    head: int


@dataclass(frozen=True, slots=True)
class Leave:
    """Let the phone hear a stream no more."""

    listening: Listening


@dataclass(frozen=True, slots=True)
class Acked:
    """The phone has everything up to these positions."""

    positions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Recheck:
    """Ask whether the phone may still hear what it hears by then; answer with `rechecked`."""


Errand = Find | Run | Relay | Play | Show | Fetch | Acked | Recheck
Effect = Say | Hang | Admit | Listen | Leave | Errand
