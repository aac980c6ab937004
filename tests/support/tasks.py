"""A task on its way: given by the leader, led by the officer, helped by the colleague."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import select

from api import background
from api.tasks import service
from api.tasks.models import Task, TaskEntry, TaskExtension
from api.tasks.rules import Move
from api.tasks.service import Directive
from api.wiring import Engines
from core.db import Database
from core.ids import new_id
from core.worker import Worker
from push.models import Notification
from tests.support.answers import rows
from tests.support.correspondence import received
from tests.support.ministry import Ministry, Person

DAY = timedelta(days=1)


async def directed(
    db: Database, ministry: Ministry, *moves: Move, days: float = 5, **changed: Any
) -> UUID:
    """Give a task and let its lead make some moves; the clerk follows it."""
    document_id = await received(db, ministry)
    async with db.begin() as tx:
        deadline = tx.now + timedelta(days=days)
        values: dict[str, Any] = {
            "content": "Tham mưu văn bản trả lời",
            "lead_id": ministry.officer.id,
            "coordinators": [(ministry.colleague.id, deadline - DAY / 4)],
            "followers": [ministry.clerk.id],
            "deadline": deadline,
        }
        directive = Directive(document_id, **(values | changed))
        task = await service.direct(tx, ministry.leader.actor, new_id(), directive)
    for move in moves:
        await moved(db, ministry.officer, task.id, move)
    return task.id


async def moved(db: Database, person: Person, task_id: UUID, move: Move) -> Task:
    async with db.begin() as tx:
        return await service.advance(tx, person.actor, task_id, move, words="Đã xem.")


async def the_task(db: Database, task_id: UUID) -> Task:
    async with db.read() as view:
        return await view.session.get_one(Task, task_id)


async def the_extension(db: Database) -> TaskExtension:
    async with db.read() as view:
        return (await view.session.exec(select(TaskExtension))).one()


async def rung(db: Database, kind: str) -> list[UUID]:
    """Return whose phones rang for a kind of fact, once for each time."""
    return sorted(one.official_id for one in await rows(db, Notification) if one.kind == kind)


async def told(db: Database, task_id: UUID) -> list[str]:
    """Return what the history of a task tells, in short."""
    entries = [one for one in await rows(db, TaskEntry) if one.task_id == task_id]
    return [one.what.removeprefix("tasks.") for one in sorted(entries, key=lambda e: e.ordinal)]


async def let_time_work(engines: Engines) -> None:
    """Run the jobs that are due."""
    await Worker(engines.db, background.handlers(engines)).run_due()
