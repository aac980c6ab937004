"""What is known of who was there."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from api.meetings.attendance.rules import Way
from core.columns import choice
from core.ids import new_id

_OPEN = text("until IS NULL")


class CheckInCode(SQLModel, table=True):
    """A code that was shown on the screen; kept as a hash, used once."""

    __tablename__: ClassVar[str] = "check_in_code"

    meeting_id: UUID = Field(primary_key=True, foreign_key="meeting.id")
    digest: bytes = Field(primary_key=True)
    agency_id: UUID
    shown_at: datetime
    used_by: UUID | None = None


class Presence(SQLModel, table=True):
    """One stay of somebody: from when to when; stays of one person never overlap."""

    __tablename__: ClassVar[str] = "presence"
    __table_args__ = (
        # One open stay for each person: the last guard against two at once.
        Index(
            "uq_presence_open", "meeting_id", "official_id", unique=True, sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_presence_meeting", "meeting_id", "official_id", "since"),
    )  # fmt: skip

    id: UUID = Field(default_factory=new_id, primary_key=True)
    meeting_id: UUID = Field(foreign_key="meeting.id")
    official_id: UUID
    agency_id: UUID
    way: Way = Field(sa_type=choice(Way))
    since: datetime
    until: datetime | None = None
    #: Who wrote it down by hand, and why.
    entered_by: UUID | None = None
    reason: str | None = Field(default=None, max_length=500)
