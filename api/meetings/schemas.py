"""What phones send and get about meetings."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.meetings import plans
from api.meetings.attendance.schemas import QuorumOut
from api.meetings.floor.schemas import FloorOut
from api.meetings.invitations.rules import Answer
from api.meetings.papers.schemas import ItemOut, PaperOut
from api.meetings.recording.schemas import RecordingOut
from api.meetings.rules import MOST_WEIGHT, Form, Part, State
from api.meetings.votes.schemas import VoteOut

Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]*$"),
]
Place = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=300, pattern=r"^[^\x00]*$")
]
Team = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=80, pattern=r"^[^\x00]*$")
]
Percent = Annotated[int, Field(ge=1, le=100)]
FROM_ROWS = ConfigDict(from_attributes=True)


class Invite(BaseModel):
    """An official who is to take part."""

    official_id: UUID
    part: Part = Part.MEMBER
    votes: bool | None = Field(default=None, description="none: members do")
    weight: Annotated[int, Field(ge=1, le=MOST_WEIGHT)] = 1
    team: Team = Field(default="", description="whose time they speak on")

    def invitee(self) -> plans.Invitee:
        """Return it as the services take it."""
        return plans.Invitee(self.official_id, self.part, self.votes, self.weight, self.team)


class Plan(BaseModel):
    """Plan a meeting; who plans it is its secretary."""

    title: Title
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = Field(default=None, description="none: two hours later")
    form: Form = Form.IN_PERSON
    place: Place = ""
    quorum_percent: Percent = 50
    people: Annotated[list[Invite], Field(min_length=1, max_length=500)]
    documents: Annotated[list[UUID], Field(max_length=100)] = []

    def plan(self) -> plans.Plan:
        """Return it as the services take it."""
        return plans.Plan(
            title=self.title,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            people=[one.invitee() for one in self.people],
            documents=self.documents,
            form=self.form,
            place=self.place,
            quorum_percent=self.quorum_percent,
        )


class Reschedule(BaseModel):
    """Change when and where; what is left out stays."""

    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    form: Form | None = None
    place: Place | None = None

    def schedule(self) -> plans.Schedule:
        """Return it as the services take it."""
        return plans.Schedule(self.starts_at, self.ends_at, self.form, self.place)


class Somebody(BaseModel):
    """An official, their part, and what they answered."""

    model_config = FROM_ROWS

    official_id: UUID
    part: Part
    votes: bool
    weight: int
    team: str
    answer: Answer
    stands_for: UUID | None


class MeetingLine(BaseModel):
    """A meeting in a list."""

    model_config = FROM_ROWS

    id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    form: Form
    place: str
    state: State
    version: int


class MeetingOut(MeetingLine):
    """A meeting: its people, its table, and what its room shows."""

    sequence: int
    quorum_percent: int
    presenter_id: UUID
    active_item_id: UUID | None
    shown_document_id: UUID | None
    shown_revision_id: UUID | None
    shown_page: int | None
    opened_at: datetime | None
    closed_at: datetime | None
    my_part: Part
    people: list[Somebody]
    agenda: list[ItemOut]
    table: list[PaperOut]
    quorum: QuorumOut
    floor: FloorOut
    recording: RecordingOut | None = Field(description="the one that runs; null: none does")
    votes: list[VoteOut]


class TurnPage(BaseModel):
    """Socket command `page.turn`: show a page to everybody."""

    model_config = ConfigDict(extra="forbid")

    document_id: UUID
    page: Annotated[int, Field(ge=0, le=100_000)]


class HandOver(BaseModel):
    """Socket command `presenter.hand`: let somebody else present."""

    model_config = ConfigDict(extra="forbid")

    official_id: UUID
