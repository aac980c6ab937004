"""Tasks over HTTP."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import ActorDep, DatabaseDep, Once, ReadTxDep, WriteTxDep
from api.documents import errors as documents
from api.hot import Hot
from api.problems import problems
from api.tasks import queries, service
from api.tasks.errors import NotYourPart, WrongDeadline, WrongPeople, WrongState
from api.tasks.rules import Move, PartMove
from api.tasks.schemas import Direct, Say, Step, TaskLine, TaskOut, WhichTasks
from api.tasks.service import Directive
from core.errors import Forbidden, Malformed, NotFound, Stale
from core.ids import new_id
from core.sessions import DeviceRevoked
from core.tokens import BadProof, BadToken

hot = APIRouter(tags=["tasks"], route_class=Hot)
router = APIRouter(prefix="/tasks", tags=["tasks"], route_class=Once)
_ASKED = (BadToken, BadProof, DeviceRevoked, Malformed)
_STEP = problems(NotFound, NotYourPart, WrongState, Stale, documents.Secret, *_ASKED)


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    responses=problems(
        NotFound, Forbidden, WrongPeople, WrongDeadline, documents.WrongState,
        documents.NotRegistered, documents.NotYetRead, documents.Secret, *_ASKED,
    ),
)  # fmt: skip
async def assign_task(body: Direct, actor: ActorDep, tx: WriteTxDep) -> TaskOut:
    """Give a registered document to one lead and coordinators, with deadlines (leader)."""
    helpers = [(helper.official_id, helper.due) for helper in body.coordinators]
    directive = Directive(body.document_id, body.content, body.lead_id, helpers, body.deadline)
    task = await service.direct(tx, actor, new_id(), directive)
    await tx.session.flush()
    return await queries.whole(tx, actor, task.id)


@hot.get("/tasks", response_model=list[TaskLine], responses=problems(*_ASKED))
async def list_tasks(
    actor: ActorDep, db: DatabaseDep, asked: Annotated[WhichTasks, Query()]
) -> Response:
    """List my tasks, those I gave and those I work on, the nearest deadline first."""
    lines = await queries.lines(db, actor, limit=asked.limit, closed=asked.closed)
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


@router.post("/{task_id}/return", responses=_STEP)
async def return_task(task_id: UUID, body: Say, actor: ActorDep, tx: WriteTxDep) -> TaskOut:
    """Send the result back, with an opinion (assigner)."""
    await service.advance(tx, actor, task_id, Move.RETURN, words=body.words, version=body.version)
    return await _shown(tx, actor, task_id)


@router.post(
    "/{task_id}/complete",
    responses=problems(
        NotFound, NotYourPart, WrongState, documents.WrongState, Stale, documents.Secret, *_ASKED
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
