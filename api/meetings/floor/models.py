"""What is known of the floor."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from api.meetings.floor.rules import Kind, Turn
from core.columns import Versioned, choice
from core.ids import new_id

_LIVE = text("state NOT IN ('done', 'withdrawn', 'expired')")


class FloorPlan(SQLModel, table=True):
    """How long people may speak in a meeting, and how many at once."""

    __tablename__: ClassVar[str] = "floor_plan"

    meeting_id: UUID = Field(primary_key=True, foreign_key="meeting.id")
    agency_id: UUID
    speech_seconds: int
    warning_seconds: int
    most_speakers: int


class FloorTeam(SQLModel, table=True):
    """How long all of one group together may speak."""

    __tablename__: ClassVar[str] = "floor_team"

    meeting_id: UUID = Field(primary_key=True, foreign_key="meeting.id")
    team: str = Field(primary_key=True, max_length=80)
    agency_id: UUID
    seconds: int


class FloorTurn(Versioned, table=True):
    """Somebody's request to speak, and what became of it."""

    __tablename__: ClassVar[str] = "floor_turn"
    __table_args__ = (
        # Nobody stands in the queue twice.
        Index(
            "uq_floor_turn_live", "meeting_id", "official_id", unique=True, sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("ix_floor_turn_meeting", "meeting_id", "place"),
    )  # fmt: skip

    id: UUID = Field(default_factory=new_id, primary_key=True)
    meeting_id: UUID = Field(foreign_key="meeting.id")
    item_id: UUID | None = None
    official_id: UUID
    agency_id: UUID
    team: str = Field(default="", max_length=80)
    kind: Kind = Field(sa_type=choice(Kind))
    state: Turn = Field(sa_type=choice(Turn))
    place: int
    asked_at: datetime
    budget_ms: int = Field(default=0, sa_type=BigInteger)
    spent_ms: int = Field(default=0, sa_type=BigInteger)
    started_at: datetime | None = None
    ended_at: datetime | None = None
