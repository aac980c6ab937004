"""Use-cases of tasks: each function is one transaction's worth of work.

Whoever acts for somebody (a deputy) does what is theirs; it is recorded who did it and for whom.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select

from api.documents import service as documents
from api.documents.rules import must_not_be_secret
from api.people import queries as people
from api.people.acting import Scope
from api.tasks import board, rules
from api.tasks.board import Case, Deed
from api.tasks.errors import WrongState
from api.tasks.events import PartAccepted, PartReported, TaskAssigned, TaskEvent, TaskReminded
from api.tasks.models import Task, TaskEntry, TaskEvaluation, TaskPart
from api.tasks.rules import FINAL, Grade, Move, Part, PartMove
from core import sessions
from core.actor import Actor, Role
from core.db import Tx
from core.errors import NotFound

_PART_EVENTS: dict[PartMove, type[TaskEvent]] = {
    PartMove.ACCEPT: PartAccepted,
    PartMove.REPORT: PartReported,
}
#: What is news to everybody who works on the task, and not only to the lead.
_FOR_ALL = frozenset({Move.CANCEL, Move.EVALUATE})


@dataclass(frozen=True, slots=True)
class Directive:
    """What a leader directs: what, who leads, who helps until when, by when, who follows.

    Attributes:
        on_behalf_of: the leader for whom a deputy directs it.
    """

    document_id: UUID
    content: str
    lead_id: UUID
    coordinators: Sequence[tuple[UUID, datetime]]
    deadline: datetime
    followers: Sequence[UUID] = ()
    on_behalf_of: UUID | None = None


async def direct(tx: Tx, actor: Actor, task_id: UUID, directive: Directive) -> Task:
    """Give a registered document to one lead and coordinators, and ring their phones."""
    assigner = await _assigner(tx, actor, directive.on_behalf_of)
    helpers = [official_id for official_id, _ in directive.coordinators]
    others = [*helpers, *directive.followers]
    rules.must_be_a_team({actor.id, assigner.id}, directive.lead_id, others)
    dues = [due for _, due in directive.coordinators]
    rules.must_be_in_time(tx.now, directive.deadline, dues)
    must_not_be_secret("", "", [directive.content])
    team = [directive.lead_id, *others]
    for official_id in team:
        await people.official(tx, actor, official_id)
    await documents.mark_directed(tx, actor, directive.document_id)
    await documents.let_read(tx, directive.document_id, [assigner.id, *team], "task")
    case = await _entered(tx, assigner, task_id, directive)
    on_behalf_of = None if assigner.id == actor.id else assigner.id
    sets = {"deadline": directive.deadline, "lead_id": directive.lead_id}
    done = Deed(actor, on_behalf_of, directive.content, sets)
    tx.audit(actor, "tasks.assign", task_id, document=str(directive.document_id))
    await board.tell(tx, case, TaskAssigned, done, rings=team)
    return case.task


async def commission(tx: Tx, assigner: Actor, task_id: UUID, directive: Directive) -> Task:
    """Give a task that follows from a document of ours, such as signed minutes.

    The document is directed to nobody, and the deadline may have passed while the paper went its
    way. Called again with the same id it changes nothing.
    """
    known = await tx.session.get(Task, task_id)
    if known is not None:
        return known
    helpers = [official_id for official_id, _ in directive.coordinators]
    others = [*helpers, *directive.followers]
    rules.must_be_a_team({assigner.id}, directive.lead_id, others)
    team = [directive.lead_id, *others]
    await documents.let_read(tx, directive.document_id, [assigner.id, *team], "task")
    case = await _entered(tx, assigner, task_id, directive)
    sets = {"deadline": directive.deadline, "lead_id": directive.lead_id}
    done = Deed(assigner, None, directive.content, sets)
    tx.audit(assigner, "tasks.assign", task_id, document=str(directive.document_id))
    await board.tell(tx, case, TaskAssigned, done, rings=team)
    return case.task


async def advance(
    tx: Tx,
    actor: Actor,
    task_id: UUID,
    move: Move,
    *,
    words: str | None = None,
    version: int | None = None,
) -> Task:
    """Make a move of the lead or of the assigner that needs nothing but words."""
    case = await board.opened(tx, actor, task_id, version)
    done = await board.deed(tx, case, actor, move, words)
    _keep_words(tx, case.task, move, done)
    rings = [case.task.assigner_id] if move in rules.LEAD_MOVES else _rung(case, move)
    await board.make(tx, case, move, done, rings=rings)
    if move is Move.RETURN:
        board.watch_again(tx, case.task)
    if move is Move.COMPLETE and not await _others_are_open(tx, case.task):
        await documents.mark_resolved(tx, actor, case.task.document_id)
    return case.task


async def advance_part(
    tx: Tx, actor: Actor, task_id: UUID, move: PartMove, *, words: str | None = None
) -> Task:
    """Make a coordinator's move."""
    case = await board.opened(tx, actor, task_id)
    if case.task.state in FINAL:
        raise WrongState(state=case.task.state, move=move)
    principals = await people.acts_for(tx, actor.id, Scope.TASKS)
    whose = case.who(Part.COORDINATOR)
    on_behalf_of = rules.must_stand_for(whose, actor_id=actor.id, acts_for=principals, move=move)
    must_not_be_secret("", "", [words or ""])
    mine = next(p for p in case.parts if p.official_id == (on_behalf_of or actor.id))
    mine.state = rules.part_after(mine.state, move)
    mine.report = words or mine.report
    tx.session.add(mine)
    tx.audit(actor, f"tasks.part_{move}", task_id)
    done = Deed(actor, on_behalf_of, words)
    await board.tell(tx, case, _PART_EVENTS[move], done, rings=[case.lead_id])
    return case.task


