"""What is known of the record."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import Versioned, json_field
from core.ids import new_id


class Minutes(Versioned, table=True):
    """What is written (`api.meetings.writing`), and the document that it is frozen into."""

    __tablename__: ClassVar[str] = "minutes"

    meeting_id: UUID = Field(primary_key=True, foreign_key="meeting.id")
    agency_id: UUID
    #: The last of the updates that make the text.
    head: int = 0
    #: Whom the secretary lets write with them.
    writers: list[str] = json_field()
    #: Grows each time the minutes come back, so that each freezing makes a document of its own.
    attempt: int = 1
    document_id: UUID | None = Field(default=None, unique=True)
    #: Of the file as it was rendered; the signed file begins with these very bytes.
    sha256: str | None = Field(default=None, max_length=64)
    size: int | None = None
    signed_sha256: str | None = Field(default=None, max_length=64)
    signed_at: datetime | None = None
    notice_id: UUID | None = None


class MinutesComment(SQLModel, table=True):
    """What somebody says about minutes under review."""

    __tablename__: ClassVar[str] = "minutes_comment"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    meeting_id: UUID = Field(foreign_key="meeting.id", index=True)
    agency_id: UUID
    official_id: UUID
    words: str = Field(max_length=4000)
    at: datetime


class Conclusion(SQLModel, table=True):
    """What was concluded; with a lead and a deadline it becomes exactly one task."""

    __tablename__: ClassVar[str] = "conclusion"
    __table_args__ = (UniqueConstraint("meeting_id", "ordinal"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    meeting_id: UUID = Field(foreign_key="meeting.id")
    agency_id: UUID
    item_id: UUID | None = Field(default=None, foreign_key="agenda_item.id")
    ordinal: int
    words: str = Field(max_length=4000)
    lead_id: UUID | None = None
    coordinators: list[str] = json_field()
    due: datetime | None = None
    task_id: UUID | None = Field(default=None, unique=True)
