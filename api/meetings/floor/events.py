"""What is told of the floor: times are the server's, so that every client shows the same rest."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from api.meetings.events import MeetingEvent


class FloorAsked(MeetingEvent):
    """Somebody asks for the floor."""

    name: ClassVar[str] = "meeting.floor_asked"

    turn_id: UUID
    official_id: UUID
    kind: str
    state: str
    place: int


class FloorMoved(MeetingEvent):
    """A request to speak stands elsewhere now; with the timer as it is from then on.

    The rest is `budget_ms - spent_ms`, less the time since `started_at` while that is given.
    Phones sound at `warns_at`.
    """

    name: ClassVar[str] = "meeting.floor_moved"

    turn_id: UUID
    official_id: UUID
    state: str
    budget_ms: int
    spent_ms: int
    started_at: datetime | None
    warns_at: datetime | None
    ends_at: datetime | None


class FloorPlanned(MeetingEvent):
    """How long people and groups may speak was set anew."""

    name: ClassVar[str] = "meeting.floor_planned"

    speech_seconds: int
    warning_seconds: int
    most_speakers: int
