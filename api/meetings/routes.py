"""Meetings over HTTP."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import ActorDep, Once, ReadTxDep, WriteTxDep
from api.documents.errors import NotYetRead, Secret
from api.meetings import queries, service
from api.meetings import schemas as said
from api.meetings.errors import NotYourPart, WrongPeople, WrongState
from api.meetings.models import Meeting
from api.meetings.rules import Move
from api.meetings.schemas import Lay, MeetingLine, MeetingOut
from api.meetings.service import Plan
from api.problems import problems
from core.errors import Forbidden, Malformed, NotFound
from core.ids import new_id
from core.sessions import DeviceRevoked
from core.tokens import BadProof, BadToken

router = APIRouter(prefix="/meetings", tags=["meetings"], route_class=Once)
_ASKED = (BadToken, BadProof, DeviceRevoked, Malformed)
_STEP = problems(NotFound, NotYourPart, WrongState, *_ASKED)


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    responses=problems(Forbidden, NotFound, WrongPeople, NotYetRead, Secret, *_ASKED),
)
async def plan_meeting(body: said.Plan, actor: ActorDep, tx: WriteTxDep) -> MeetingOut:
    """Plan a meeting (secretary), with its people and its first documents."""
    people = [(one.official_id, one.part) for one in body.people]
    planned = Plan(body.title, body.starts_at, people, body.documents)
    meeting = await service.plan(tx, actor, new_id(), planned)
    return await _shown(tx, actor, meeting.id)


@router.get("", response_model=list[MeetingLine], responses=problems(*_ASKED))
async def list_meetings(
    actor: ActorDep, view: ReadTxDep, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> Sequence[Meeting]:
    """List the meetings I take part in, the latest first."""
    return await queries.mine(view, actor, limit=limit)


@router.get("/{meeting_id}", responses=problems(NotFound, *_ASKED))
async def read_meeting(meeting_id: UUID, actor: ActorDep, view: ReadTxDep) -> MeetingOut:
    """Read a meeting: its people, its table, and what its room shows."""
    return await queries.whole(view, actor, meeting_id)


@router.post(
    "/{meeting_id}/documents",
    responses=problems(NotFound, NotYourPart, WrongState, NotYetRead, *_ASKED),
)
async def lay_document(meeting_id: UUID, body: Lay, actor: ActorDep, tx: WriteTxDep) -> MeetingOut:
    """Lay a document on the table (secretary); everybody who takes part may read it."""
    await service.lay(tx, actor, meeting_id, body.document_id)
    return await _shown(tx, actor, meeting_id)


@router.post("/{meeting_id}/invite", responses=_STEP)
async def invite(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> MeetingOut:
    """Invite everybody who takes part (chair or secretary)."""
    await service.advance(tx, actor, meeting_id, Move.INVITE)
    return await _shown(tx, actor, meeting_id)


@router.post("/{meeting_id}/open", responses=_STEP)
async def open_meeting(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> MeetingOut:
    """Open the meeting (chair or secretary)."""
    await service.advance(tx, actor, meeting_id, Move.OPEN)
    return await _shown(tx, actor, meeting_id)


@router.post("/{meeting_id}/pause", responses=_STEP)
async def pause_meeting(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> MeetingOut:
    """Take a break (chair or secretary)."""
    await service.advance(tx, actor, meeting_id, Move.PAUSE)
    return await _shown(tx, actor, meeting_id)


@router.post("/{meeting_id}/resume", responses=_STEP)
async def resume_meeting(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> MeetingOut:
    """Go on after a break (chair or secretary)."""
    await service.advance(tx, actor, meeting_id, Move.RESUME)
    return await _shown(tx, actor, meeting_id)


@router.post("/{meeting_id}/close", responses=_STEP)
async def close_meeting(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> MeetingOut:
    """End the meeting (chair or secretary)."""
    await service.advance(tx, actor, meeting_id, Move.CLOSE)
    return await _shown(tx, actor, meeting_id)


@router.post("/{meeting_id}/cancel", responses=_STEP)
async def cancel_meeting(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> MeetingOut:
    """Call the meeting off (chair or secretary)."""
    await service.advance(tx, actor, meeting_id, Move.CANCEL)
    return await _shown(tx, actor, meeting_id)


async def _shown(tx: WriteTxDep, actor: ActorDep, meeting_id: UUID) -> MeetingOut:
    await tx.session.flush()
    return await queries.whole(tx, actor, meeting_id)
