"""What is known of recordings."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from api.meetings.recording.rules import BEGIN, State
from core.columns import Versioned, choice
from core.ids import new_id

_RUNS = text("state = 'running'")


class Recording(Versioned, table=True):
    """A time in which a meeting was recorded, by whose decision."""

    __tablename__: ClassVar[str] = "recording"
    __table_args__ = (
        # A meeting is recorded once at a time.
        Index(
            "uq_recording_running", "meeting_id", unique=True, sqlite_where=_RUNS,
            postgresql_where=_RUNS,
        ),
    )  # fmt: skip

    id: UUID = Field(default_factory=new_id, primary_key=True)
    meeting_id: UUID = Field(foreign_key="meeting.id", index=True)
    agency_id: UUID
    state: State = Field(default=BEGIN, sa_type=choice(State))
    started_by: UUID
    started_at: datetime
    stopped_by: UUID | None = None
    stopped_at: datetime | None = None


class RecordingTrack(SQLModel, table=True):
    """One voice or picture of a recording; never changed."""

    __tablename__: ClassVar[str] = "recording_track"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    recording_id: UUID = Field(foreign_key="recording.id", index=True)
    agency_id: UUID
    official_id: UUID
    source: str = Field(max_length=16)
    media_type: str = Field(max_length=40)
    begun_at: datetime
    sha256: str = Field(max_length=64)
    size: int = Field(sa_type=BigInteger)


class RecordingRead(SQLModel, table=True):
    """How often somebody fetched a track, first and last."""

    __tablename__: ClassVar[str] = "recording_read"

    track_id: UUID = Field(primary_key=True, foreign_key="recording_track.id")
    official_id: UUID = Field(primary_key=True)
    agency_id: UUID
    times: int
    first_at: datetime
    last_at: datetime
