"""Tasks over HTTP."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import ActorDep, DatabaseDep, Once, ReadTxDep, WriteTxDep
from api.documents import errors as documents
from api.hot import Hot
from api.problems import problems
from api.tasks import deadlines, queries, service
from api.tasks.deadlines import NewLead
from api.tasks.errors import (
    AlreadyEvaluated,
    ExtensionWaits,
    NotYourPart,
    OwnWork,
    RemindedLately,
    WrongDeadline,
    WrongPeople,
    WrongState,
)
from api.tasks.rules import Move, PartMove
from api.tasks.schemas import (
    AskExtension,
    Direct,
    EntryOut,
    Evaluate,
    GrantExtension,
    Reassign,
    RefuseExtension,
    Say,
    Step,
    TaskLine,
    TaskOut,
    Urge,
    WhichTasks,
)
from api.tasks.service import Directive
from core.errors import Forbidden, Malformed, NotFound, Stale
from core.ids import new_id
from core.sessions import DeviceRevoked
from core.tokens import BadProof, BadToken

hot = APIRouter(tags=["tasks"], route_class=Hot)
router = APIRouter(prefix="/tasks", tags=["tasks"], route_class=Once)
_ASKED = (BadToken, BadProof, DeviceRevoked, Malformed)
_STEP = problems(NotFound, NotYourPart, WrongState, Stale, documents.Secret, *_ASKED)
#: Nobody judges what they did themselves.
_JUDGED = _STEP | problems(Forbidden, NotYourPart, OwnWork)
#: What the other refusals of a malformed body are beside.
_REFUSED = (documents.Secret, Malformed)


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    responses=problems(
        NotFound, Forbidden, WrongPeople, WrongDeadline, documents.WrongState,
        documents.NotRegistered, documents.NotYetRead, documents.Secret, *_ASKED,
    ),
)  # fmt: skip
async def assign_task(body: Direct, actor: ActorDep, tx: WriteTxDep) -> TaskOut:
    """Give a registered document to one lead and coordinators, with deadlines (leader, deputy)."""
    helpers = [(helper.official_id, helper.due) for helper in body.coordinators]
    known = body.model_dump(exclude={"coordinators"})
    directive = Directive(**known, coordinators=helpers)
    task = await service.direct(tx, actor, new_id(), directive)
    await tx.session.flush()
    return await queries.whole(tx, actor, task.id)


@hot.get("/tasks", response_model=list[TaskLine], responses=problems(*_ASKED))
async def list_tasks(
    actor: ActorDep, db: DatabaseDep, asked: Annotated[WhichTasks, Query()]
) -> Response:
    """List my tasks, those I gave and those I have a part in, the nearest deadline first."""
    lines = await queries.lines(db, actor, limit=asked.limit, closed=asked.closed)
    return Response(lines, media_type="application/json")


@router.get(
    "/on-behalf-of/{official_id}",
    response_model=list[TaskLine],
    responses=problems(NotFound, *_ASKED),
)
async def list_tasks_on_behalf_of(
    official_id: UUID, actor: ActorDep, db: DatabaseDep, asked: Annotated[WhichTasks, Query()]
) -> Response:
    """List the tasks of somebody for whom I act, the nearest deadline first."""
    async with db.read() as view:
        principal = await queries.principal(view, actor, official_id)
    lines = await queries.lines(db, principal, limit=asked.limit, closed=asked.closed)
    return Response(lines, media_type="application/json")


@router.get("/{task_id}", responses=problems(NotFound, *_ASKED))
async def read_task(task_id: UUID, actor: ActorDep, view: ReadTxDep) -> TaskOut:
    """Read a task with everybody's part."""
    return await queries.whole(view, actor, task_id)


@router.post("/{task_id}/accept", responses=_STEP)
async def accept_task(task_id: UUID, body: Step, actor: ActorDep, tx: WriteTxDep) -> TaskOut:
    """Accept a task (lead)."""
    await service.advance(tx, actor, task_id, Move.ACCEPT, version=body.version)
    return await _shown(tx, actor, task_id)


