"""The floor over HTTP: its plan and its state; who speaks is ruled over the room's socket."""

from uuid import UUID

from fastapi import APIRouter

from api.deps import ActorDep, Once, ReadTxDep, WriteTxDep
from api.meetings.deps import ASKED
from api.meetings.errors import NotYourPart, WrongState
from api.meetings.floor import service, showing
from api.meetings.floor.models import FloorPlan
from api.meetings.floor.schemas import FloorOut, SetFloor
from api.meetings.seats import seat
from api.problems import problems

router = APIRouter(prefix="/meetings/{meeting_id}", tags=["meetings"], route_class=Once)


@router.get("/floor", responses=problems(*ASKED))
async def read_floor(meeting_id: UUID, actor: ActorDep, view: ReadTxDep) -> FloorOut:
    """See who waits and who speaks, and how long they may."""
    return await showing.floor(view, (await seat(view, actor, meeting_id)).meeting)


@router.put("/floor", responses=problems(NotYourPart, WrongState, *ASKED))
async def set_floor(meeting_id: UUID, body: SetFloor, actor: ActorDep, tx: WriteTxDep) -> FloorOut:
    """Set how long people and groups may speak, and how many at once (chair, secretary)."""
    values = body.model_dump(exclude={"teams"})
    plan = FloorPlan(meeting_id=meeting_id, agency_id=actor.agency_id, **values)
    meeting = await service.set_plan(tx, actor, meeting_id, plan, body.teams)
    await tx.session.flush()
    return await showing.floor(tx, meeting)
