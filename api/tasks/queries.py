"""What may be read of tasks; who may see it is part of every select."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy
from sqlalchemy import ColumnElement, Integer, Uuid, and_, func, or_
from sqlmodel import col, select

from api.documents import queries as documents
from api.people import queries as people
from api.people.acting import Scope
from api.people.models import Official
from api.tasks.models import Task, TaskEntry, TaskEvaluation, TaskExtension, TaskPart
from api.tasks.rules import FINAL, State, bucket
from api.tasks.schemas import EntryOut, EvaluationOut, ExtensionOut, PartOut, TaskOut
from core.actor import Actor
from core.db import Database, ReadTx
from core.errors import NotFound
from core.messages import say
from core.reads import HotRead, Row, given


def _visible(agency_id: Any, official_id: Any) -> ColumnElement[bool]:
    """Say which tasks an official sees: those that they gave or work on, in their agency."""
    works = select(TaskPart.task_id).where(col(TaskPart.official_id) == official_id)
    mine = or_(col(Task.assigner_id) == official_id, col(Task.id).in_(works))
    return and_(col(Task.agency_id) == agency_id, mine, ~_withheld())


def _withheld() -> ColumnElement[bool]:
    """Say of which tasks the paper turned out to be secret: nobody sees them either."""
    return col(Task.document_id).in_(documents.withdrawn())


def _visible_for_others(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """Say which tasks an official sees in place of those for whom they act."""
    principals = people.principals_of(actor.id, Scope.TASKS, now)
    works = select(TaskPart.task_id).where(col(TaskPart.official_id).in_(principals))
    theirs = or_(col(Task.assigner_id).in_(principals), col(Task.id).in_(works))
    return and_(col(Task.agency_id) == actor.agency_id, theirs, ~_withheld())


async def task(view: ReadTx, actor: Actor, task_id: UUID) -> Task:
    """Return a task that the actor, or somebody for whom they act, gave or has a part in."""
    visible = or_(_visible(actor.agency_id, actor.id), _visible_for_others(actor, view.now))
    found = (await view.session.exec(select(Task).where(Task.id == task_id, visible))).first()
    if found is None:
        raise NotFound(id=str(task_id))
    return found


async def is_withheld(view: ReadTx, task_id: UUID) -> bool:
    """Say whether a task's paper was taken from everybody."""
    statement = select(Task.id).where(Task.id == task_id, _withheld())
    return (await view.session.exec(statement)).first() is not None


async def whole(view: ReadTx, actor: Actor, task_id: UUID) -> TaskOut:
    """Return a task with everybody's part, its extensions and its grade."""
    found = await task(view, actor, task_id)
    stopped_at = found.suspended_at or found.reported_at
    return TaskOut(
        **found.model_dump(exclude={"agency_id", "deadline_no", "reported_by"}),
        bucket=bucket(found.state, found.deadline, stopped_at, view.now),
        parts=[PartOut.model_validate(part) for part in await _parts(view, task_id)],
        extensions=[ExtensionOut.model_validate(one) for one in await _extensions(view, task_id)],
        evaluation=await _evaluation(view, task_id),
    )


async def _parts(view: ReadTx, task_id: UUID) -> Sequence[TaskPart]:
    statement = select(TaskPart).where(TaskPart.task_id == task_id)
    return (await view.session.exec(statement.order_by(col(TaskPart.official_id)))).all()


async def _extensions(view: ReadTx, task_id: UUID) -> Sequence[TaskExtension]:
    statement = select(TaskExtension).where(TaskExtension.task_id == task_id)
    return (await view.session.exec(statement.order_by(col(TaskExtension.asked_at)))).all()


async def _evaluation(view: ReadTx, task_id: UUID) -> EvaluationOut | None:
    found = await view.session.get(TaskEvaluation, task_id)
    return EvaluationOut.model_validate(found) if found else None


async def history(view: ReadTx, actor: Actor, task_id: UUID) -> list[EntryOut]:
    """Return who did what with a task, for whom and in what words, oldest first."""
    await task(view, actor, task_id)
    statement = select(TaskEntry).where(TaskEntry.task_id == task_id)
    entries = (await view.session.exec(statement.order_by(col(TaskEntry.ordinal)))).all()
    leads = await people.names(view, [one.lead_id for one in entries if one.lead_id])
    return [_entry(one, leads) for one in entries]


def _entry(one: TaskEntry, leads: Mapping[UUID, Official]) -> EntryOut:
    code = f"trace.{one.what}"
    facts = {"lead_id": leads[one.lead_id].full_name} if one.lead_id else {}
    return EntryOut(
        **one.model_dump(exclude={"agency_id", "task_id"}),
        sentence_vi=say(code, "vi", **facts),
        sentence_en=say(code, "en", **facts),
    )


async def principal(view: ReadTx, actor: Actor, official_id: UUID) -> Actor:
    """Return somebody whose tasks the actor does for them."""
    if official_id not in await people.acts_for(view, actor.id, Scope.TASKS):
        raise NotFound(id=str(official_id))
    return Actor(official_id, actor.agency_id)


#: Since when the deadline's clock stands still, if it does.
_STOPPED_AT = func.coalesce(col(Task.suspended_at), col(Task.reported_at))


def _lines_of(*, closed: bool) -> HotRead:
    """Prepare the list of my tasks; the columns are in the order of `_line`."""
    agency_id, official_id = given("agency_id", Uuid()), given("official_id", Uuid())
    mine = and_(col(TaskPart.task_id) == col(Task.id), col(TaskPart.official_id) == official_id)
    over = col(Task.state).in_(sorted(FINAL))
    return HotRead(
        sqlalchemy.select(
            col(Task.id), col(Task.document_id), col(Task.assigner_id), col(Task.content),
            col(Task.deadline), col(Task.state), _STOPPED_AT, col(TaskPart.part),
            col(Task.version),
        )
        .outerjoin(TaskPart, mine)
        .where(_visible(agency_id, official_id), over if closed else ~over)
        .order_by(col(Task.deadline), col(Task.id))
        .limit(given("limit", Integer()))
    )  # fmt: skip


_OPEN, _CLOSED = _lines_of(closed=False), _lines_of(closed=True)


#: A look here takes a fifth of what `State(…)` takes, twenty times for each list.
_STATES = {state.value: state for state in State}


async def lines(db: Database, actor: Actor, *, limit: int, closed: bool) -> bytes:
    """Return my tasks as the JSON of a list of `TaskLine`, the nearest deadline first.

    Phones ask this most often, so it is a hot read; a test holds its bytes against the schema.
    """
    read = _CLOSED if closed else _OPEN
    rows = await db.rows(read, agency_id=actor.agency_id, official_id=actor.id, limit=limit)
    return _written(rows, db.clock())


def _written(rows: Sequence[Row], now: datetime) -> bytes:
    return orjson.dumps([_line(row, now) for row in rows], option=orjson.OPT_UTC_Z)


def _line(row: Row, now: datetime) -> dict[str, Any]:
    id_, document_id, assigner_id, content, deadline, state, stopped_at, part, version = row
    return {
        "id": id_,
        "document_id": document_id,
        "assigner_id": assigner_id,
        "content": content,
        "deadline": deadline,
        "state": state,
        "bucket": bucket(_STATES[state], deadline, stopped_at, now),
        "part": part,
        "version": version,
    }
