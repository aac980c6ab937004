"""Meetings over HTTP."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import ActorDep, Once, ReadTxDep, WriteTxDep
from api.documents.errors import NotYetRead, Secret
from api.meetings import queries, schemas, service, showing
from api.meetings.deps import ASKED, STEP, shown
from api.meetings.errors import NotYourPart, WrongPeople, WrongState, WrongTimes
from api.meetings.models import Meeting
from api.meetings.rules import Move
from api.meetings.schemas import MeetingLine, MeetingOut
from api.meetings.votes.errors import VoteStillOpen
from api.problems import problems
from core.errors import Forbidden
from core.ids import new_id

router = APIRouter(prefix="/meetings", tags=["meetings"], route_class=Once)
_PEOPLE = problems(NotYourPart, WrongState, WrongPeople, *ASKED)


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    responses=problems(Forbidden, WrongPeople, WrongTimes, NotYetRead, Secret, *ASKED),
)
async def plan_meeting(body: schemas.Plan, actor: ActorDep, tx: WriteTxDep) -> MeetingOut:
    """Plan a meeting (secretary), with its people and its first documents."""
    meeting = await service.plan(tx, actor, new_id(), body.plan())
    return await shown(tx, actor, meeting.id)


@router.get("", response_model=list[MeetingLine], responses=problems(*ASKED))
async def list_meetings(
    actor: ActorDep, view: ReadTxDep, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> Sequence[Meeting]:
    """List the meetings I take part in, the latest first."""
    return await queries.mine(view, actor, limit=limit)


@router.get("/{meeting_id}", responses=problems(*ASKED))
async def read_meeting(meeting_id: UUID, actor: ActorDep, view: ReadTxDep) -> MeetingOut:
    """Read a meeting: its people, its agenda, its table, and what its room shows."""
    return await showing.whole(view, actor, meeting_id)


@router.post("/{meeting_id}/reschedule", responses=STEP | problems(WrongTimes, Secret))
async def reschedule_meeting(
    meeting_id: UUID, body: schemas.Reschedule, actor: ActorDep, tx: WriteTxDep
) -> MeetingOut:
    """Change when, where and how people come together (chair or secretary)."""
    await service.reschedule(tx, actor, meeting_id, body.schedule())
    return await shown(tx, actor, meeting_id)


@router.post("/{meeting_id}/people", responses=_PEOPLE)
async def add_person(
    meeting_id: UUID, body: schemas.Invite, actor: ActorDep, tx: WriteTxDep
) -> MeetingOut:
    """Let a further member or guest take part (chair or secretary)."""
    await service.add_person(tx, actor, meeting_id, body.invitee())
    return await shown(tx, actor, meeting_id)


@router.delete("/{meeting_id}/people/{official_id}", responses=_PEOPLE)
async def remove_person(
    meeting_id: UUID, official_id: UUID, actor: ActorDep, tx: WriteTxDep
) -> MeetingOut:
    """Let somebody take part no more (chair or secretary); they do not know of it any longer."""
    await service.remove_person(tx, actor, meeting_id, official_id)
    return await shown(tx, actor, meeting_id)


@router.post("/{meeting_id}/approve", responses=STEP)
async def approve_meeting(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> MeetingOut:
    """Approve the meeting as it is planned (chair)."""
    await service.advance(tx, actor, meeting_id, Move.APPROVE)
    return await shown(tx, actor, meeting_id)


@router.post("/{meeting_id}/invite", responses=STEP)
async def invite(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> MeetingOut:
    """Invite everybody who takes part (chair or secretary)."""
    await service.advance(tx, actor, meeting_id, Move.INVITE)
    return await shown(tx, actor, meeting_id)


@router.post("/{meeting_id}/open-check-in", responses=STEP)
async def open_check_in(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> MeetingOut:
    """Let people check in (chair or secretary)."""
    await service.advance(tx, actor, meeting_id, Move.CHECK_IN)
    return await shown(tx, actor, meeting_id)


@router.post("/{meeting_id}/open", responses=STEP)
async def open_meeting(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> MeetingOut:
    """Open the meeting (chair or secretary)."""
    await service.advance(tx, actor, meeting_id, Move.OPEN)
    return await shown(tx, actor, meeting_id)


@router.post("/{meeting_id}/pause", responses=STEP)
async def pause_meeting(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> MeetingOut:
    """Take a break (chair or secretary)."""
    await service.advance(tx, actor, meeting_id, Move.PAUSE)
    return await shown(tx, actor, meeting_id)


@router.post("/{meeting_id}/resume", responses=STEP)
async def resume_meeting(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> MeetingOut:
    """Go on after a break (chair or secretary)."""
    await service.advance(tx, actor, meeting_id, Move.RESUME)
    return await shown(tx, actor, meeting_id)


@router.post("/{meeting_id}/close", responses=STEP | problems(VoteStillOpen))
async def close_meeting(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> MeetingOut:
    """End the meeting (chair or secretary)."""
    await service.advance(tx, actor, meeting_id, Move.CLOSE)
    return await shown(tx, actor, meeting_id)


@router.post("/{meeting_id}/postpone", responses=STEP)
async def postpone_meeting(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> MeetingOut:
    """Put the meeting off (chair or secretary); a new invitation names the new date."""
    await service.advance(tx, actor, meeting_id, Move.POSTPONE)
    return await shown(tx, actor, meeting_id)


@router.post("/{meeting_id}/cancel", responses=STEP)
async def cancel_meeting(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> MeetingOut:
    """Call the meeting off (chair or secretary)."""
    await service.advance(tx, actor, meeting_id, Move.CANCEL)
    return await shown(tx, actor, meeting_id)
