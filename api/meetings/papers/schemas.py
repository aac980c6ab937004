"""What phones send and get about agenda and table."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.meetings import plans
from api.meetings.papers.rules import ItemState, PaperState

Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]*$"),
]
_FROM_ROWS = ConfigDict(from_attributes=True)


class AgendaLine(BaseModel):
    """One item of the agenda."""

    id: UUID | None = Field(default=None, description="of an item that stays")
    title: Title
    minutes: Annotated[int, Field(ge=0, le=1440)]
    parent: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="the place of its parent in this list, counted from 0"
    )
    reporter_id: UUID | None = None
    guests: Annotated[list[UUID], Field(max_length=50)] = []

    def line(self) -> plans.Line:
        """Return it as the services take it."""
        return plans.Line(
            self.title, self.minutes, self.id, self.parent, self.reporter_id, self.guests
        )


class Agenda(BaseModel):
    """The whole agenda, in its order."""

    items: Annotated[list[AgendaLine], Field(max_length=200)]


class ItemOut(BaseModel):
    """An item of the agenda."""

    model_config = _FROM_ROWS

    id: UUID
    parent_id: UUID | None
    place: int
    title: str
    minutes: int
    reporter_id: UUID | None
    state: ItemState
    begun_at: datetime | None
    ended_at: datetime | None
    guests: list[UUID] = []


class Lay(BaseModel):
    """Lay a document on the table."""

    document_id: UUID
    item_id: UUID | None = Field(default=None, description="the item that it belongs to")
    restricted: bool = Field(default=False, description="every page bears its reader's name")
    circle: Annotated[list[UUID], Field(max_length=500)] | None = Field(
        default=None, description="who alone may read it; none: everybody of the meeting"
    )

    def laid(self) -> plans.Laid:
        """Return it as the services take it."""
        return plans.Laid(self.document_id, self.item_id, self.restricted, self.circle)


class PaperOut(BaseModel):
    """A document on the table; `sha256` names the file, so that pages can be kept by it."""

    document_id: UUID
    revision_id: UUID
    sha256: str
    title: str
    pages: int
    place: int
    item_id: UUID | None
    state: PaperState
    restricted: bool


class Progress(BaseModel):
    """How many pages of a document somebody has read."""

    revision_id: UUID
    official_id: UUID
    pages: int


class ReadOut(BaseModel):
    """How often somebody read a page, first and last."""

    model_config = _FROM_ROWS

    revision_id: UUID
    page: int
    official_id: UUID
    times: int
    first_at: datetime
    last_at: datetime
