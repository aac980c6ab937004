"""What may be read of recordings."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from api.meetings.recording.models import Recording, RecordingRead, RecordingTrack
from api.meetings.recording.rules import State
from core.db import ReadTx
from core.errors import NotFound


async def running(view: ReadTx, meeting_id: UUID) -> Recording | None:
    """Return the recording of a meeting that runs, if one does."""
    statement = select(Recording).where(
        Recording.meeting_id == meeting_id, Recording.state == State.RUNNING
    )
    return (await view.session.exec(statement)).first()


async def recordings(view: ReadTx, meeting_id: UUID) -> Sequence[Recording]:
    """List the recordings of a meeting, the oldest first."""
    statement = select(Recording).where(Recording.meeting_id == meeting_id)
    order = (col(Recording.started_at), col(Recording.id))
    return (await view.session.exec(statement.order_by(*order))).all()


async def tracks(view: ReadTx, meeting_id: UUID) -> Sequence[RecordingTrack]:
    """List the tracks of all recordings of a meeting, as they began."""
    statement = (
        select(RecordingTrack)
        .join(Recording, col(Recording.id) == col(RecordingTrack.recording_id))
        .where(Recording.meeting_id == meeting_id)
        .order_by(col(RecordingTrack.begun_at), col(RecordingTrack.id))
    )
    return (await view.session.exec(statement)).all()


async def track(view: ReadTx, meeting_id: UUID, track_id: UUID) -> RecordingTrack:
    """Return a track of a meeting."""
    for one in await tracks(view, meeting_id):
        if one.id == track_id:
            return one
    raise NotFound(id=str(track_id))


async def reads(view: ReadTx, meeting_id: UUID) -> Sequence[RecordingRead]:
    """List who fetched which track, how often, first and last."""
    statement = (
        select(RecordingRead)
        .join(RecordingTrack, col(RecordingTrack.id) == col(RecordingRead.track_id))
        .join(Recording, col(Recording.id) == col(RecordingTrack.recording_id))
        .where(Recording.meeting_id == meeting_id)
        .order_by(col(RecordingRead.track_id), col(RecordingRead.official_id))
    )
    return (await view.session.exec(statement)).all()
