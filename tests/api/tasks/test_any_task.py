"""Whoever tries whatever with a task, and whenever: what must never be false is never false."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from api.people.acting import Scope
from api.tasks import deadlines, queries, service
from api.tasks.board import EVENTS
from api.tasks.deadlines import NewLead
from api.tasks.models import Task, TaskEntry, TaskEvaluation, TaskExtension
from api.tasks.rules import (
    AT_WORK,
    BEGIN,
    CLOCK_MOVES,
    FINAL,
    LEAD_MOVES,
    MOVES,
    ExtensionState,
    Grade,
    Move,
    Part,
    PartMove,
    State,
    bucket,
)
from api.tasks.schemas import TaskOut
from api.wiring import Engines
from core import streams
from core.actor import Actor
from core.db import Database, Tx
from core.errors import AppError
from tests.support.clock import Clock
from tests.support.delegations import delegated
from tests.support.ministry import Ministry
from tests.support.tasks import directed, let_time_work, the_task

Step = Callable[[Tx, Actor, UUID], Awaitable[object]]
#: The secretary acts for the leader; the officer, who leads, does so too.
PEOPLE = ("leader", "officer", "colleague", "clerk", "secretary", "stranger")
NAMES = {kind.name: move for move, kind in EVENTS.items()}


def advance(move: Move) -> Step:
    return lambda tx, actor, task_id: service.advance(tx, actor, task_id, move, words="Đã xem.")


def ask(days: int) -> Step:
    return lambda tx, actor, task_id: deadlines.ask_extension(
        tx, actor, task_id, tx.now + timedelta(days=days), reason="Chờ số liệu."
    )


def decide(move: Move) -> Step:
    async def step(tx: Tx, actor: Actor, task_id: UUID) -> None:
        newest = select(TaskExtension.id).where(TaskExtension.task_id == task_id)
        newest = newest.order_by(col(TaskExtension.asked_at).desc())
        found = (await tx.session.exec(newest)).first() or task_id
        if move is Move.GRANT_EXTENSION:
            await deadlines.grant_extension(tx, actor, task_id, found)
        else:
            await deadlines.close_extension(tx, actor, task_id, found, move, "Đã xem.")

    return step


async def suspend(tx: Tx, actor: Actor, task_id: UUID) -> None:
    await deadlines.suspend(tx, actor, task_id, words="Chờ.")


async def resume(tx: Tx, actor: Actor, task_id: UUID) -> None:
    await deadlines.resume(tx, actor, task_id)


async def evaluate(tx: Tx, actor: Actor, task_id: UUID) -> None:
    await service.evaluate(tx, actor, task_id, Grade.GOOD)


async def remind(tx: Tx, actor: Actor, task_id: UUID) -> None:
    await service.remind(tx, actor, task_id)


OTHERS: dict[Move, Step] = {
    Move.SUSPEND: suspend,
    Move.RESUME: resume,
    Move.EVALUATE: evaluate,
    Move.REMIND: remind,
}


#: What mostly does not happen, or nothing would ever get far.
SETBACKS = {Move.CANCEL, Move.DECLINE, Move.REASSIGN, Move.REMIND}


def reassign(to: UUID) -> Step:
    return lambda tx, actor, task_id: deadlines.reassign(tx, actor, task_id, NewLead(to))


@dataclass(frozen=True)
class Pass:
    """Time passes."""

    hours: int


@dataclass(frozen=True)
class Try:
    """Somebody tries a move: one that the state allows, or any."""

    who: str
    nth: int
    allowed: bool


def drawn(seed: int) -> list[Pass | Try]:
    """Draw evenly; what shrinks well is drawn too seldom far from where it begins."""
    luck = Random(seed)

    def one() -> Pass | Try:
        if luck.random() < 0.15:
            return Pass(luck.choice([1, 20, 60, 200]))
        who = "right" if luck.random() < 0.6 else luck.choice([*PEOPLE, "officer", "secretary"])
        return Try(who, luck.randrange(10_000), allowed=luck.random() < 0.9)

    return [one() for _ in range(luck.randrange(8, 20))]


SEEDS = st.integers(0, 2**32 - 1)


def step_of(move: Move, ministry: Ministry, nth: int) -> Step:
    match move:
        case Move.REASSIGN:
            return reassign(getattr(ministry, PEOPLE[nth % len(PEOPLE)]).id)
        case Move.ASK_EXTENSION:
            return ask(nth % 12)
        case Move.GRANT_EXTENSION | Move.REFUSE_EXTENSION | Move.WITHDRAW_EXTENSION:
            return decide(move)
        case _:
            return OTHERS.get(move) or advance(move)


async def happen(
    engines: Engines, clock: Clock, ministry: Ministry, task_id: UUID, one: Pass | Try
) -> None:
    if isinstance(one, Pass):
        clock.tick(timedelta(hours=one.hours))
        await let_time_work(engines)
        return
    task = await the_task(engines.db, task_id)
    moves = sorted(set(Move) - CLOCK_MOVES)
    if one.allowed:
        moves = [move for move in moves if (task.state, move) in MOVES and move not in SETBACKS]
    move = moves[one.nth % len(moves)] if moves else Move.EVALUATE
    async with engines.db.read() as view:
        shown = await queries.whole(view, ministry.leader.actor, task_id)
    lead_id = next(part.official_id for part in shown.parts if part.part is Part.LEAD)
    right = lead_id if move in LEAD_MOVES else ministry.leader.id
    actor = Actor(right, task.agency_id) if one.who == "right" else getattr(ministry, one.who).actor
    with suppress(AppError):
        async with engines.db.begin() as tx:
            await step_of(move, ministry, one.nth)(tx, actor, task_id)
    for part_move in PartMove if one.nth % 7 == 0 else ():
        with suppress(AppError):
            async with engines.db.begin() as tx:
                await service.advance_part(tx, actor, task_id, part_move, words="Xong.")


async def must_hold(db: Database, ministry: Ministry, task_id: UUID, first: object) -> None:
    async with db.read() as view:
        task = await view.session.get_one(Task, task_id)
        shown = await queries.whole(view, ministry.leader.actor, task_id)
        graded = await view.session.get(TaskEvaluation, task_id)
        history = select(TaskEntry).where(TaskEntry.task_id == task_id)
        entries = (await view.session.exec(history.order_by(col(TaskEntry.ordinal)))).all()
        stream = await streams.read_after(view.session, f"document:{task.document_id}", 0)
    _one_team(shown)
    assert task.first_deadline == first
    waiting = [one for one in shown.extensions if one.state is ExtensionState.ASKED]
    assert len(waiting) <= (1 if task.state in AT_WORK else 0)
    assert graded is None or task.state is State.COMPLETED
    stopped_at = task.suspended_at or task.reported_at
    assert shown.bucket is bucket(task.state, task.deadline, stopped_at, view.now)
    assert (task.state in FINAL) == (task.closed_at is not None)
    _told_truly(task, ministry, entries)
    told = [one.name for one in stream if one.name.startswith("tasks.")]
    assert told == [one.what for one in entries]


def _one_team(shown: TaskOut) -> None:
    assert [part.part for part in shown.parts].count(Part.LEAD) == 1
    assert shown.assigner_id not in {part.official_id for part in shown.parts}
    for part in shown.parts:
        assert part.due <= shown.deadline if part.part is Part.COORDINATOR else True


def _told_truly(task: Task, ministry: Ministry, entries: Sequence[TaskEntry]) -> None:
    """The history alone leads to where the task stands, and names only those who might."""
    state, lead, deadline, reporter = BEGIN, entries[0].lead_id, entries[0].deadline, None
    rested = entries[0].at
    for number, one in enumerate(entries, start=1):
        assert one.ordinal == number
        assert one.on_behalf_of in {None, ministry.leader.id}
        move = NAMES.get(one.what)
        if move is None:
            continue
        state = MOVES[state, move]
        if move is Move.SUSPEND:
            rested = one.at
        if move is Move.RESUME and deadline is not None:
            assert one.deadline == deadline + (one.at - rested)
        lead, deadline = one.lead_id or lead, one.deadline or deadline
        if move is Move.REPORT:
            reporter = one.by
        if move in {Move.COMPLETE, Move.RETURN}:
            assert one.by not in {lead, reporter}
        if one.deadline is not None and one.by is not None:
            assert ministry.leader.id in {one.by, one.on_behalf_of}
    assert (state, deadline) == (task.state, task.deadline)


async def live(engines: Engines, clock: Clock, ministry: Ministry, days: list[Pass | Try]) -> None:
    db = engines.db
    for deputy in (ministry.secretary, ministry.officer):
        with suppress(AppError):
            await delegated(db, ministry, deputy, Scope.TASKS)
    task_id = await directed(db, ministry)
    first = (await the_task(db, task_id)).first_deadline

    for one in days:
        await happen(engines, clock, ministry, task_id, one)
        await must_hold(db, ministry, task_id, first)


ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FEW = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@ON_SQLITE
@FEW
@given(seed=SEEDS)
async def test_no_sequence_of_steps_and_days_breaks_a_task(
    engines: Engines, ministry: Ministry, clock: Clock, seed: int
) -> None:
    await live(engines, clock, ministry, drawn(seed))


@pytest.mark.slow
@settings(FEW, max_examples=100)
@given(seed=SEEDS)
async def test_no_long_sequence_breaks_a_task_on_any_engine(
    engines: Engines, ministry: Ministry, clock: Clock, seed: int
) -> None:
    await live(engines, clock, ministry, drawn(seed))
