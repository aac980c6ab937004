"""What is told of attendance."""

from typing import ClassVar
from uuid import UUID

from api.meetings.events import MeetingEvent


class _Counted(MeetingEvent):
    """Tells the new count, so that everybody sees the quorum live.

    `present` and `entitled` count those who vote; `met`: enough of them are here.
    """

    official_id: UUID
    present: int
    entitled: int
    met: bool


class CheckedIn(_Counted):
    """Somebody is here; `way` tells how that is known."""

    name: ClassVar[str] = "meeting.checked_in"

    way: str


class CheckedOut(_Counted):
    """Somebody has left."""

    name: ClassVar[str] = "meeting.left"
