"""Invitations over HTTP."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import ActorDep, Once, ReadTxDep, WriteTxDep
from api.meetings.deps import ASKED, shown
from api.meetings.errors import WrongState
from api.meetings.invitations import calendar, queries, service
from api.meetings.invitations.errors import CannotDelegate, WrongAnswer
from api.meetings.invitations.rules import Reply
from api.meetings.invitations.schemas import Delegate
from api.meetings.schemas import MeetingOut
from api.problems import problems

router = APIRouter(prefix="/meetings/{meeting_id}", tags=["meetings"], route_class=Once)
_ANSWER = problems(WrongState, WrongAnswer, *ASKED)


class Calendar(Response):
    """A calendar file."""

    media_type = "text/calendar"


@router.get("/invitation.ics", response_class=Calendar, responses=problems(*ASKED))
async def read_invitation(meeting_id: UUID, actor: ActorDep, view: ReadTxDep) -> Response:
    """Download my invitation as a calendar file; a later one replaces it by `SEQUENCE`."""
    said = await queries.appointment(view, actor, meeting_id)
    headers = {"Content-Disposition": f'attachment; filename="{meeting_id}.ics"'}
    return Calendar(calendar.written(said).encode(), headers=headers)


@router.post("/see", responses=_ANSWER)
async def see_invitation(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> MeetingOut:
    """Let the secretary know that I have seen my invitation."""
    await service.answer(tx, actor, meeting_id, Reply.SEE)
    return await shown(tx, actor, meeting_id)


@router.post("/accept", responses=_ANSWER)
async def accept_invitation(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> MeetingOut:
    """Accept my invitation; a delegate takes the place they were offered."""
    await service.answer(tx, actor, meeting_id, Reply.ACCEPT)
    return await shown(tx, actor, meeting_id)


@router.post("/decline", status_code=HTTPStatus.NO_CONTENT, responses=_ANSWER)
async def decline_invitation(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> Response:
    """Decline my invitation; a delegate who does takes no part any more."""
    await service.answer(tx, actor, meeting_id, Reply.DECLINE)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post("/delegate", responses=problems(WrongState, WrongAnswer, CannotDelegate, *ASKED))
async def delegate_invitation(
    meeting_id: UUID, body: Delegate, actor: ActorDep, tx: WriteTxDep
) -> MeetingOut:
    """Ask a colleague to come in my place (member); it counts when they accept."""
    await service.delegate(tx, actor, meeting_id, body.official_id)
    return await shown(tx, actor, meeting_id)


@router.post("/recall", responses=_ANSWER)
async def recall_delegate(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> MeetingOut:
    """Come myself after all; whoever I asked takes no part any more."""
    await service.recall(tx, actor, meeting_id)
    return await shown(tx, actor, meeting_id)
