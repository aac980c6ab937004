"""Attendance over HTTP."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import ActorDep, Once, ReadTxDep, WriteTxDep
from api.documents.errors import Secret
from api.meetings.attendance import queries, service, showing
from api.meetings.attendance.errors import AlreadyHere, CodeUsed, NotHere, NotThisWay
from api.meetings.attendance.schemas import AttendanceOut, ByHand, CheckIn, CodeOut, StayOut
from api.meetings.deps import ASKED
from api.meetings.errors import NotYourPart, WrongState
from api.meetings.seats import seat
from api.problems import problems

router = APIRouter(prefix="/meetings/{meeting_id}", tags=["meetings"], route_class=Once)


@router.post("/check-in-code", responses=problems(NotYourPart, WrongState, NotThisWay, *ASKED))
async def show_check_in_code(
    meeting_id: UUID, actor: ActorDep, tx: WriteTxDep, response: Response
) -> CodeOut:
    """Get the next code for the screen (chair, secretary): it lets one person in, for 30 s."""
    response.headers["Cache-Control"] = "no-store"
    code, next_at = await service.show_code(tx, actor, meeting_id)
    return CodeOut(code=code, next_at=next_at)


@router.post("/check-in", responses=problems(WrongState, NotThisWay, CodeUsed, AlreadyHere, *ASKED))
async def check_in(meeting_id: UUID, body: CheckIn, actor: ActorDep, tx: WriteTxDep) -> StayOut:
    """Check in: with the code on the screen, or from afar without one."""
    return StayOut.model_validate(await service.check_in(tx, actor, meeting_id, body.code))


@router.post("/leave", status_code=HTTPStatus.NO_CONTENT, responses=problems(NotHere, *ASKED))
async def leave_meeting(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> Response:
    """Say that I leave."""
    await service.leave(tx, actor, meeting_id)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post(
    "/people/{official_id}/check-in",
    responses=problems(NotYourPart, WrongState, AlreadyHere, Secret, *ASKED),
)
async def check_in_by_hand(
    meeting_id: UUID, official_id: UUID, body: ByHand, actor: ActorDep, tx: WriteTxDep
) -> StayOut:
    """Write down that somebody is there (chair, secretary), and why by hand."""
    stay = await service.check_in_by_hand(tx, actor, meeting_id, official_id, body.reason)
    return StayOut.model_validate(stay)


@router.post(
    "/people/{official_id}/check-out",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(NotYourPart, NotHere, *ASKED),
)
async def check_out_by_hand(
    meeting_id: UUID, official_id: UUID, actor: ActorDep, tx: WriteTxDep
) -> Response:
    """Write down that somebody has left (chair, secretary)."""
    await service.check_out(tx, actor, meeting_id, official_id)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get("/attendance", responses=problems(*ASKED))
async def read_attendance(meeting_id: UUID, actor: ActorDep, view: ReadTxDep) -> AttendanceOut:
    """See who was there from when to when, and whether enough are there now."""
    mine = await seat(view, actor, meeting_id)
    stays = [StayOut.model_validate(one) for one in await queries.stays(view, meeting_id)]
    return AttendanceOut(quorum=await showing.quorum(view, mine.meeting), stays=stays)
