"""What is known of meetings."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from api.meetings.rules import BEGIN, Part, State
from core.columns import Versioned, choice
from core.ids import new_id


class Meeting(Versioned, table=True):
    """A meeting, and what its room shows."""

    __tablename__: ClassVar[str] = "meeting"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: UUID = Field(index=True)
    title: str = Field(max_length=500)
    starts_at: datetime
    state: State = Field(default=BEGIN, sa_type=choice(State))
    presenter_id: UUID
    #: What is shown: a document of the table, and its page counted from 0.
    shown_document_id: UUID | None = None
    shown_revision_id: UUID | None = None
    shown_page: int | None = None
    created_at: datetime
    opened_at: datetime | None = None
    closed_at: datetime | None = None


class Participant(SQLModel, table=True):
    """Somebody in a meeting."""

    __tablename__: ClassVar[str] = "participant"
    __table_args__ = (Index("ix_participant_official", "official_id"),)

    meeting_id: UUID = Field(primary_key=True, foreign_key="meeting.id")
    official_id: UUID = Field(primary_key=True)
    agency_id: UUID
    part: Part = Field(sa_type=choice(Part))


class TableDocument(SQLModel, table=True):
    """A document on a meeting's table, in the revision that was laid there."""

    __tablename__: ClassVar[str] = "table_document"
    __table_args__ = (UniqueConstraint("meeting_id", "place"),)

    meeting_id: UUID = Field(primary_key=True, foreign_key="meeting.id")
    document_id: UUID = Field(primary_key=True, foreign_key="document.id")
    agency_id: UUID
    revision_id: UUID = Field(foreign_key="revision.id")
    pages: int
    place: int
