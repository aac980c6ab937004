"""Use-cases of recordings: each function is one transaction's worth of work."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from api.meetings.counting import count
from api.meetings.models import Meeting
from api.meetings.recording import queries
from api.meetings.recording.events import RecordingKept, RecordingStarted, RecordingStopped
from api.meetings.recording.models import Recording, RecordingRead, RecordingTrack
from api.meetings.recording.rules import Move, State, Take, after
from api.meetings.rules import Act, must_be_in_session
from api.meetings.seats import locked, seat
from core.actor import Actor
from core.db import Tx
from core.errors import NotFound
from core.jobs import Job, enqueue_once

KEEP = "meetings.keep_recording"
#: For the engine to hear of the end and to close its files.
A_MOMENT = timedelta(seconds=2)


async def start(tx: Tx, actor: Actor, meeting_id: UUID) -> Recording:
    """Begin to record (the chair alone); everybody is told, and again changes nothing."""
    meeting = (await locked(tx, actor, meeting_id, Act.RECORD)).meeting
    must_be_in_session(meeting.state)
    runs = await queries.running(tx, meeting_id)
    if runs is not None:
        return runs
    recording = Recording(
        meeting_id=meeting_id,
        agency_id=meeting.agency_id,
        started_by=actor.id,
        started_at=tx.now,
    )
    tx.session.add(recording)
    tx.audit(actor, "meetings.start_recording", meeting_id, recording=str(recording.id))
    tx.emit(RecordingStarted(meeting_id=meeting_id, by=actor.id, recording_id=recording.id))
    return recording


async def stop(tx: Tx, actor: Actor, meeting_id: UUID) -> Recording:
    """Record no more (the chair alone)."""
    meeting = (await locked(tx, actor, meeting_id, Act.RECORD)).meeting
    runs = await queries.running(tx, meeting_id)
    if runs is None:
        raise NotFound(id=str(meeting_id))
    await _stop(tx, actor, meeting, runs)
    return runs


async def stop_any(tx: Tx, actor: Actor, meeting: Meeting) -> None:
    """Record no more: the meeting is over."""
    runs = await queries.running(tx, meeting.id)
    if runs is not None:
        await _stop(tx, actor, meeting, runs)


class Kept(NamedTuple):
    """A file of a recording that lies with the other files now."""

    take: Take
    media_type: str
    sha256: str
    size: int


async def keep(tx: Tx, recording_id: UUID, files: Sequence[Kept]) -> None:
    """Put what was recorded into the meeting's record; once."""
    recording = await tx.session.get_one(Recording, recording_id, with_for_update=True)
    if recording.state is State.KEPT:
        return
    _advance(tx, recording, Move.KEEP)
    tx.session.add_all(_track(recording, one) for one in files)
    tx.emit(
        RecordingKept(
            meeting_id=recording.meeting_id,
            by=recording.stopped_by or recording.started_by,
            recording_id=recording.id,
            tracks=len(files),
        )
    )


async def open_track(tx: Tx, actor: Actor, meeting_id: UUID, track_id: UUID) -> RecordingTrack:
    """Return a track for one listener; that it is fetched is written down first."""
    taken = await seat(tx, actor, meeting_id, Act.HEAR_RECORDING)
    track = await queries.track(tx, meeting_id, track_id)
    read = RecordingRead(
        track_id=track_id, official_id=actor.id, agency_id=taken.meeting.agency_id,
        times=1, first_at=tx.now, last_at=tx.now,
    )  # fmt: skip
    await count(tx, read)
    tx.audit(actor, "meetings.fetch_recording", meeting_id, track=str(track_id))
    return track


def _track(recording: Recording, file: Kept) -> RecordingTrack:
    return RecordingTrack(
        recording_id=recording.id,
        agency_id=recording.agency_id,
        official_id=file.take.official_id,
        source=file.take.source,
        media_type=file.media_type,
        begun_at=file.take.begun_at,
        sha256=file.sha256,
        size=file.size,
    )


async def _stop(tx: Tx, actor: Actor, meeting: Meeting, recording: Recording) -> None:
    _advance(tx, recording, Move.STOP)
    recording.stopped_by, recording.stopped_at = actor.id, tx.now
    job = Job(
        kind=KEEP,
        key=str(recording.id),
        payload={"recording_id": str(recording.id)},
        next_at=tx.now + A_MOMENT,
        created_at=tx.now,
    )
    await enqueue_once(tx.session, job)
    tx.audit(actor, "meetings.stop_recording", meeting.id, recording=str(recording.id))
    tx.emit(RecordingStopped(meeting_id=meeting.id, by=actor.id, recording_id=recording.id))


def _advance(tx: Tx, recording: Recording, move: Move) -> None:
    """Move a recording on, or refuse; the only place that changes its state."""
    recording.state = after(recording.state, move)
    tx.session.add(recording)
