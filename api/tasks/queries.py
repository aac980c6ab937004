"""What may be read of tasks; who may see it is part of every select."""

from typing import Any
from uuid import UUID

import orjson
import sqlalchemy
from sqlalchemy import Row, Select, and_, or_
from sqlmodel import col, select

from api.tasks.models import Task, TaskPart
from api.tasks.rules import FINAL, bucket
from api.tasks.schemas import PartOut, TaskOut
from core.actor import Actor
from core.db import ReadTx
from core.errors import NotFound


async def task(view: ReadTx, actor: Actor, task_id: UUID) -> Task:
    """Return a task that the actor gave or works on."""
    works = select(TaskPart.task_id).where(TaskPart.official_id == actor.id)
    statement = select(Task).where(
        Task.id == task_id,
        Task.agency_id == actor.agency_id,
        or_(col(Task.assigner_id) == actor.id, col(Task.id).in_(works)),
    )
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


#: The columns of a line, in the order of `_line`.
_COLUMNS = (
    col(Task.id), col(Task.document_id), col(Task.assigner_id), col(Task.content),
    col(Task.deadline), col(Task.state), col(Task.version), col(Task.reported_at),
    col(TaskPart.part),
)  # fmt: skip


async def lines(view: ReadTx, actor: Actor, *, limit: int, closed: bool) -> bytes:
    """Return my tasks as the JSON of a list of `TaskLine`, the nearest deadline first.

    This is what a phone asks most often, so the rows go straight into JSON without an object for
    each; a test holds it against the schema.
    """
    connection = await view.session.connection()
    rows = (await connection.execute(_lines_of(actor, limit=limit, closed=closed))).all()
    return orjson.dumps([_line(row, view) for row in rows], default=str)


def _lines_of(actor: Actor, *, limit: int, closed: bool) -> Select[*tuple[Any, ...]]:
    mine = and_(col(TaskPart.task_id) == col(Task.id), col(TaskPart.official_id) == actor.id)
    over = col(Task.state).in_(FINAL)
    return (
        sqlalchemy.select(*_COLUMNS)
        .outerjoin(TaskPart, mine)
        .where(
            col(Task.agency_id) == actor.agency_id,
            over if closed else ~over,
            or_(col(Task.assigner_id) == actor.id, col(TaskPart.official_id).is_not(None)),
        )
        .order_by(col(Task.deadline), col(Task.id))
        .limit(limit)
    )


def _line(row: Row[Any], view: ReadTx) -> dict[str, Any]:
    id_, document_id, assigner_id, content, deadline, state, version, reported_at, part = tuple(row)
    return {
        "id": id_,
        "document_id": document_id,
        "assigner_id": assigner_id,
        "content": content,
        "deadline": deadline,
        "state": state,
        "bucket": bucket(state, deadline, reported_at, view.now),
        "part": part,
        "version": version,
    }