async def evaluate(
    tx: Tx,
    actor: Actor,
    task_id: UUID,
    grade: Grade,
    *,
    words: str | None = None,
    version: int | None = None,
) -> Task:
    """Let the assigner grade a completed task, once."""
    case = await board.opened(tx, actor, task_id, version)
    done = await board.deed(tx, case, actor, Move.EVALUATE, words)
    given = await tx.session.get(TaskEvaluation, task_id)
    await board.make(tx, case, Move.EVALUATE, done, rings=_rung(case, Move.EVALUATE))
    rules.must_not_be_evaluated(evaluated=given is not None)
    tx.session.add(
        TaskEvaluation(
            task_id=task_id,
            agency_id=case.task.agency_id,
            grade=grade,
            words=words,
            by=actor.id,
            on_behalf_of=done.on_behalf_of,
            at=tx.now,
        )
    )
    return case.task


async def remind(tx: Tx, actor: Actor, task_id: UUID, *, words: str | None = None) -> Task:
    """Let the assigner or a follower urge those who still have something to do."""
    case = await board.opened(tx, actor, task_id)
    done = await board.deed(tx, case, actor, Move.REMIND, words)
    reminders = select(func.max(col(TaskEntry.at))).where(
        col(TaskEntry.task_id) == task_id, col(TaskEntry.what) == TaskReminded.name
    )
    rules.must_have_paused((await tx.session.exec(reminders)).one(), tx.now)
    await board.make(tx, case, Move.REMIND, done, rings=board.busy(case))
    return case.task


async def _assigner(tx: Tx, actor: Actor, on_behalf_of: UUID | None) -> Actor:
    """Return the leader who gives a task: the actor, or for whom the actor does tasks."""
    if on_behalf_of in {None, actor.id}:
        actor.must_be(Role.LEADER)
        return actor
    acts_for = await people.acts_for(tx, actor.id, Scope.TASKS)
    principal = await sessions.owner_of(tx, on_behalf_of) if on_behalf_of in acts_for else None
    if principal is None:
        raise NotFound(id=str(on_behalf_of))
    principal.must_be(Role.LEADER)
    return principal


async def _entered(tx: Tx, assigner: Actor, task_id: UUID, directive: Directive) -> Case:
    task = Task(
        id=task_id,
        agency_id=assigner.agency_id,
        document_id=directive.document_id,
        assigner_id=assigner.id,
        content=directive.content,
        deadline=directive.deadline,
        first_deadline=directive.deadline,
        created_at=tx.now,
    )
    tx.session.add(task)
    await tx.session.flush()
    parts = _parts(task, directive)
    tx.session.add_all(parts)
    board.set_alarms(tx, task)
    return Case(task, parts)


def _parts(task: Task, directive: Directive) -> list[TaskPart]:
    named = [(directive.lead_id, Part.LEAD, directive.deadline)]
    named += [(helper, Part.COORDINATOR, due) for helper, due in directive.coordinators]
    named += [(follower, Part.FOLLOWER, directive.deadline) for follower in directive.followers]
    return [
        TaskPart(task_id=task.id, official_id=who, agency_id=task.agency_id, part=part, due=due)
        for who, part, due in named
    ]


def _rung(case: Case, move: Move) -> list[UUID]:
    return case.who(Part.LEAD, Part.COORDINATOR) if move in _FOR_ALL else [case.lead_id]


def _keep_words(tx: Tx, task: Task, move: Move, done: Deed) -> None:
    match move:
        case Move.REPORT:
            task.result, task.reported_at = done.words, tx.now
            task.reported_by = done.by.id if done.by else None
        case Move.DECLINE:
            task.result = done.words
        case Move.RETURN | Move.CANCEL:
            task.opinion = done.words
        case _:
            pass


async def _others_are_open(tx: Tx, task: Task) -> bool:
    """Say whether somebody still works on the same document by another task."""
    others = select(Task.id).where(
        Task.document_id == task.document_id,
        Task.id != task.id,
        col(Task.state).not_in(FINAL),
    )
    return (await tx.session.exec(others.limit(1))).first() is not None
