"""Use-cases about when and by whom: extensions, standing still, another lead, and alarms."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import select

from api.documents import service as documents
from api.people import queries as people
from api.people.acting import Scope
from api.tasks import board, rules
from api.tasks.board import EVENTS, Case, Deed
from api.tasks.errors import ExtensionWaits
from api.tasks.models import Task, TaskEntry, TaskExtension, TaskPart
from api.tasks.rules import MOVES, Move, Part, PartState
from core.actor import Actor
from core.db import Tx
from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class NewLead:
    """Who leads from now on, and by when if the deadline changes."""

    lead_id: UUID
    deadline: datetime | None = None


async def ask_extension(
    tx: Tx, actor: Actor, task_id: UUID, wanted: datetime, *, reason: str
) -> Task:
    """Let the lead ask for a later deadline."""
    case = await board.opened(tx, actor, task_id)
    done = await board.deed(tx, case, actor, Move.ASK_EXTENSION, reason)
    rules.must_be_later(tx.now, case.task.deadline, wanted)
    if await board.waiting_extension(tx, task_id) is not None:
        raise ExtensionWaits
    await board.make(tx, case, Move.ASK_EXTENSION, done, rings=[case.task.assigner_id])
    tx.session.add(
        TaskExtension(
            task_id=task_id,
            agency_id=case.task.agency_id,
            before=case.task.deadline,
            wanted=wanted,
            reason=reason,
            asked_by=actor.id,
            asked_at=tx.now,
        )
    )
    return case.task


async def grant_extension(
    tx: Tx,
    actor: Actor,
    task_id: UUID,
    extension_id: UUID,
    *,
    deadline: datetime | None = None,
    words: str | None = None,
) -> Task:
    """Let the assigner set a later deadline: what was asked for, or another."""
    case, extension = await _asked(tx, actor, task_id, extension_id)
    done = await board.deed(tx, case, actor, Move.GRANT_EXTENSION, words)
    granted = deadline or extension.wanted
    rules.must_be_later(tx.now, case.task.deadline, granted)
    board.close_extension(tx, extension, Move.GRANT_EXTENSION, done)
    extension.granted = granted
    board.set_deadline(tx, case, granted)
    told = Deed(actor, done.on_behalf_of, words, {"deadline": granted})
    await board.make(tx, case, Move.GRANT_EXTENSION, told, rings=_workers(case))
    return case.task


async def close_extension(
    tx: Tx, actor: Actor, task_id: UUID, extension_id: UUID, move: Move, words: str | None = None
) -> Task:
    """Let the assigner leave the deadline as it is, or the lead do without a later one."""
    case, extension = await _asked(tx, actor, task_id, extension_id)
    done = await board.deed(tx, case, actor, move, words)
    board.close_extension(tx, extension, move, done)
    other = case.task.assigner_id if move in rules.LEAD_MOVES else case.lead_id
    await board.make(tx, case, move, done, rings=[other])
    return case.task


async def suspend(
    tx: Tx, actor: Actor, task_id: UUID, *, words: str, version: int | None = None
) -> Task:
    """Let the assigner suspend a task; its deadline's clock stands still from now."""
    case = await board.opened(tx, actor, task_id, version)
    done = await board.deed(tx, case, actor, Move.SUSPEND, words)
    case.task.suspended_at = tx.now
    await board.make(tx, case, Move.SUSPEND, done, rings=_workers(case))
    return case.task


async def resume(tx: Tx, actor: Actor, task_id: UUID, *, version: int | None = None) -> Task:
    """Let a task go on; every deadline moves by the time it stood still."""
    case = await board.opened(tx, actor, task_id, version)
    done = await board.deed(tx, case, actor, Move.RESUME)
    stood = tx.now - (case.task.suspended_at or tx.now)
    deadline = case.task.deadline + stood
    told = Deed(actor, done.on_behalf_of, None, {"deadline": deadline})
    await board.make(tx, case, Move.RESUME, told, rings=_workers(case))
    for part in case.parts:
        if part.part is Part.COORDINATOR and part.state is not PartState.REPORTED:
            part.due += stood
            tx.session.add(part)
    board.set_deadline(tx, case, deadline)
    case.task.suspended_at = None
    return case.task


