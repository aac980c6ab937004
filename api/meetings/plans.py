"""What a secretary plans: plain values that the services are handed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from api.meetings.rules import VOTERS, Form, Part

#: How long a meeting lasts whose end nobody named.
USUALLY = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Invitee:
    """Somebody who is to take part.

    Attributes:
        votes: whether they vote; None: as their part says.
        weight: with how many votes.
        team: whose time they speak on, where groups have time budgets.
    """

    official_id: UUID
    part: Part = Part.MEMBER
    votes: bool | None = None
    weight: int = 1
    team: str = ""

    @property
    def is_voter(self) -> bool:
        """Whether they hold a vote."""
        wanted = self.part is Part.MEMBER if self.votes is None else self.votes
        return wanted and self.part in VOTERS


@dataclass(frozen=True, slots=True)
class Plan:
    """A meeting as its secretary plans it."""

    title: str
    starts_at: datetime
    people: Sequence[Invitee]
    documents: Sequence[UUID] = ()
    ends_at: datetime | None = None
    form: Form = Form.IN_PERSON
    place: str = ""
    quorum_percent: int = 50

    @property
    def end(self) -> datetime:
        """When the meeting is to end."""
        return self.ends_at or self.starts_at + USUALLY


@dataclass(frozen=True, slots=True)
class Schedule:
    """When and where a meeting takes place; None leaves it as it is."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    form: Form | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One item of an agenda that is set.

    Attributes:
        id: of an item that is there already.
        parent: the place of its parent in the list, counted from 0.
        guests: who is let in for this item.
    """

    title: str
    minutes: int
    id: UUID | None = None
    parent: int | None = None
    reporter_id: UUID | None = None
    guests: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True)
class Laid:
    """A document that is to lie on the table.

    Attributes:
        circle: who alone may read it besides chair and secretary; None: everybody of the meeting.
    """

    document_id: UUID
    item_id: UUID | None = None
    restricted: bool = False
    circle: Sequence[UUID] | None = None
