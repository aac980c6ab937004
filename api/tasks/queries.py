"""What may be read of tasks; who may see it is part of every select."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy
from sqlalchemy import ColumnElement, Integer, Uuid, and_, or_
from sqlmodel import col, select

from api.tasks.models import Task, TaskPart
from api.tasks.rules import FINAL, State, bucket
from api.tasks.schemas import PartOut, TaskOut
from core.actor import Actor
from core.db import Database, ReadTx
from core.errors import NotFound
from core.reads import HotRead, Row, given


def _visible(agency_id: Any, official_id: Any) -> ColumnElement[bool]:
    """Say which tasks an official sees: those that they gave or work on, in their agency."""
    works = select(TaskPart.task_id).where(col(TaskPart.official_id) == official_id)
    mine = or_(col(Task.assigner_id) == official_id, col(Task.id).in_(works))
    return and_(col(Task.agency_id) == agency_id, mine)


async def task(view: ReadTx, actor: Actor, task_id: UUID) -> Task:
    """Return a task that the actor gave or works on."""
    statement = select(Task).where(Task.id == task_id, _visible(actor.agency_id, actor.id))
    found = (await view.session.exec(statement)).first()
    if found is None:
        raise NotFound(id=str(task_id))
    return found


async def whole(view: ReadTx, actor: Actor, task_id: UUID) -> TaskOut:
    """Return a task with everybody's part."""
    found = await task(view, actor, task_id)
    statement = select(TaskPart).where(TaskPart.task_id == task_id)
    parts = (await view.session.exec(statement.order_by(col(TaskPart.official_id)))).all()
    near = bucket(found.state, found.deadline, found.reported_at, view.now)
    shown = [PartOut.model_validate(part, from_attributes=True) for part in parts]
    known = found.model_dump(exclude={"agency_id"})
    return TaskOut(**known, bucket=near, parts=shown)


def _lines_of(*, closed: bool) -> HotRead:
    """Prepare the list of my tasks; the columns are in the order of `_line`."""
    agency_id, official_id = given("agency_id", Uuid()), given("official_id", Uuid())
    mine = and_(col(TaskPart.task_id) == col(Task.id), col(TaskPart.official_id) == official_id)
    over = col(Task.state).in_(sorted(FINAL))
    return HotRead(
        sqlalchemy.select(
            col(Task.id), col(Task.document_id), col(Task.assigner_id), col(Task.content),
            col(Task.deadline), col(Task.state), col(Task.reported_at), col(TaskPart.part),
            col(Task.version),
        )
        .outerjoin(TaskPart, mine)
        .where(_visible(agency_id, official_id), over if closed else ~over)
        .order_by(col(Task.deadline), col(Task.id))
        .limit(given("limit", Integer()))
    )  # fmt: skip


_OPEN, _CLOSED = _lines_of(closed=False), _lines_of(closed=True)


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
    id_, document_id, assigner_id, content, deadline, state, reported_at, part, version = row
    return {
        "id": id_,
        "document_id": document_id,
        "assigner_id": assigner_id,
        "content": content,
        "deadline": deadline,
        "state": state,
        "bucket": bucket(State(state), deadline, reported_at, now),
        "part": part,
        "version": version,
    }
