"""What all use-cases of tasks stand on: a task under its lock, and the one way to move it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select

from api.documents.rules import must_not_be_secret
from api.people import queries as people
from api.people.acting import Scope
from api.tasks import queries, rules
from api.tasks.events import (
    ExtensionAsked,
    ExtensionGranted,
    ExtensionRefused,
    ExtensionWithdrawn,
    TaskAccepted,
    TaskCancelled,
    TaskCompleted,
    TaskDeclined,
    TaskEscalated,
    TaskEvaluated,
    TaskEvent,
    TaskNearlyDue,
    TaskOverdue,
    TaskReassigned,
    TaskReminded,
    TaskReported,
    TaskResumed,
    TaskReturned,
    TaskStarted,
    TaskSuspended,
)
from api.tasks.models import Task, TaskEntry, TaskExtension, TaskPart
from api.tasks.rules import AT_WORK, FINAL, ExtensionState, Move, Part, PartState
from core.actor import Actor
from core.db import ReadTx, Tx
from core.errors import Stale

EVENTS: dict[Move, type[TaskEvent]] = {
    Move.ACCEPT: TaskAccepted,
    Move.DECLINE: TaskDeclined,
    Move.START: TaskStarted,
    Move.REPORT: TaskReported,
    Move.RETURN: TaskReturned,
    Move.COMPLETE: TaskCompleted,
    Move.CANCEL: TaskCancelled,
    Move.SUSPEND: TaskSuspended,
    Move.RESUME: TaskResumed,
    Move.REASSIGN: TaskReassigned,
    Move.ASK_EXTENSION: ExtensionAsked,
    Move.WITHDRAW_EXTENSION: ExtensionWithdrawn,
    Move.GRANT_EXTENSION: ExtensionGranted,
    Move.REFUSE_EXTENSION: ExtensionRefused,
    Move.EVALUATE: TaskEvaluated,
    Move.REMIND: TaskReminded,
    Move.WARN: TaskNearlyDue,
    Move.MISS: TaskOverdue,
    Move.ESCALATE: TaskEscalated,
}


@dataclass(slots=True)
class Case:
    """A task that nobody else changes until the transaction ends, with everybody's part."""

    task: Task
    parts: list[TaskPart]

    @property
    def lead_id(self) -> UUID:
        """Return who leads."""
        return next(iter(self.who(Part.LEAD)))

    @property
    def dues(self) -> list[datetime]:
        """Return the coordinators' deadlines."""
        return [part.due for part in self.parts if part.part is Part.COORDINATOR]

    def who(self, *wanted: Part) -> list[UUID]:
        """Return those who have one of some parts."""
        return [part.official_id for part in self.parts if part.part in wanted]


@dataclass(frozen=True, slots=True)
class Deed:
    """Something done to a task.

    Attributes:
        by: who does it; None where it is time itself.
        on_behalf_of: for whom, if that is a deputy.
        words: what they say.
        sets: the `deadline` and the `lead_id` from then on, where it sets them.
    """

    by: Actor | None = None
    on_behalf_of: UUID | None = None
    words: str | None = None
    sets: dict[str, Any] | None = None


async def opened(tx: Tx, actor: Actor, task_id: UUID, version: int | None = None) -> Case:
    """Return a task that the actor may see, under its lock.

    Raises:
        Stale: the actor has read an older version.
    """
    await queries.task(tx, actor, task_id)
    case = await locked(tx, task_id)
    if version is not None and version != case.task.version:
        raise Stale(version=case.task.version)
    return case


async def locked(tx: Tx, task_id: UUID) -> Case:
    """Return a task under its lock, whoever may see it."""
    task = await tx.session.get_one(Task, task_id, with_for_update=True, populate_existing=True)
    parts = await tx.session.exec(select(TaskPart).where(TaskPart.task_id == task_id))
    return Case(task, list(parts.all()))


async def deed(tx: Tx, case: Case, actor: Actor, move: Move, words: str | None = None) -> Deed:
    """Return what the actor does and for whom, or refuse it."""
    whose = rules.movers(
        move,
        lead_id=case.lead_id,
        assigner_id=case.task.assigner_id,
        followers=case.who(Part.FOLLOWER),
    )
    on_behalf_of = rules.must_stand_for(
        whose,
        actor_id=actor.id,
        acts_for=await people.acts_for(tx, actor.id, Scope.TASKS),
        move=move,
    )
    rules.must_not_judge_own_work(move, actor.id, [case.lead_id, case.task.reported_by])
    must_not_be_secret("", "", [words or ""])
    return Deed(actor, on_behalf_of, words)


