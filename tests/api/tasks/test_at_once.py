"""Two at the same moment, and time itself, on both engines: one wins, and nothing is told twice."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from api.people.acting import Scope
from api.tasks import deadlines, service
from api.tasks.models import TaskEntry
from api.tasks.rules import PATIENCE, WARNING, Move
from api.wiring import Engines
from core.db import Database, Tx
from core.errors import AppError
from tests.support.answers import rows
from tests.support.clock import Clock
from tests.support.delegations import delegated
from tests.support.ministry import Ministry
from tests.support.tasks import directed, let_time_work, rung, the_extension, the_task, told

AT_WORK = (Move.ACCEPT, Move.START)
TICK = timedelta(microseconds=1)
Step = Callable[[Tx], Awaitable[object]]


async def at_once(db: Database, *steps: Step) -> list[str]:
    """Try steps at the same moment and return what became of each."""

    async def attempt(step: Step) -> str:
        try:
            async with db.begin() as tx:
                await step(tx)
        except AppError as refusal:
            return refusal.code
        return "done"

    return sorted(await asyncio.gather(*map(attempt, steps)))


async def test_of_two_decisions_about_a_deadline_one_counts(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    task_id = await directed(db, ministry, *AT_WORK)
    lead, leader = ministry.officer.actor, ministry.leader.actor
    async with db.begin() as tx:
        wanted = tx.now + timedelta(days=9)
        await deadlines.ask_extension(tx, lead, task_id, wanted, reason="Chờ số liệu.")
    asked = await the_extension(db)

    outcome = await at_once(
        db,
        lambda tx: deadlines.grant_extension(tx, leader, task_id, asked.id),
        lambda tx: deadlines.close_extension(tx, lead, task_id, asked.id, Move.WITHDRAW_EXTENSION),
    )

    assert outcome == ["done", "tasks.wrong_state"]
    moved = (await the_task(db, task_id)).deadline == wanted
    assert moved == ((await the_extension(db)).granted is not None)


async def test_of_two_reminders_at_once_one_rings(db: Database, ministry: Ministry) -> None:
    task_id = await directed(db, ministry, *AT_WORK)
    people = (ministry.leader.actor, ministry.clerk.actor)

    outcome = await at_once(
        db, *[lambda tx, who=who: service.remind(tx, who, task_id) for who in people]
    )

    assert outcome == ["done", "tasks.reminded_lately"]


async def test_of_two_leads_at_once_one_stays(db: Database, ministry: Ministry) -> None:
    task_id = await directed(db, ministry, *AT_WORK)
    leader, version = ministry.leader.actor, (await the_task(db, task_id)).version
    new = [deadlines.NewLead(one.id) for one in (ministry.secretary, ministry.colleague)]

    outcome = await at_once(
        db,
        *[
            lambda tx, to=to: deadlines.reassign(tx, leader, task_id, to, version=version)
            for to in new
        ],
    )

    assert outcome == ["done", "stale"]


async def test_time_warns_then_complains_then_goes_to_the_deputy(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    db, people = engines.db, ministry
    task_id = await directed(db, ministry, *AT_WORK)
    deputy = await delegated(db, ministry, ministry.secretary, Scope.TASKS)
    deadline = (await the_task(db, task_id)).deadline
    for moment in (deadline - WARNING - TICK, deadline - WARNING, deadline, deadline + TICK,
                   deadline + PATIENCE, deadline + timedelta(days=9)):  # fmt: skip
        clock.now = moment
        await let_time_work(engines)
        await let_time_work(engines)

    assert await told(db, task_id) == [
        "assigned", "accepted", "started", "nearly_due", "overdue", "escalated",
    ]  # fmt: skip
    assert await rung(db, "tasks.nearly_due") == sorted([people.officer.id, people.colleague.id])
    assert await rung(db, "tasks.overdue") == sorted(
        [people.leader.id, people.officer.id, people.clerk.id]
    )
    assert await rung(db, "tasks.escalated") == [deputy.delegate_id]
    alarms = [one for one in await rows(db, TaskEntry) if one.by is None]
    assert {one.deadline for one in alarms} == {deadline}
