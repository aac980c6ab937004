"""What phones send and get about meetings."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.meetings.rules import Part, State

Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]*$"),
]
_FROM_ROWS = ConfigDict(from_attributes=True)


class Somebody(BaseModel):
    """An official and their part."""

    model_config = _FROM_ROWS

    official_id: UUID
    part: Part = Part.MEMBER


class Plan(BaseModel):
    """Plan a meeting; who plans it is its secretary."""

    title: Title
    starts_at: AwareDatetime
    people: Annotated[list[Somebody], Field(min_length=1, max_length=500)]
    documents: Annotated[list[UUID], Field(max_length=100)] = []


class Lay(BaseModel):
    """Lay a document on the table."""

    document_id: UUID


class PaperOut(BaseModel):
    """A document on the table."""

    model_config = _FROM_ROWS

    document_id: UUID
    revision_id: UUID
    pages: int
    place: int


class MeetingLine(BaseModel):
    """A meeting in a list."""

    model_config = _FROM_ROWS

    id: UUID
    title: str
    starts_at: datetime
    state: State
    version: int


class MeetingOut(MeetingLine):
    """A meeting: its people, its table, and what its room shows."""

    presenter_id: UUID
    shown_document_id: UUID | None
    shown_revision_id: UUID | None
    shown_page: int | None
    opened_at: datetime | None
    closed_at: datetime | None
    people: list[Somebody]
    table: list[PaperOut]


class TurnPage(BaseModel):
    """Socket command `page.turn`: show a page to everybody."""

    model_config = ConfigDict(extra="forbid")

    document_id: UUID
    page: Annotated[int, Field(ge=0, le=100_000)]


class HandOver(BaseModel):
    """Socket command `presenter.hand`: let somebody else present."""

    model_config = ConfigDict(extra="forbid")

    official_id: UUID