async def make(tx: Tx, case: Case, move: Move, done: Deed, *, rings: Iterable[UUID]) -> None:
    """Make a move, write it down and tell it, or refuse; the only place that changes a state."""
    task = case.task
    before, task.state = task.state, rules.after(task.state, move)
    if task.state in FINAL and before not in FINAL:
        task.closed_at = tx.now
    if task.state not in AT_WORK:
        await _drop_waiting_extension(tx, task)
    tx.session.add(task)
    more = {"lead_id": case.lead_id} if move is Move.REASSIGN else {}
    await tell(tx, case, EVENTS[move], done, rings=rings, **more)
    if done.by is not None:
        tx.audit(done.by, f"tasks.{move}", task.id, **_for(done))


async def tell(
    tx: Tx, case: Case, kind: type[TaskEvent], done: Deed, *, rings: Iterable[UUID], **more: Any
) -> None:
    """Write a deed into the history and tell it to everybody whom it concerns."""
    by = done.by.id if done.by else None
    rung = {*rings, done.on_behalf_of} - {by, None}
    concerned = {case.task.assigner_id, *(part.official_id for part in case.parts), by, *rung}
    tx.session.add(
        TaskEntry(
            task_id=case.task.id,
            ordinal=await _next_ordinal(tx, case.task.id),
            agency_id=case.task.agency_id,
            at=tx.now,
            what=kind.name,
            by=by,
            on_behalf_of=done.on_behalf_of,
            words=done.words,
            **(done.sets or {}),
        )
    )
    tx.emit(
        kind(
            task_id=case.task.id,
            document_id=case.task.document_id,
            by=by,
            on_behalf_of=done.on_behalf_of,
            concerns=_sorted(concerned),
            rings=_sorted(rung),
            **more,
        )
    )


def set_alarms(tx: Tx, task: Task) -> None:
    """Have time make its moves; what was set for an earlier deadline comes to nothing."""
    for move, at in rules.alarms(tx.now, task.deadline).items():
        payload = {"task_id": str(task.id), "deadline_no": task.deadline_no}
        tx.enqueue(f"tasks.{move}", f"{task.id}:{task.deadline_no}", payload, not_before=at)


def watch_again(tx: Tx, task: Task) -> None:
    """Have time look after a task that its lead gets back when its deadline has passed.

    The alarms of that deadline came to nothing while the report waited for its judgement.
    """
    if task.deadline <= tx.now:
        task.deadline_no += 1
        set_alarms(tx, task)


def set_deadline(tx: Tx, case: Case, deadline: datetime) -> None:
    """Move the deadline, and the lead's with it."""
    case.task.deadline = deadline
    case.task.deadline_no += 1
    for part in case.parts:
        if part.part is not Part.COORDINATOR:
            part.due = deadline
            tx.session.add(part)
    set_alarms(tx, case.task)


def busy(case: Case) -> list[UUID]:
    """Return those who still have something to do."""
    helping = [
        part.official_id
        for part in case.parts
        if part.part is Part.COORDINATOR and part.state is not PartState.REPORTED
    ]
    return [case.lead_id, *helping]


async def waiting_extension(view: ReadTx, task_id: UUID) -> TaskExtension | None:
    """Return the request for a later deadline that waits for its answer."""
    statement = select(TaskExtension).where(
        TaskExtension.task_id == task_id, TaskExtension.state == ExtensionState.ASKED
    )
    return (await view.session.exec(statement)).first()


def close_extension(tx: Tx, extension: TaskExtension, move: Move, done: Deed) -> None:
    """Decide a request for a later deadline; the only place that changes its state."""
    extension.state = rules.extension_after(extension.state, move)
    extension.decided_by = done.by.id if done.by else None
    extension.decided_at = tx.now
    extension.opinion = done.words
    tx.session.add(extension)


async def _drop_waiting_extension(tx: Tx, task: Task) -> None:
    """Withdraw what nobody needs any more: the lead is not at work."""
    waiting = await waiting_extension(tx, task.id)
    if waiting is not None:
        close_extension(tx, waiting, Move.WITHDRAW_EXTENSION, Deed())


async def _next_ordinal(tx: Tx, task_id: UUID) -> int:
    await tx.session.flush()
    last = select(func.max(col(TaskEntry.ordinal))).where(col(TaskEntry.task_id) == task_id)
    return ((await tx.session.exec(last)).one() or 0) + 1


def _sorted(officials: Iterable[UUID | None]) -> tuple[UUID, ...]:
    return tuple(sorted(official for official in officials if official is not None))


def _for(done: Deed) -> dict[str, str]:
    return {"on_behalf_of": str(done.on_behalf_of)} if done.on_behalf_of else {}
