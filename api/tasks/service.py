"""Use-cases of tasks: each function is one transaction's worth of work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import select

from api.documents import service as documents
from api.documents.rules import must_not_be_secret
from api.people import queries as people
from api.tasks import queries
from api.tasks.errors import NotYourPart
from api.tasks.events import (
    PartAccepted,
    PartReported,
    TaskAccepted,
    TaskAssigned,
    TaskCancelled,
    TaskCompleted,
    TaskDeclined,
    TaskEvent,
    TaskReported,
    TaskReturned,
    TaskStarted,
)
from api.tasks.models import Task, TaskPart
from api.tasks.rules import (
    FINAL,
    Move,
    Part,
    PartMove,
    after,
    must_be_a_team,
    must_be_allowed,
    must_be_in_time,
    part_after,
)
from core.actor import Actor, Role
from core.db import Tx
from core.errors import Stale

_EVENTS: dict[Move, type[TaskEvent]] = {
    Move.ACCEPT: TaskAccepted,
    Move.DECLINE: TaskDeclined,
    Move.START: TaskStarted,
    Move.REPORT: TaskReported,
    Move.RETURN: TaskReturned,
    Move.COMPLETE: TaskCompleted,
    Move.CANCEL: TaskCancelled,
}
_PART_EVENTS: dict[PartMove, type[TaskEvent]] = {
    PartMove.ACCEPT: PartAccepted,
    PartMove.REPORT: PartReported,
}


@dataclass(frozen=True, slots=True)
class Directive:
    """What a leader directs: what, who leads, who helps until when, by when."""

    document_id: UUID
    content: str
    lead_id: UUID
    coordinators: Sequence[tuple[UUID, datetime]]
    deadline: datetime


async def direct(tx: Tx, actor: Actor, task_id: UUID, directive: Directive) -> Task:
    """Give a registered document to one lead and coordinators, and ring their phones."""
    actor.must_be(Role.LEADER)
    helpers = [official_id for official_id, _ in directive.coordinators]
    must_be_a_team(actor.id, directive.lead_id, helpers)
    must_be_in_time(tx.now, directive.deadline, [due for _, due in directive.coordinators])
    must_not_be_secret("", "", [directive.content])
    team = [directive.lead_id, *helpers]
    for official_id in team:
        await people.official(tx, actor, official_id)
    await documents.mark_directed(tx, actor, directive.document_id)
    await documents.let_read(tx, directive.document_id, team, "task")
    task = Task(
        id=task_id,
        agency_id=actor.agency_id,
        document_id=directive.document_id,
        assigner_id=actor.id,
        content=directive.content,
        deadline=directive.deadline,
        created_at=tx.now,
    )
    tx.session.add(task)
    await tx.session.flush()
    parts = _parts(task, directive)
    tx.session.add_all(parts)
    tx.audit(actor, "tasks.assign", task.id, document=str(task.document_id))
    tx.emit(_told(TaskAssigned, task, parts, actor, rings=team))
    return task


async def advance(
    tx: Tx,
    actor: Actor,
    task_id: UUID,
    move: Move,
    *,
    words: str | None = None,
    version: int | None = None,
) -> Task:
    """Make a move of the lead or of the assigner."""
    task, parts = await _locked(tx, actor, task_id, version)
    lead_id = next(part.official_id for part in parts if part.part is Part.LEAD)
    must_be_allowed(move, actor_id=actor.id, lead_id=lead_id, assigner_id=task.assigner_id)
    must_not_be_secret("", "", [words or ""])
    _move(tx, task, move)
    _keep_words(tx, task, move, words)
    if move is Move.COMPLETE:
        await documents.mark_resolved(tx, actor, task.document_id)
    other = task.assigner_id if actor.id == lead_id else lead_id
    tx.audit(actor, f"tasks.{move}", task.id)
    tx.emit(_told(_EVENTS[move], task, parts, actor, rings=[other]))
    return task


async def advance_part(
    tx: Tx, actor: Actor, task_id: UUID, move: PartMove, *, words: str | None = None
) -> Task:
    """Make a coordinator's move."""
    task, parts = await _locked(tx, actor, task_id, None)
    mine = next((p for p in parts if p.official_id == actor.id), None)
    if mine is None or mine.part is not Part.COORDINATOR:
        raise NotYourPart(move=move)
    must_not_be_secret("", "", [words or ""])
    mine.state = part_after(mine.state, move)
    mine.report = words or mine.report
    tx.session.add(mine)
    lead_id = next(part.official_id for part in parts if part.part is Part.LEAD)
    tx.audit(actor, f"tasks.part_{move}", task.id)
    tx.emit(_told(_PART_EVENTS[move], task, parts, actor, rings=[lead_id]))
    return task


def _move(tx: Tx, task: Task, move: Move) -> None:
    """Move a task on, or refuse; the only place that changes a state."""
    task.state = after(task.state, move)
    if task.state in FINAL:
        task.closed_at = tx.now
    tx.session.add(task)


def _keep_words(tx: Tx, task: Task, move: Move, words: str | None) -> None:
    match move:
        case Move.REPORT:
            task.result, task.reported_at = words, tx.now
        case Move.DECLINE:
            task.result = words
        case Move.RETURN | Move.CANCEL:
            task.opinion = words
        case _:
            pass


def _parts(task: Task, directive: Directive) -> list[TaskPart]:
    named = [(directive.lead_id, Part.LEAD, directive.deadline)]
    named += [(helper, Part.COORDINATOR, due) for helper, due in directive.coordinators]
    return [
        TaskPart(task_id=task.id, official_id=who, agency_id=task.agency_id, part=part, due=due)
        for who, part, due in named
    ]


async def _locked(
    tx: Tx, actor: Actor, task_id: UUID, version: int | None
) -> tuple[Task, Sequence[TaskPart]]:
    await queries.task(tx, actor, task_id)
    task = await tx.session.get_one(Task, task_id, with_for_update=True, populate_existing=True)
    if version is not None and version != task.version:
        raise Stale(version=task.version)
    parts = await tx.session.exec(select(TaskPart).where(TaskPart.task_id == task_id))
    return task, parts.all()


def _told(
    kind: type[TaskEvent], task: Task, parts: Sequence[TaskPart], actor: Actor, *, rings: list[UUID]
) -> TaskEvent:
    concerned = {task.assigner_id, *(part.official_id for part in parts)}
    return kind(
        task_id=task.id,
        document_id=task.document_id,
        by=actor.id,
        concerns=tuple(sorted(concerned)),
        rings=tuple(sorted(set(rings) - {actor.id})),
    )
