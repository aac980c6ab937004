"""What is told of votes: that they are held, and what came out; never how it stands meanwhile."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from api.meetings.events import MeetingEvent, ToPeople


class VoteDrafted(MeetingEvent):
    """A vote was prepared."""

    name: ClassVar[str] = "meeting.vote_drafted"

    vote_id: UUID


class VoteOpened(ToPeople):
    """A vote is open; who holds a mandate is frozen."""

    name: ClassVar[str] = "meeting.vote_opened"

    vote_id: UUID
    mandates: int
    closes_at: datetime | None


class VoteClosed(MeetingEvent):
    """A vote is closed and counted; the result is told when it is published."""

    name: ClassVar[str] = "meeting.vote_closed"

    vote_id: UUID
    cast: int


class VotePublished(MeetingEvent):
    """The result is out; `digest` is the hash of the list that anybody can recount."""

    name: ClassVar[str] = "meeting.vote_published"

    vote_id: UUID
    counts: tuple[int, ...]
    quorum_met: bool
    adopted: int | None
    digest: str


class VoteAnnulled(MeetingEvent):
    """A vote does not count."""

    name: ClassVar[str] = "meeting.vote_annulled"

    vote_id: UUID
