"""What phones get about recordings."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from api.meetings.recording.rules import State

_FROM_ROWS = ConfigDict(from_attributes=True)


class TrackOut(BaseModel):
    """One voice or picture, from when it had the floor until it lost it."""

    model_config = _FROM_ROWS

    id: UUID
    recording_id: UUID
    official_id: UUID
    source: str
    media_type: str
    begun_at: datetime
    sha256: str
    size: int


class RecordingOut(BaseModel):
    """A recording, by whose decision, and where it stands."""

    model_config = _FROM_ROWS

    id: UUID
    state: State
    started_by: UUID
    started_at: datetime
    stopped_by: UUID | None
    stopped_at: datetime | None


class RecordingsOut(BaseModel):
    """The recordings of a meeting, and their tracks once they are kept."""

    recordings: list[RecordingOut]
    tracks: list[TrackOut]


class TrackReadOut(BaseModel):
    """Who fetched a track, how often, first and last."""

    model_config = _FROM_ROWS

    track_id: UUID
    official_id: UUID
    times: int
    first_at: datetime
    last_at: datetime
