"""The list of tasks is a hot read: its bytes are what the schema would have written."""

from datetime import timedelta
from uuid import UUID

from pydantic import TypeAdapter
from sqlmodel import select

from api.tasks import queries, service
from api.tasks.models import Task
from api.tasks.rules import FINAL, Move
from api.tasks.schemas import TaskLine
from api.tasks.service import Directive
from core.actor import Actor
from core.db import Database
from core.errors import NotFound
from core.ids import new_id
from tests.support.clock import Clock
from tests.support.correspondence import received
from tests.support.ministry import Ministry

LINES = TypeAdapter(list[TaskLine])
LIVES: tuple[tuple[Move, ...], ...] = (
    (),
    (Move.ACCEPT,),
    (Move.DECLINE,),
    (Move.CANCEL,),
    (Move.ACCEPT, Move.REPORT),
    (Move.ACCEPT, Move.REPORT, Move.RETURN),
    (Move.ACCEPT, Move.REPORT, Move.COMPLETE),
)


async def live(
    db: Database, ministry: Ministry, task_id: UUID, moves: tuple[Move, ...], days: float
) -> None:
    document_id = await received(db, ministry)
    async with db.begin() as tx:
        deadline = tx.now + timedelta(days=days)
        helpers = [(ministry.colleague.id, deadline)]
        directive = Directive(document_id, "Tham mưu «trả lời»\n", ministry.officer.id, helpers,
                              deadline)  # fmt: skip
        await service.direct(tx, ministry.leader.actor, task_id, directive)
    for move in moves:
        deciders = {Move.RETURN, Move.COMPLETE, Move.CANCEL}
        person = ministry.leader if move in deciders else ministry.officer
        async with db.begin() as tx:
            await service.advance(tx, person.actor, task_id, move, words="Đã xem.")


async def as_read_one_by_one(
    db: Database, actor: Actor, *, closed: bool, limit: int
) -> list[TaskLine]:
    lines = []
    async with db.read() as view:
        for task_id in (await view.session.exec(select(Task.id))).all():
            try:
                found = await queries.whole(view, actor, task_id)
            except NotFound:
                continue
            part = next((one.part for one in found.parts if one.official_id == actor.id), None)
            if (found.state in FINAL) is closed:
                lines.append(TaskLine(**found.model_dump() | {"part": part}))
    return sorted(lines, key=lambda line: (line.deadline, line.id))[:limit]


async def test_the_bytes_are_those_of_the_schema_for_everybody(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    clock.tick(timedelta(microseconds=123456))
    for days in (0.5, 2, 9):
        for moves in LIVES:
            await live(db, ministry, new_id(), moves, days)
    clock.tick(timedelta(days=1))

    for person in (ministry.leader, ministry.officer, ministry.colleague, ministry.stranger):
        for closed, limit in ((False, 200), (False, 5), (True, 200)):
            mine = await queries.lines(db, person.actor, limit=limit, closed=closed)
            expected = await as_read_one_by_one(db, person.actor, closed=closed, limit=limit)

            assert mine == LINES.dump_json(expected)
            assert bool(expected) is (person is not ministry.stranger)
