"""The life of a recording: pure functions over plain values; the table is the specification."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from api.meetings.recording.errors import WrongRecordingState


class State(StrEnum):
    """Where a recording stands."""

    RUNNING = "running"
    STOPPED = "stopped"
    KEPT = "kept"


class Move(StrEnum):
    """What can happen to a recording."""

    STOP = "stop"
    KEEP = "keep"


#    from           move        to
MOVES = {
    (State.RUNNING, Move.STOP): State.STOPPED,
    (State.STOPPED, Move.KEEP): State.KEPT,
}  # fmt: skip
BEGIN = State.RUNNING

#: As engines name what they write: whose, which source, since when (ms), and how it is written.
#: Janus adds which stream of a source it is.
_FILE = re.compile(
    r"(?P<who>[0-9a-f-]{36})\.(?P<source>voice|screen)\.(?P<since>\d{1,15})"
    r"(?:-(?P<medium>audio|video)-\d+)?\.(?P<format>ogg|mjr)"
)


@dataclass(frozen=True, slots=True)
class Take:
    """What one file of a recording holds."""

    official_id: UUID
    source: str
    medium: str
    begun_at: datetime
    format: str


def after(state: State, move: Move) -> State:
    """Return the state that `move` leads to, or refuse the move."""
    try:
        return MOVES[state, move]
    except KeyError:
        raise WrongRecordingState(state=state, move=move) from None


def take_of(name: str) -> Take | None:
    """Read the name of a file; None: it is none of a recording's."""
    found = _FILE.fullmatch(name)
    if found is None:
        return None
    if (found["medium"] is None) != (found["format"] == "ogg"):  # what was unpacked of Janus's own
        return None
    begun_at = datetime.fromtimestamp(int(found["since"]) / 1000, UTC)
    medium = found["medium"] or "audio"
    return Take(UUID(found["who"]), found["source"], medium, begun_at, found["format"])
