"""What is told of secret votes besides what is told of every vote."""

from typing import ClassVar
from uuid import UUID

from api.meetings.events import MeetingEvent, ToPeople


class VotePrepared(MeetingEvent):
    """Who holds a mandate in a secret vote is frozen; the registrar makes so many credentials."""

    name: ClassVar[str] = "meeting.vote_prepared"

    vote_id: UUID
    mandates: int


class VoteEnrolled(MeetingEvent):
    """The credentials are listed; `head` is the hash that holds question, keys and credentials."""

    name: ClassVar[str] = "meeting.vote_enrolled"

    vote_id: UUID
    uuid: str
    head: str


class BallotsListed(ToPeople):
    """The closed box is listed and summed up, still encrypted; `head` is the hash that holds it."""

    name: ClassVar[str] = "meeting.ballots_listed"

    vote_id: UUID
    ballots: int
    rejected: int
    head: str
