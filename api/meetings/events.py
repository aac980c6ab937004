"""What a meeting tells: small public facts, the same bytes for everybody in the room."""

from typing import ClassVar
from uuid import UUID

from typing_extensions import override

from core.events import DOOR, Event


class MeetingEvent(Event):
    """Something happened in a meeting's room."""

    meeting_id: UUID
    by: UUID

    @override
    def topics(self) -> frozenset[str]:
        return frozenset({f"room:{self.meeting_id}"})


class ToPeople(MeetingEvent):
    """Stands on the streams of those it concerns too, and rings their phones."""

    told: tuple[UUID, ...]

    @override
    def topics(self) -> frozenset[str]:
        people = {f"user:{official_id}" for official_id in self.told}
        return frozenset({f"room:{self.meeting_id}", *people})

    @override
    def notifies(self) -> frozenset[UUID]:
        return frozenset(self.told) - {self.by}


class MeetingApproved(MeetingEvent):
    """The chair approved the meeting as it is planned."""

    name: ClassVar[str] = "meeting.approved"


class MeetingInvited(ToPeople):
    """People were invited."""

    name: ClassVar[str] = "meeting.invited"


class MeetingRescheduled(ToPeople):
    """Time, place or form of the meeting changed; `sequence` is that of the calendar file."""

    name: ClassVar[str] = "meeting.rescheduled"

    sequence: int


class MeetingPostponed(ToPeople):
    """The meeting will take place later; when is not known yet."""

    name: ClassVar[str] = "meeting.postponed"


class MeetingCancelled(ToPeople):
    """The meeting will not take place."""

    name: ClassVar[str] = "meeting.cancelled"


class CheckInOpened(MeetingEvent):
    """People may check in."""

    name: ClassVar[str] = "meeting.checkin_opened"


class _OnDocuments(MeetingEvent):
    """Stands on the streams of the meeting's documents too, so that their traces show it."""

    documents: tuple[UUID, ...]

    @override
    def topics(self) -> frozenset[str]:
        papers = {f"document:{document_id}" for document_id in self.documents}
        return frozenset({f"room:{self.meeting_id}", *papers})


class MeetingOpened(_OnDocuments):
    """The meeting began."""

    name: ClassVar[str] = "meeting.opened"


class MeetingPaused(MeetingEvent):
    """The meeting takes a break."""

    name: ClassVar[str] = "meeting.paused"


class MeetingResumed(MeetingEvent):
    """The meeting goes on after a break."""

    name: ClassVar[str] = "meeting.resumed"


class MeetingClosed(_OnDocuments):
    """The meeting ended."""

    name: ClassVar[str] = "meeting.closed"


class PersonRemoved(MeetingEvent):
    """Somebody does not take part any more: every process must hear of it."""

    name: ClassVar[str] = "meeting.person_removed"

    official_id: UUID

    @override
    def topics(self) -> frozenset[str]:
        return super().topics() | {DOOR}


class PageTurned(MeetingEvent):
    """The presenter shows a page; pages count from 0."""

    name: ClassVar[str] = "meeting.page_turned"

    document_id: UUID
    revision_id: UUID
    page: int


class PresenterChanged(MeetingEvent):
    """Somebody else presents."""

    name: ClassVar[str] = "meeting.presenter_changed"

    presenter_id: UUID
