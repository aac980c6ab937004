"""Deadlines: asked for later, granted or not, standing still, and what time itself does."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from api.people.acting import Scope
from api.tasks import deadlines, flows, queries, service
from api.tasks.deadlines import NewLead
from api.tasks.errors import (
    ExtensionWaits,
    NotYourPart,
    OwnWork,
    WrongDeadline,
    WrongPeople,
    WrongState,
)
from api.tasks.models import TaskPart
from api.tasks.rules import PATIENCE, Bucket, ExtensionState, Move, Part, PartMove, State
from api.wiring import Engines
from core.db import Database
from core.errors import NotFound
from core.jobs import Job
from tests.support.answers import rows
from tests.support.clock import Clock
from tests.support.delegations import delegated
from tests.support.ministry import Ministry, Person
from tests.support.tasks import (
    DAY,
    directed,
    let_time_work,
    moved,
    rung,
    the_extension,
    the_task,
    told,
)

#: Locks and jobs are tried on both engines in `test_at_once.py`.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
AT_WORK = (Move.ACCEPT, Move.START)
TICK = timedelta(microseconds=1)


async def asked(db: Database, ministry: Ministry, task_id: UUID, days: float = 8) -> UUID:
    async with db.begin() as tx:
        wanted, reason = tx.now + timedelta(days=days), "Địa phương gửi số liệu chậm."
        await deadlines.ask_extension(tx, ministry.officer.actor, task_id, wanted, reason=reason)
    return (await the_extension(db)).id


async def granted(db: Database, by: Person, task_id: UUID, **more: Any) -> None:
    extension = await the_extension(db)
    async with db.begin() as tx:
        await deadlines.grant_extension(tx, by.actor, task_id, extension.id, **more)


async def closed(db: Database, by: Person, task_id: UUID, move: Move) -> None:
    extension = await the_extension(db)
    async with db.begin() as tx:
        await deadlines.close_extension(tx, by.actor, task_id, extension.id, move, "Không cần.")


# --- extensions ---------------------------------------------------------------------------------


async def test_a_granted_extension_moves_the_deadline_and_keeps_the_first(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    task_id = await directed(db, ministry, *AT_WORK)
    first = (await the_task(db, task_id)).deadline
    await asked(db, ministry, task_id)
    await granted(db, ministry.leader, task_id)

    task, extension = await the_task(db, task_id), await the_extension(db)
    assert (task.first_deadline, task.deadline) == (first, clock() + 8 * DAY)
    assert (extension.before, extension.granted) == (first, task.deadline)
    assert (extension.state, extension.decided_by) == (ExtensionState.GRANTED, ministry.leader.id)
    assert await rung(db, "tasks.extension_asked") == [ministry.leader.id]
    assert await rung(db, "tasks.extension_granted") == sorted(
        [ministry.officer.id, ministry.colleague.id]
    )


async def test_the_assigner_may_grant_another_day(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    task_id = await directed(db, ministry, *AT_WORK)
    await asked(db, ministry, task_id)

    await granted(db, ministry.leader, task_id, deadline=clock() + 6 * DAY)

    assert (await the_task(db, task_id)).deadline == clock() + 6 * DAY


async def test_an_extension_that_extends_nothing_is_refused(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    task_id = await directed(db, ministry, *AT_WORK)
    with pytest.raises(WrongDeadline):
        await asked(db, ministry, task_id, days=5)

    await asked(db, ministry, task_id)
    with pytest.raises(WrongDeadline):
        await granted(db, ministry.leader, task_id, deadline=clock() + DAY)


async def test_one_extension_waits_at_a_time(db: Database, ministry: Ministry) -> None:
    task_id = await directed(db, ministry, *AT_WORK)
    await asked(db, ministry, task_id)

    with pytest.raises(ExtensionWaits):
        await asked(db, ministry, task_id, days=9)


@pytest.mark.parametrize(
    ("who", "move", "state"),
    [
        ("leader", Move.REFUSE_EXTENSION, ExtensionState.REFUSED),
        ("officer", Move.WITHDRAW_EXTENSION, ExtensionState.WITHDRAWN),
    ],
)
async def test_a_closed_extension_changes_no_deadline_and_lets_another_be_asked(
    db: Database, ministry: Ministry, who: str, move: Move, state: ExtensionState
) -> None:
    task_id = await directed(db, ministry, *AT_WORK)
    await asked(db, ministry, task_id)

    await closed(db, getattr(ministry, who), task_id, move)

    task, extension = await the_task(db, task_id), await the_extension(db)
    assert (extension.state, extension.opinion) == (state, "Không cần.")
    assert task.deadline == task.first_deadline
    with pytest.raises(WrongState):
        await granted(db, ministry.leader, task_id)


async def test_each_side_decides_only_what_is_theirs(db: Database, ministry: Ministry) -> None:
    task_id = await directed(db, ministry, *AT_WORK)
    await asked(db, ministry, task_id)

    with pytest.raises(NotYourPart):
        await granted(db, ministry.officer, task_id)
    with pytest.raises(NotYourPart):
        await closed(db, ministry.colleague, task_id, Move.REFUSE_EXTENSION)
    with pytest.raises(NotYourPart):
        await closed(db, ministry.leader, task_id, Move.WITHDRAW_EXTENSION)
    with pytest.raises(NotFound):
        await granted(db, ministry.stranger, task_id)


async def test_an_extension_of_another_task_is_not_there(db: Database, ministry: Ministry) -> None:
    task_id = await directed(db, ministry, *AT_WORK)
    await asked(db, ministry, task_id)
    other = await directed(db, ministry, *AT_WORK)

    with pytest.raises(NotFound):
        await granted(db, ministry.leader, other)


async def test_a_request_is_withdrawn_when_the_work_is_reported(
    db: Database, ministry: Ministry
) -> None:
    task_id = await directed(db, ministry, *AT_WORK)
    await asked(db, ministry, task_id)

    await moved(db, ministry.officer, task_id, Move.REPORT)

    assert (await the_extension(db)).state is ExtensionState.WITHDRAWN


# --- standing still -----------------------------------------------------------------------------


async def test_while_a_task_rests_its_deadline_moves_with_the_time(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    task_id = await directed(db, ministry, *AT_WORK)
    before = await the_task(db, task_id)
    async with db.begin() as tx:
        await deadlines.suspend(tx, ministry.leader.actor, task_id, words="Chờ luật mới.")
    clock.tick(30 * DAY)
    async with db.read() as view:
        resting = await queries.whole(view, ministry.officer.actor, task_id)
    async with db.begin() as tx:
        await deadlines.resume(tx, ministry.leader.actor, task_id)

    async with db.read() as view:
        going_on = await queries.whole(view, ministry.officer.actor, task_id)
    assert (resting.state, resting.bucket) == (State.SUSPENDED, Bucket.ON_TIME)
    assert (going_on.state, going_on.suspended_at) == (State.IN_PROGRESS, None)
    assert going_on.deadline == before.deadline + 30 * DAY
    assert going_on.first_deadline == before.deadline
    dues = {one.part: one.due for one in going_on.parts}
    assert dues[Part.LEAD] == going_on.deadline
    assert dues[Part.COORDINATOR] == going_on.deadline - DAY / 4


async def test_what_a_coordinator_has_reported_stays_as_it_was(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    task_id = await directed(db, ministry, *AT_WORK)
    for move in PartMove:
        async with db.begin() as tx:
            await service.advance_part(tx, ministry.colleague.actor, task_id, move, words="Xong.")
    async with db.begin() as tx:
        await deadlines.suspend(tx, ministry.leader.actor, task_id, words="Chờ.")
    clock.tick(DAY)
    async with db.begin() as tx:
        await deadlines.resume(tx, ministry.leader.actor, task_id)

    async with db.read() as view:
        part = await view.session.get_one(TaskPart, (task_id, ministry.colleague.id))
    assert part.due == (await the_task(db, task_id)).first_deadline - DAY / 4


# --- another lead -------------------------------------------------------------------------------


async def reassigned(db: Database, ministry: Ministry, task_id: UUID, to: NewLead) -> None:
    async with db.begin() as tx:
        await deadlines.reassign(tx, ministry.leader.actor, task_id, to, words="Làm thay.")


async def test_a_declined_task_goes_to_another_lead_and_its_reason_stays(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    task_id = await directed(db, ministry, Move.DECLINE)
    new = ministry.secretary

    await reassigned(db, ministry, task_id, NewLead(new.id, clock() + 9 * DAY))
    await moved(db, new, task_id, Move.ACCEPT)

    async with db.read() as view:
        shown = await queries.whole(view, new.actor, task_id)
        entries = await queries.history(view, new.actor, task_id)
        with pytest.raises(NotFound):
            await queries.task(view, ministry.officer.actor, task_id)
    assert (shown.state, shown.result, shown.deadline) == (
        State.ACCEPTED, None, clock() + 9 * DAY,
    )  # fmt: skip
    assert [(one.what, one.words) for one in entries[1:3]] == [
        ("tasks.declined", "Đã xem."), ("tasks.reassigned", "Làm thay."),
    ]  # fmt: skip
    assert entries[2].lead_id == new.id
    assert entries[2].sentence_vi == "Người giao chuyển nhiệm vụ cho Phạm Thu Hà chủ trì."
    assert await rung(db, "tasks.reassigned") == sorted([ministry.officer.id, new.id])


async def test_a_coordinator_can_become_the_lead(db: Database, ministry: Ministry) -> None:
    task_id = await directed(db, ministry, *AT_WORK)

    await reassigned(db, ministry, task_id, NewLead(ministry.colleague.id))

    parts = {one.official_id: one.part for one in await rows(db, TaskPart)}
    assert parts == {ministry.colleague.id: Part.LEAD, ministry.clerk.id: Part.FOLLOWER}


async def test_nobody_leads_what_they_gave_and_no_deadline_cuts_a_coordinator_short(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    task_id = await directed(db, ministry, Move.DECLINE)

    with pytest.raises(WrongPeople):
        await reassigned(db, ministry, task_id, NewLead(ministry.leader.id))
    with pytest.raises(NotFound):
        await reassigned(db, ministry, task_id, NewLead(ministry.stranger.id))
    with pytest.raises(WrongDeadline):
        await reassigned(db, ministry, task_id, NewLead(ministry.secretary.id, clock() + DAY))
    clock.tick(6 * DAY)
    with pytest.raises(WrongDeadline):
        await reassigned(db, ministry, task_id, NewLead(ministry.secretary.id))


# --- time itself --------------------------------------------------------------------------------


async def test_without_a_deputy_the_assigner_hears_again(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    task_id = await directed(engines.db, ministry)
    clock.now = (await the_task(engines.db, task_id)).deadline + PATIENCE

    await let_time_work(engines)

    assert await rung(engines.db, "tasks.escalated") == [ministry.leader.id]


async def test_a_deadline_that_has_moved_rings_only_at_its_new_place(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    db = engines.db
    task_id = await directed(db, ministry, *AT_WORK)
    await asked(db, ministry, task_id)
    await granted(db, ministry.leader, task_id)
    task = await the_task(db, task_id)
    clock.now = task.first_deadline + PATIENCE
    await let_time_work(engines)
    quiet = await told(db, task_id)

    clock.now = task.deadline + TICK
    await let_time_work(engines)

    assert not {"nearly_due", "overdue", "escalated"} & set(quiet)
    assert (await told(db, task_id))[-1] == "overdue"


@pytest.mark.parametrize(
    "moves",
    [(Move.ACCEPT, Move.REPORT), (Move.ACCEPT, Move.REPORT, Move.COMPLETE), (Move.CANCEL,)],
)
async def test_what_is_reported_or_over_rings_for_nobody(
    engines: Engines, ministry: Ministry, clock: Clock, moves: tuple[Move, ...]
) -> None:
    db = engines.db
    task_id = await directed(db, ministry)
    for move in moves:
        deciding = move in {Move.COMPLETE, Move.CANCEL}
        await moved(db, ministry.leader if deciding else ministry.officer, task_id, move)
    before = await told(db, task_id)

    clock.tick(30 * DAY)
    await let_time_work(engines)

    assert await told(db, task_id) == before


async def test_a_resting_task_rings_for_nobody_until_it_goes_on(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    db = engines.db
    task_id = await directed(db, ministry, *AT_WORK)
    async with db.begin() as tx:
        await deadlines.suspend(tx, ministry.leader.actor, task_id, words="Chờ.")
    clock.tick(30 * DAY)
    await let_time_work(engines)
    async with db.begin() as tx:
        await deadlines.resume(tx, ministry.leader.actor, task_id)
    before = await told(db, task_id)

    clock.now = (await the_task(db, task_id)).deadline + TICK
    await let_time_work(engines)

    assert before[-2:] == ["suspended", "resumed"]
    assert (await told(db, task_id))[-1] == "overdue"


async def test_what_is_sent_back_after_its_deadline_goes_on_a_day_later(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    """Its alarms came to nothing while the report waited for its judgement."""
    db = engines.db
    task_id = await directed(db, ministry, Move.ACCEPT, Move.REPORT)
    clock.tick(30 * DAY)
    await let_time_work(engines)
    await moved(db, ministry.leader, task_id, Move.RETURN)
    await let_time_work(engines)
    at_once = await told(db, task_id)

    clock.tick(PATIENCE)
    await let_time_work(engines)

    assert at_once[-2:] == ["reported", "returned"]
    assert (await told(db, task_id))[-1] == "escalated"


async def test_what_is_sent_back_before_its_deadline_keeps_its_alarms(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    db = engines.db
    task_id = await directed(db, ministry, Move.ACCEPT, Move.REPORT)
    await moved(db, ministry.leader, task_id, Move.RETURN)

    clock.tick(6 * DAY)
    await let_time_work(engines)

    assert (await the_task(db, task_id)).deadline_no == 1
    assert (await told(db, task_id))[-2:] == ["overdue", "escalated"]


async def test_a_warning_that_comes_after_the_deadline_is_none(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    db = engines.db
    task_id = await directed(db, ministry)
    clock.tick(5 * DAY + TICK)

    await let_time_work(engines)

    assert (await told(db, task_id))[1:] == ["overdue"]


async def test_an_alarm_rings_once_however_often_its_job_runs(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    db = engines.db
    task_id = await directed(db, ministry)
    clock.tick(6 * DAY)

    for _ in range(3):
        payload = {"task_id": str(task_id), "deadline_no": 1}
        await flows.keep_time(db, Move.MISS, payload)

    assert (await told(db, task_id))[1:] == ["overdue"]


async def test_every_alarm_has_a_handler(engines: Engines, ministry: Ministry) -> None:
    await directed(engines.db, ministry)

    kinds = {one.kind for one in await rows(engines.db, Job)}

    assert {"tasks.warn", "tasks.miss", "tasks.escalate"} <= kinds
    async with engines.db.read() as view:
        failed = select(Job).where(Job.error != None)  # noqa: E711
        assert (await view.session.exec(failed)).all() == []


async def test_a_deputy_of_both_sides_does_not_grant_what_they_asked(
    db: Database, ministry: Ministry
) -> None:
    await delegated(db, ministry, ministry.officer, Scope.TASKS)
    task_id = await directed(db, ministry, *AT_WORK)
    await asked(db, ministry, task_id)

    with pytest.raises(OwnWork):
        await granted(db, ministry.officer, task_id)