@router.post("/{task_id}/start", responses=_STEP)
async def start_task(task_id: UUID, body: Step, actor: ActorDep, tx: WriteTxDep) -> TaskOut:
    """Begin to work on a task (lead)."""
    await service.advance(tx, actor, task_id, Move.START, version=body.version)
    return await _shown(tx, actor, task_id)


@router.post("/{task_id}/decline", responses=_STEP)
async def decline_task(task_id: UUID, body: Say, actor: ActorDep, tx: WriteTxDep) -> TaskOut:
    """Decline a task, with the reason (lead)."""
    await service.advance(tx, actor, task_id, Move.DECLINE, words=body.words, version=body.version)
    return await _shown(tx, actor, task_id)


@router.post("/{task_id}/report", responses=_STEP)
async def report_task(task_id: UUID, body: Say, actor: ActorDep, tx: WriteTxDep) -> TaskOut:
    """Report the result (lead)."""
    await service.advance(tx, actor, task_id, Move.REPORT, words=body.words, version=body.version)
    return await _shown(tx, actor, task_id)


@router.post("/{task_id}/return", responses=_JUDGED)
async def return_task(task_id: UUID, body: Say, actor: ActorDep, tx: WriteTxDep) -> TaskOut:
    """Send the result back, with an opinion (assigner)."""
    await service.advance(tx, actor, task_id, Move.RETURN, words=body.words, version=body.version)
    return await _shown(tx, actor, task_id)


@router.post(
    "/{task_id}/complete",
    responses=problems(
        NotFound,
        NotYourPart,
        OwnWork,
        WrongState,
        documents.WrongState,
        Stale,
        documents.Secret,
        *_ASKED,
    ),
)
async def complete_task(task_id: UUID, body: Step, actor: ActorDep, tx: WriteTxDep) -> TaskOut:
    """Take the result; the task is done (assigner)."""
    await service.advance(tx, actor, task_id, Move.COMPLETE, version=body.version)
    return await _shown(tx, actor, task_id)


@router.post("/{task_id}/cancel", responses=_STEP)
async def cancel_task(task_id: UUID, body: Say, actor: ActorDep, tx: WriteTxDep) -> TaskOut:
    """Withdraw a task, with the reason (assigner)."""
    await service.advance(tx, actor, task_id, Move.CANCEL, words=body.words, version=body.version)
    return await _shown(tx, actor, task_id)


@router.post("/{task_id}/suspend", responses=_STEP)
async def suspend_task(task_id: UUID, body: Say, actor: ActorDep, tx: WriteTxDep) -> TaskOut:
    """Let the task rest; its deadline's clock stands still (assigner)."""
    await deadlines.suspend(tx, actor, task_id, words=body.words, version=body.version)
    return await _shown(tx, actor, task_id)


@router.post("/{task_id}/resume", responses=_STEP)
async def resume_task(task_id: UUID, body: Step, actor: ActorDep, tx: WriteTxDep) -> TaskOut:
    """Let the task go on; its deadline moves by the time it rested (assigner)."""
    await deadlines.resume(tx, actor, task_id, version=body.version)
    return await _shown(tx, actor, task_id)


@router.post(
    "/{task_id}/reassign", responses=_STEP | problems(WrongPeople, WrongDeadline, *_REFUSED)
)
async def reassign_task(task_id: UUID, body: Reassign, actor: ActorDep, tx: WriteTxDep) -> TaskOut:
    """Give the task to another lead, perhaps with another deadline (assigner)."""
    to = NewLead(body.lead_id, body.deadline)
    await deadlines.reassign(tx, actor, task_id, to, words=body.words, version=body.version)
    return await _shown(tx, actor, task_id)


