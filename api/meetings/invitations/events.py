"""What is told of invitations."""

from typing import ClassVar
from uuid import UUID

from typing_extensions import override

from api.meetings.events import MeetingEvent, ToPeople
from core.events import Event


class InvitationAnswered(MeetingEvent):
    """Somebody answered; `answer` is where their invitation stands now."""

    name: ClassVar[str] = "meeting.answered"

    official_id: UUID
    answer: str


class DelegateOffered(ToPeople):
    """Somebody is asked to come in another's place."""

    name: ClassVar[str] = "meeting.delegate_offered"


class MeetingReminded(Event):
    """The meeting draws near; for those who have not answered yet, and those who come."""

    name: ClassVar[str] = "meeting.reminded"

    meeting_id: UUID
    unanswered: tuple[UUID, ...]
    coming: tuple[UUID, ...]

    @override
    def topics(self) -> frozenset[str]:
        return frozenset(f"user:{one}" for one in (*self.unanswered, *self.coming))

    @override
    def notifies(self) -> frozenset[UUID]:
        return frozenset((*self.unanswered, *self.coming))