async def reassign(
    tx: Tx,
    actor: Actor,
    task_id: UUID,
    to: NewLead,
    *,
    words: str | None = None,
    version: int | None = None,
) -> Task:
    """Let the assigner give the task to another lead, perhaps with another deadline."""
    lead_id, deadline = to.lead_id, to.deadline
    case = await board.opened(tx, actor, task_id, version)
    done = await board.deed(tx, case, actor, Move.REASSIGN, words)
    before = case.lead_id
    await _must_be_able_to_lead(tx, actor, case, lead_id)
    rules.must_be_ahead(tx.now, deadline or case.task.deadline)
    await _give_to(tx, case, lead_id)
    sets: dict[str, Any] = {"lead_id": lead_id}
    if deadline is not None:
        rules.must_not_cut(deadline, case.dues)
        board.set_deadline(tx, case, deadline)
        sets["deadline"] = deadline
    case.task.result = case.task.reported_at = case.task.reported_by = None
    await documents.let_read(tx, case.task.document_id, [lead_id], "task")
    told = Deed(actor, done.on_behalf_of, words, sets)
    await board.make(tx, case, Move.REASSIGN, told, rings=[before, lead_id])
    return case.task


async def keep_time(tx: Tx, task_id: UUID, deadline_no: int, move: Move) -> None:
    """Make a move of time itself; nothing when the deadline has moved or the work is done."""
    case = await board.locked(tx, task_id)
    task = case.task
    is_due = task.deadline_no == deadline_no and (task.state, move) in MOVES
    if not is_due or (move is Move.WARN and tx.now >= task.deadline):
        return
    if await _is_told(tx, task, move):
        return
    done = Deed(sets={"deadline": task.deadline})
    await board.make(tx, case, move, done, rings=await _alarmed(tx, case, move))


async def _alarmed(tx: Tx, case: Case, move: Move) -> list[UUID]:
    """Return who hears an alarm: those who work, then those who watch, then who stands in."""
    if move is Move.WARN:
        return board.busy(case)
    watching = [case.task.assigner_id, *case.who(Part.LEAD, Part.FOLLOWER)]
    if move is Move.MISS:
        return watching
    deputies = await people.deputies_of(tx, case.task.assigner_id, Scope.TASKS)
    return deputies or [case.task.assigner_id]


async def _is_told(tx: Tx, task: Task, move: Move) -> bool:
    told = select(TaskEntry.ordinal).where(
        TaskEntry.task_id == task.id,
        TaskEntry.what == EVENTS[move].name,
        TaskEntry.deadline == task.deadline,
    )
    return (await tx.session.exec(told.limit(1))).first() is not None


async def _asked(
    tx: Tx, actor: Actor, task_id: UUID, extension_id: UUID
) -> tuple[Case, TaskExtension]:
    """Return a request for a later deadline with its task, under the task's lock."""
    case = await board.opened(tx, actor, task_id)
    found = await tx.session.get(TaskExtension, extension_id, populate_existing=True)
    if found is None or found.task_id != task_id:
        raise NotFound(id=str(extension_id))
    return case, found


async def _must_be_able_to_lead(tx: Tx, actor: Actor, case: Case, lead_id: UUID) -> None:
    others = [one for one in case.who(Part.COORDINATOR, Part.FOLLOWER) if one != lead_id]
    rules.must_be_a_team({actor.id, case.task.assigner_id}, lead_id, others)
    await people.official(tx, actor, lead_id)


async def _give_to(tx: Tx, case: Case, lead_id: UUID) -> None:
    """Put somebody in the lead's place; whatever part they had before is over."""
    replaced = {case.lead_id, lead_id}
    for part in [part for part in case.parts if part.official_id in replaced]:
        await tx.session.delete(part)
        case.parts.remove(part)
    await tx.session.flush()  # or two would lead at once
    lead = TaskPart(
        task_id=case.task.id,
        official_id=lead_id,
        agency_id=case.task.agency_id,
        part=Part.LEAD,
        due=case.task.deadline,
    )
    tx.session.add(lead)
    case.parts.append(lead)


def _workers(case: Case) -> list[UUID]:
    return case.who(Part.LEAD, Part.COORDINATOR)
