"""Where a phone stands in a stream: exactly once, in order, from the log."""

from dataclasses import dataclass
from typing import Any

from realtime.frames import Position, Start, Why


@dataclass(frozen=True, slots=True)
class Found:
    """Where a stream stands.

    Attributes:
        epoch: the incarnation of its log.
        head: its last position.
        kept_after: the first position after the asked one that the log still has, if any.
        snap: the state at `head`, when a snapshot was asked for.
    """

    epoch: str
    head: int
    kept_after: int | None = None
    snap: dict[str, Any] | None = None


def lost(position: Position, found: Found, *, most: int) -> Why | None:
    """Say why nothing can be resumed from `position`, or None when everything can."""
    epoch, seen = position
    if epoch != found.epoch or seen > found.head:
        return "epoch"
    if found.head - seen > most:
        return "too_many"
    if found.head > seen and found.kept_after != seen + 1:
        return "trimmed"
    return None


class Listening:
    """One stream as one phone hears it.

    `live` means: it has everything the hub has, and gets the next event from the hub's hand. Else
    the log is read from `position` on until it is level with the hub.
    """

    __slots__ = ("acked", "epoch", "live", "open", "position", "replaying", "stream")

    def __init__(self, stream: str, epoch: str, position: int) -> None:
        self.stream = stream
        self.epoch = epoch
        self.position = position
        self.acked = position
        self.live = False
        self.replaying = False
        self.open = True


def starting_point(start: Start, found: Found, *, most: int) -> tuple[int, Why | None]:
    """Return the position from which a phone goes on, and why it is not the one it asked for."""
    if start in ("head", "snapshot"):
        return found.head, None
    position: Any = start
    why = lost(position, found, most=most)
    return (found.head if why else position[1]), why
