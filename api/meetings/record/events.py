"""What is told of the record: hashes and ids, and no word of the minutes."""

from typing import ClassVar
from uuid import UUID

from typing_extensions import override

from api.meetings.events import MeetingEvent, ToPeople


class ConclusionsChanged(MeetingEvent):
    """A conclusion was recorded or dropped; read them anew."""

    name: ClassVar[str] = "meeting.conclusions_changed"

    conclusion_id: UUID


class MinutesBegun(MeetingEvent):
    """The secretary writes the minutes."""

    name: ClassVar[str] = "meeting.minutes_begun"


class MinutesInReview(ToPeople):
    """The minutes can be read and commented on."""

    name: ClassVar[str] = "meeting.minutes_in_review"


class MinutesReturned(MeetingEvent):
    """The minutes go back to the secretary."""

    name: ClassVar[str] = "meeting.minutes_returned"


class _OfPaper(MeetingEvent):
    document_id: UUID
    sha256: str

    @override
    def topics(self) -> frozenset[str]:
        return frozenset({f"room:{self.meeting_id}", f"document:{self.document_id}"})


class MinutesFrozen(_OfPaper):
    """The minutes are a document now, and wait for the chair's signature."""

    name: ClassVar[str] = "meeting.minutes_frozen"


class MinutesSigned(_OfPaper):
    """The chair signed the minutes; `sha256` is that of the signed file."""

    name: ClassVar[str] = "meeting.minutes_signed"


class ConclusionAssigned(MeetingEvent):
    """A conclusion became a task."""

    name: ClassVar[str] = "meeting.task_given"

    conclusion_id: UUID
    task_id: UUID


class MeetingArchived(MeetingEvent):
    """The meeting's record is closed."""

    name: ClassVar[str] = "meeting.archived"
