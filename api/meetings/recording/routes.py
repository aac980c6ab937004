"""Recordings over HTTP."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from api.deps import ActorDep, BlobsDep, DatabaseDep, Once, ReadTxDep, WriteTxDep
from api.meetings.deps import ASKED
from api.meetings.errors import NotYourPart, WrongState
from api.meetings.recording import queries, service
from api.meetings.recording.errors import CannotRecord
from api.meetings.recording.models import Recording, RecordingRead
from api.meetings.recording.schemas import RecordingOut, RecordingsOut, TrackOut, TrackReadOut
from api.meetings.rules import Act
from api.meetings.seats import seat
from api.problems import problems

router = APIRouter(prefix="/meetings/{meeting_id}", tags=["meetings"], route_class=Once)
_BINARY = {"schema": {"type": "string", "format": "binary"}}


async def _can_record(request: Request) -> bool:
    return bool(request.app.state.engines.realtime.stage.records)


@router.post(
    "/recording/start",
    response_model=RecordingOut,
    responses=problems(NotYourPart, WrongState, CannotRecord, *ASKED),
)
async def start_recording(
    meeting_id: UUID,
    actor: ActorDep,
    tx: WriteTxDep,
    can_record: Annotated[bool, Depends(_can_record)],
) -> Recording:
    """Record what the room hears and sees (the chair alone); everybody in it is told."""
    recording = await service.start(tx, actor, meeting_id)
    if not can_record:
        raise CannotRecord
    return recording


@router.post(
    "/recording/stop", response_model=RecordingOut, responses=problems(NotYourPart, *ASKED)
)
async def stop_recording(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> Recording:
    """Record no more (the chair alone)."""
    return await service.stop(tx, actor, meeting_id)


@router.get("/recordings", responses=problems(NotYourPart, *ASKED))
async def list_recordings(meeting_id: UUID, actor: ActorDep, view: ReadTxDep) -> RecordingsOut:
    """List the meeting's recordings, and their tracks once they are kept."""
    await seat(view, actor, meeting_id, Act.HEAR_RECORDING)
    found = await queries.recordings(view, meeting_id)
    tracks = await queries.tracks(view, meeting_id)
    return RecordingsOut(
        recordings=[RecordingOut.model_validate(one) for one in found],
        tracks=[TrackOut.model_validate(one) for one in tracks],
    )


@router.get(
    "/recordings/tracks/{track_id}",
    response_class=StreamingResponse,
    responses={
        HTTPStatus.OK: {"content": {"audio/ogg": _BINARY, "video/webm": _BINARY}},
        **problems(NotYourPart, *ASKED),
    },
)
async def read_recording(
    meeting_id: UUID, track_id: UUID, actor: ActorDep, db: DatabaseDep, blobs: BlobsDep
) -> Response:
    """Fetch a track; who does so is written down first."""
    async with db.begin() as tx:
        track = await service.open_track(tx, actor, meeting_id, track_id)
    headers = {"Cache-Control": "no-store"}
    content = await blobs.read(track.sha256)
    return StreamingResponse(content, media_type=track.media_type, headers=headers)


@router.get(
    "/recordings/access-log",
    response_model=list[TrackReadOut],
    responses=problems(NotYourPart, *ASKED),
)
async def read_recording_log(
    meeting_id: UUID, actor: ActorDep, view: ReadTxDep
) -> Sequence[RecordingRead]:
    """See who fetched which track, how often, first and last (chair or secretary)."""
    await seat(view, actor, meeting_id, Act.READ_LOG)
    return await queries.reads(view, meeting_id)