@router.post(
    "/{task_id}/extensions",
    status_code=HTTPStatus.CREATED,
    responses=_STEP
    | problems(WrongDeadline, *_REFUSED)
    | problems(WrongState, ExtensionWaits, Stale),
)
async def ask_extension(
    task_id: UUID, body: AskExtension, actor: ActorDep, tx: WriteTxDep
) -> TaskOut:
    """Ask for a later deadline, with the reason (lead)."""
    await deadlines.ask_extension(tx, actor, task_id, body.deadline, reason=body.words)
    return await _shown(tx, actor, task_id)


@router.post(
    "/{task_id}/extensions/{extension_id}/grant",
    responses=_JUDGED | problems(WrongDeadline, *_REFUSED),
)
async def grant_extension(
    task_id: UUID, extension_id: UUID, body: GrantExtension, actor: ActorDep, tx: WriteTxDep
) -> TaskOut:
    """Set a later deadline: what was asked for, or another (assigner)."""
    await deadlines.grant_extension(
        tx, actor, task_id, extension_id, deadline=body.deadline, words=body.words
    )
    return await _shown(tx, actor, task_id)


@router.post("/{task_id}/extensions/{extension_id}/refuse", responses=_JUDGED)
async def refuse_extension(
    task_id: UUID, extension_id: UUID, body: RefuseExtension, actor: ActorDep, tx: WriteTxDep
) -> TaskOut:
    """Leave the deadline as it is, with the reason (assigner)."""
    move = Move.REFUSE_EXTENSION
    await deadlines.close_extension(tx, actor, task_id, extension_id, move, body.words)
    return await _shown(tx, actor, task_id)


@router.post("/{task_id}/extensions/{extension_id}/withdraw", responses=_STEP)
async def withdraw_extension(
    task_id: UUID, extension_id: UUID, actor: ActorDep, tx: WriteTxDep
) -> TaskOut:
    """Do without a later deadline (lead)."""
    move = Move.WITHDRAW_EXTENSION
    await deadlines.close_extension(tx, actor, task_id, extension_id, move)
    return await _shown(tx, actor, task_id)


@router.post(
    "/{task_id}/evaluate", responses=_JUDGED | problems(WrongState, AlreadyEvaluated, Stale)
)
async def evaluate_task(task_id: UUID, body: Evaluate, actor: ActorDep, tx: WriteTxDep) -> TaskOut:
    """Grade a completed task, once (assigner)."""
    await service.evaluate(tx, actor, task_id, body.grade, words=body.words, version=body.version)
    return await _shown(tx, actor, task_id)


@router.post("/{task_id}/remind", responses=_STEP | problems(RemindedLately))
async def remind_task(task_id: UUID, body: Urge, actor: ActorDep, tx: WriteTxDep) -> TaskOut:
    """Ring those who still have something to do (assigner, follower)."""
    await service.remind(tx, actor, task_id, words=body.words)
    return await _shown(tx, actor, task_id)


@router.get("/{task_id}/history", responses=problems(NotFound, *_ASKED))
async def read_history(task_id: UUID, actor: ActorDep, view: ReadTxDep) -> list[EntryOut]:
    """Read who did what with a task, for whom and in what words, oldest first."""
    return await queries.history(view, actor, task_id)


@router.post("/{task_id}/part/accept", responses=_STEP)
async def accept_part(task_id: UUID, actor: ActorDep, tx: WriteTxDep) -> TaskOut:
    """Accept my part (coordinator)."""
    await service.advance_part(tx, actor, task_id, PartMove.ACCEPT)
    return await _shown(tx, actor, task_id)


@router.post("/{task_id}/part/report", responses=_STEP)
async def report_part(task_id: UUID, body: Say, actor: ActorDep, tx: WriteTxDep) -> TaskOut:
    """Report on my part (coordinator)."""
    await service.advance_part(tx, actor, task_id, PartMove.REPORT, words=body.words)
    return await _shown(tx, actor, task_id)


async def _shown(tx: WriteTxDep, actor: ActorDep, task_id: UUID) -> TaskOut:
    await tx.session.flush()
    return await queries.whole(tx, actor, task_id)
