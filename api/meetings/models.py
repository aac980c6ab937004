"""What is known of meetings."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from api.meetings.invitations.rules import Answer
from api.meetings.papers.rules import ItemState, PaperState
from api.meetings.rules import BEGIN, Form, Part, State
from core.columns import Versioned, choice
from core.ids import new_id


class Meeting(Versioned, table=True):
    """A meeting, and what its room shows."""

    __tablename__: ClassVar[str] = "meeting"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: UUID = Field(index=True)
    title: str = Field(max_length=500)
    form: Form = Field(default=Form.IN_PERSON, sa_type=choice(Form))
    place: str = Field(default="", max_length=300)
    starts_at: datetime
    ends_at: datetime
    #: Grows with every change that calendars must learn of (RFC 5545, SEQUENCE).
    sequence: int = 0
    state: State = Field(default=BEGIN, sa_type=choice(State))
    #: Of those entitled to vote, so many hundredths must be present.
    quorum_percent: int = 50
    presenter_id: UUID
    active_item_id: UUID | None = None
    #: What is shown: a document of the table, and its page counted from 0.
    shown_document_id: UUID | None = None
    shown_revision_id: UUID | None = None
    shown_page: int | None = None
    created_at: datetime
    approved_by: UUID | None = None
    #: From then on its people know of it.
    invited_at: datetime | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None


class Participant(SQLModel, table=True):
    """Somebody in a meeting, and what they answered to the invitation."""

    __tablename__: ClassVar[str] = "participant"
    __table_args__ = (
        Index("ix_participant_official", "official_id"),
        UniqueConstraint("meeting_id", "stands_for"),  # one delegate for each principal
    )

    meeting_id: UUID = Field(primary_key=True, foreign_key="meeting.id")
    official_id: UUID = Field(primary_key=True)
    agency_id: UUID
    part: Part = Field(sa_type=choice(Part))
    #: Whether they vote, and with how many votes.
    votes: bool = False
    weight: int = 1
    #: Whose time they speak on, where groups have time budgets.
    team: str = Field(default="", max_length=80)
    answer: Answer = Field(default=Answer.SENT, sa_type=choice(Answer))
    answered_at: datetime | None = None
    seen_at: datetime | None = None
    #: The principal that a delegate stands for.
    stands_for: UUID | None = None


class AgendaItem(SQLModel, table=True):
    """One item of the agenda; items stand in a tree."""

    __tablename__: ClassVar[str] = "agenda_item"
    __table_args__ = (Index("ix_agenda_item_meeting", "meeting_id", "place"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    meeting_id: UUID = Field(foreign_key="meeting.id")
    agency_id: UUID
    parent_id: UUID | None = Field(default=None, foreign_key="agenda_item.id")
    #: Among all items of the meeting.
    place: int
    title: str = Field(max_length=500)
    minutes: int
    reporter_id: UUID | None = None
    state: ItemState = Field(default=ItemState.PENDING, sa_type=choice(ItemState))
    begun_at: datetime | None = None
    ended_at: datetime | None = None


class ItemGuest(SQLModel, table=True):
    """A guest who is let into one item."""

    __tablename__: ClassVar[str] = "item_guest"

    item_id: UUID = Field(primary_key=True, foreign_key="agenda_item.id")
    official_id: UUID = Field(primary_key=True)
    agency_id: UUID


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
    item_id: UUID | None = Field(default=None, foreign_key="agenda_item.id")
    state: PaperState = Field(default=PaperState.PUBLISHED, sa_type=choice(PaperState))
    #: Every page bears the name of who looks at it.
    restricted: bool = False
    #: Only those named in `table_reader` may read it.
    closed_circle: bool = False
    laid_by: UUID
    withdrawn_at: datetime | None = None


class TableReader(SQLModel, table=True):
    """Somebody to whom a document for a closed circle was given."""

    __tablename__: ClassVar[str] = "table_reader"

    meeting_id: UUID = Field(primary_key=True, foreign_key="meeting.id")
    document_id: UUID = Field(primary_key=True)
    official_id: UUID = Field(primary_key=True)
    agency_id: UUID


class PageRead(SQLModel, table=True):
    """How often somebody read a page of the table, first and last; counted from 0."""

    __tablename__: ClassVar[str] = "page_read"

    meeting_id: UUID = Field(primary_key=True, foreign_key="meeting.id")
    revision_id: UUID = Field(primary_key=True)
    page: int = Field(primary_key=True)
    official_id: UUID = Field(primary_key=True)
    agency_id: UUID
    times: int
    first_at: datetime
    last_at: datetime
