"""What tasks allow, and what no sequence of moves can break."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from api.tasks.errors import NotYourPart, WrongDeadline, WrongPeople, WrongState
from api.tasks.rules import (
    ASSIGNER_MOVES,
    BEGIN,
    FINAL,
    LEAD_MOVES,
    MOVES,
    PART_MOVES,
    SOON,
    Bucket,
    Move,
    PartMove,
    PartState,
    State,
    after,
    bucket,
    must_be_a_team,
    must_be_allowed,
    must_be_in_time,
    part_after,
)

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
LEADER, LEAD, OTHER = uuid4(), uuid4(), uuid4()


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", Move)
def test_every_move_is_made_as_the_table_says_or_refused(state: State, move: Move) -> None:
    if (state, move) in MOVES:
        assert after(state, move) is MOVES[state, move]
    else:
        with pytest.raises(WrongState):
            after(state, move)


@pytest.mark.parametrize("state", PartState)
@pytest.mark.parametrize("move", PartMove)
def test_a_coordinator_moves_as_the_table_says(state: PartState, move: PartMove) -> None:
    if (state, move) in PART_MOVES:
        assert part_after(state, move) is PART_MOVES[state, move]
    else:
        with pytest.raises(WrongState):
            part_after(state, move)


def test_every_state_can_be_reached_and_every_move_is_used() -> None:
    assert set(MOVES.values()) | {BEGIN} == set(State)
    assert {move for _, move in MOVES} == set(Move)
    assert {State.COMPLETED, State.DECLINED, State.CANCELLED} == FINAL


def test_every_move_is_the_leads_or_the_assigners() -> None:
    assert set(Move) == LEAD_MOVES | ASSIGNER_MOVES
    assert frozenset() == LEAD_MOVES & ASSIGNER_MOVES


class AnyLife(RuleBasedStateMachine):
    """Whatever happens to a task: nothing is completed that was not accepted and reported."""

    def __init__(self) -> None:
        super().__init__()
        self.state = BEGIN
        self.accepted: list[Move] = []

    @rule(move=st.sampled_from(Move))
    def happen(self, move: Move) -> None:
        before = self.state
        try:
            self.state = after(before, move)
        except WrongState:
            assert (before, move) not in MOVES
        else:
            self.accepted.append(move)

    @invariant()
    def is_completed_only_after_acceptance_and_report(self) -> None:
        if self.state is State.COMPLETED:
            assert self.accepted[0] is Move.ACCEPT
            assert self.accepted[-2:] == [Move.REPORT, Move.COMPLETE]


TestAnyLife = AnyLife.TestCase


@pytest.mark.parametrize("move", Move)
def test_a_move_belongs_to_one_person(move: Move) -> None:
    mover, stranger = (LEAD, LEADER) if move in LEAD_MOVES else (LEADER, LEAD)

    must_be_allowed(move, actor_id=mover, lead_id=LEAD, assigner_id=LEADER)

    for somebody in (stranger, OTHER):
        with pytest.raises(NotYourPart):
            must_be_allowed(move, actor_id=somebody, lead_id=LEAD, assigner_id=LEADER)


def test_a_team_is_one_lead_and_others() -> None:
    must_be_a_team(LEADER, LEAD, [OTHER])
    must_be_a_team(LEADER, LEAD, [])


@pytest.mark.parametrize(
    ("lead", "helpers"),
    [(LEAD, [LEAD]), (LEAD, [OTHER, OTHER]), (LEADER, []), (LEAD, [LEADER])],
)
def test_nobody_is_named_twice_in_a_task(lead: object, helpers: list[object]) -> None:
    with pytest.raises(WrongPeople):
        must_be_a_team(LEADER, lead, helpers)  # type: ignore[arg-type]


def test_deadlines_lie_in_the_future_and_no_coordinators_behind_the_tasks() -> None:
    must_be_in_time(NOON, NOON + TICK, [NOON + TICK])
    for deadline, due in ((NOON, None), (NOON + TICK, NOON), (NOON + TICK, NOON + 2 * TICK)):
        with pytest.raises(WrongDeadline):
            must_be_in_time(NOON, deadline, [due] if due else [])


def test_an_open_task_nears_its_deadline() -> None:
    deadline = NOON + SOON

    assert bucket(State.ACCEPTED, deadline, None, NOON - TICK) is Bucket.ON_TIME
    assert bucket(State.ACCEPTED, deadline, None, NOON) is Bucket.DUE_SOON
    assert bucket(State.ACCEPTED, deadline, None, deadline) is Bucket.DUE_SOON
    assert bucket(State.ACCEPTED, deadline, None, deadline + TICK) is Bucket.OVERDUE


def test_a_confirmed_report_counts_from_when_it_was_made() -> None:
    late = NOON + timedelta(days=30)

    assert bucket(State.COMPLETED, NOON, NOON, late) is Bucket.DONE_ON_TIME
    assert bucket(State.COMPLETED, NOON, NOON + TICK, late) is Bucket.DONE_LATE
    assert bucket(State.COMPLETED, NOON, None, late) is Bucket.DONE_LATE


@pytest.mark.parametrize("state", [State.DECLINED, State.CANCELLED])
def test_what_ended_otherwise_has_no_deadline_any_more(state: State) -> None:
    assert bucket(state, NOON, None, NOON + SOON) is Bucket.CLOSED


@given(st.sampled_from(State), st.datetimes(), st.datetimes(), st.none() | st.datetimes())
def test_every_task_has_a_bucket(
    state: State, now: datetime, deadline: datetime, reported: datetime | None
) -> None:
    assert bucket(state, deadline, reported, now) in Bucket
