"""What tasks allow, and what no sequence of moves can break."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from api.tasks.errors import (
    AlreadyEvaluated,
    NotYourPart,
    OwnWork,
    RemindedLately,
    WrongDeadline,
    WrongPeople,
    WrongState,
)
from api.tasks.rules import (
    ASSIGNER_MOVES,
    AT_WORK,
    BEGIN,
    CLOCK_MOVES,
    EXTENSION_MOVES,
    FINAL,
    JUDGING_MOVES,
    LEAD_MOVES,
    MOVES,
    PATIENCE,
    REMINDER_PAUSE,
    RUNNING,
    SOON,
    URGING_MOVES,
    WARNING,
    Bucket,
    ExtensionState,
    Move,
    State,
    after,
    alarms,
    bucket,
    extension_after,
    movers,
    must_be_a_team,
    must_be_ahead,
    must_be_in_time,
    must_be_later,
    must_have_paused,
    must_not_be_evaluated,
    must_not_cut,
    must_not_judge_own_work,
    must_stand_for,
)
from core.clock import FARTHEST

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
LEADER, LEAD, FOLLOWER, DEPUTY, OTHER = (uuid4() for _ in range(5))
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize("state", ExtensionState)
@pytest.mark.parametrize("move", Move)
def test_an_extension_is_decided_once(state: ExtensionState, move: Move) -> None:
    if (state, move) in EXTENSION_MOVES:
        assert state is ExtensionState.ASKED
        assert extension_after(state, move) is EXTENSION_MOVES[state, move]
    else:
        with pytest.raises(WrongState) as refusal:
            extension_after(state, move)
        assert refusal.value.facts == {"state": state, "move": move}


def test_every_state_can_be_reached_and_every_move_is_used() -> None:
    assert set(MOVES.values()) | {BEGIN} == set(State)
    assert {move for _, move in MOVES} == set(Move)
    assert {State.COMPLETED, State.CANCELLED} == FINAL


def test_nothing_leads_out_of_what_is_final() -> None:
    assert all(to is state for (state, _), to in MOVES.items() if state in FINAL)


def test_every_move_is_somebodys() -> None:
    kinds = (LEAD_MOVES, ASSIGNER_MOVES, URGING_MOVES, CLOCK_MOVES)

    assert set(Move) == frozenset().union(*kinds)
    assert sum(len(kind) for kind in kinds) == len(Move)
    assert JUDGING_MOVES <= ASSIGNER_MOVES


def test_the_lead_works_followers_urge_and_time_passes() -> None:
    of_lead = "accept decline start report ask_extension withdraw_extension"
    judging = "return complete grant_extension refuse_extension evaluate"

    assert set(of_lead.split()) == LEAD_MOVES
    assert set(judging.split()) == JUDGING_MOVES
    assert (*URGING_MOVES, *sorted(CLOCK_MOVES)) == ("remind", "escalate", "miss", "warn")
    assert {"accepted", "in_progress", "returned"} == AT_WORK


def test_whatever_is_open_can_be_withdrawn_by_the_assigner() -> None:
    assert {state for state, move in MOVES if move is Move.CANCEL} == set(State) - FINAL


class AnyLife(RuleBasedStateMachine):
    """Whatever happens to a task: nothing is completed that its lead did not take and report."""

    def __init__(self) -> None:
        super().__init__()
        self.state = BEGIN
        self.made: list[Move] = []

    @rule(move=st.sampled_from(Move))
    def happen(self, move: Move) -> None:
        before = self.state
        try:
            self.state = after(before, move)
        except WrongState:
            assert (before, move) not in MOVES
        else:
            if self.state is not before or move is Move.REASSIGN:
                self.made.append(move)

    @invariant()
    def is_completed_only_after_acceptance_and_report(self) -> None:
        if self.state is State.COMPLETED:
            assert self.made[-2:] == [Move.REPORT, Move.COMPLETE]
            last = max((n for n, m in enumerate(self.made) if m is Move.REASSIGN), default=-1)
            assert self.made[last + 1] is Move.ACCEPT

    @invariant()
    def rests_only_between_suspension_and_resumption(self) -> None:
        assert (self.state is State.SUSPENDED) == (self.made[-1:] == [Move.SUSPEND])

    @precondition(lambda self: self.state in FINAL)
    @rule(move=st.sampled_from(Move))
    def is_over_for_good(self, move: Move) -> None:
        if (self.state, move) in MOVES:
            assert after(self.state, move) is self.state


TestAnyLife = AnyLife.TestCase


@pytest.mark.parametrize("move", Move)
def test_a_move_belongs_to_those_whose_it_is(move: Move) -> None:
    whose = movers(move, lead_id=LEAD, assigner_id=LEADER, followers=[FOLLOWER])

    if move in LEAD_MOVES:
        assert whose == {LEAD}
    elif move in URGING_MOVES:
        assert whose == {LEADER, FOLLOWER}
    else:
        assert whose == (set() if move in CLOCK_MOVES else {LEADER})


def test_one_stands_for_oneself_before_anybody_else() -> None:
    assert must_stand_for({LEAD}, actor_id=LEAD, acts_for={LEADER}, move="report") is None
    assert must_stand_for({LEAD}, actor_id=DEPUTY, acts_for={LEAD, OTHER}, move="x") == LEAD


@pytest.mark.parametrize("acts_for", [set(), {OTHER}])
def test_who_stands_for_nobody_whose_move_it_is_has_no_part_in_it(acts_for: set[object]) -> None:
    with pytest.raises(NotYourPart):
        must_stand_for({LEAD}, actor_id=DEPUTY, acts_for=acts_for, move="x")  # type: ignore[arg-type]


@pytest.mark.parametrize("move", Move)
def test_nobody_judges_what_they_did_themselves(move: Move) -> None:
    must_not_judge_own_work(move, DEPUTY, [LEAD, None])

    if move in JUDGING_MOVES:
        with pytest.raises(OwnWork) as refusal:
            must_not_judge_own_work(move, DEPUTY, [LEAD, DEPUTY])
        assert refusal.value.facts == {"move": move}
    else:
        must_not_judge_own_work(move, DEPUTY, [LEAD, DEPUTY])


def test_a_team_is_one_lead_and_others() -> None:
    must_be_a_team([LEADER], LEAD, [OTHER])
    must_be_a_team([LEADER, DEPUTY], LEAD, [])


@pytest.mark.parametrize(
    ("lead", "others"),
    [(LEAD, [LEAD]), (LEAD, [OTHER, OTHER]), (LEADER, []), (LEAD, [LEADER]), (DEPUTY, [])],
)
def test_nobody_is_named_twice_and_nobody_gives_a_task_to_themselves(
    lead: object, others: list[object]
) -> None:
    with pytest.raises(WrongPeople):
        must_be_a_team({LEADER, DEPUTY}, lead, others)  # type: ignore[arg-type]


def test_deadlines_lie_ahead_and_no_coordinators_behind_the_tasks() -> None:
    must_be_in_time(NOON, NOON + TICK, [NOON + TICK])
    must_be_ahead(NOON, NOON + FARTHEST)
    for deadline, due in ((NOON, None), (NOON + TICK, NOON), (NOON + TICK, NOON + 2 * TICK),
                          (NOON + FARTHEST + TICK, None)):  # fmt: skip
        with pytest.raises(WrongDeadline):
            must_be_in_time(NOON, deadline, [due] if due else [])


def test_an_extension_extends_and_cuts_nobody_short() -> None:
    must_be_later(NOON, NOON - DAY, NOON + TICK)
    must_not_cut(NOON, [NOON])
    with pytest.raises(WrongDeadline):
        must_be_later(NOON, NOON + DAY, NOON + DAY)
    with pytest.raises(WrongDeadline):
        must_be_later(NOON, NOON - DAY, NOON)
    with pytest.raises(WrongDeadline):
        must_not_cut(NOON, [NOON + TICK])


def test_a_grade_is_given_once_and_reminders_have_their_pause() -> None:
    must_not_be_evaluated(evaluated=False)
    must_have_paused(None, NOON)
    must_have_paused(NOON, NOON + REMINDER_PAUSE)
    with pytest.raises(AlreadyEvaluated):
        must_not_be_evaluated(evaluated=True)
    with pytest.raises(RemindedLately) as refusal:
        must_have_paused(NOON, NOON + REMINDER_PAUSE - TICK)
    assert refusal.value.facts == {"retry_after_seconds": 1}


def test_an_open_task_nears_its_deadline() -> None:
    deadline = NOON + SOON

    assert bucket(State.ACCEPTED, deadline, None, NOON - TICK) is Bucket.ON_TIME
    assert bucket(State.ACCEPTED, deadline, None, NOON) is Bucket.DUE_SOON
    assert bucket(State.ACCEPTED, deadline, None, deadline) is Bucket.DUE_SOON
    assert bucket(State.ACCEPTED, deadline, None, deadline + TICK) is Bucket.OVERDUE


@pytest.mark.parametrize("state", [State.REPORTED, State.SUSPENDED])
def test_the_clock_stands_still_while_it_is_not_the_leads_turn(state: State) -> None:
    late = NOON + 30 * DAY

    assert bucket(state, NOON, NOON - SOON - TICK, late) is Bucket.ON_TIME
    assert bucket(state, NOON, NOON, late) is Bucket.DUE_SOON
    assert bucket(state, NOON, NOON + TICK, late) is Bucket.OVERDUE


@pytest.mark.parametrize("state", sorted(RUNNING))
def test_an_earlier_report_does_not_stop_the_clock(state: State) -> None:
    assert bucket(state, NOON, NOON - DAY, NOON + TICK) is Bucket.OVERDUE


def test_a_confirmed_report_counts_from_when_it_was_made() -> None:
    late = NOON + timedelta(days=30)

    assert bucket(State.COMPLETED, NOON, NOON, late) is Bucket.DONE_ON_TIME
    assert bucket(State.COMPLETED, NOON, NOON + TICK, late) is Bucket.DONE_LATE
    assert bucket(State.COMPLETED, NOON, None, late) is Bucket.DONE_LATE


def test_what_was_withdrawn_has_no_deadline_any_more() -> None:
    assert bucket(State.CANCELLED, NOON, None, NOON + SOON) is Bucket.CLOSED


@given(st.sampled_from(State), MOMENTS, MOMENTS, st.none() | MOMENTS)
def test_every_task_has_a_bucket_and_only_what_is_over_a_closed_one(
    state: State, now: datetime, deadline: datetime, stopped: datetime | None
) -> None:
    found = bucket(state, deadline, stopped, now)

    over = {Bucket.DONE_ON_TIME, Bucket.DONE_LATE, Bucket.CLOSED}
    assert (found in over) == (state in FINAL)


@given(MOMENTS, st.timedeltas(TICK, timedelta(days=400)))
def test_time_warns_before_the_deadline_and_complains_after_it(
    now: datetime, left: timedelta
) -> None:
    deadline = now + left
    set_for = alarms(now, deadline)

    assert set(set_for) == CLOCK_MOVES
    assert now <= set_for[Move.WARN] <= deadline
    assert deadline - set_for[Move.WARN] <= WARNING
    assert bucket(State.ACCEPTED, deadline, None, set_for[Move.MISS]) is Bucket.OVERDUE
    assert bucket(State.ACCEPTED, deadline, None, set_for[Move.MISS] - TICK) is not Bucket.OVERDUE
    assert set_for[Move.ESCALATE] == deadline + PATIENCE


@given(MOMENTS, st.timedeltas(timedelta(), timedelta(days=400)))
def test_a_deadline_that_has_passed_is_only_escalated(now: datetime, since: timedelta) -> None:
    set_for = alarms(now, now - since)

    assert set_for == {Move.ESCALATE: now + PATIENCE}


def test_a_warning_leaves_a_day_or_half_of_the_time_there_is() -> None:
    assert alarms(NOON, NOON + DAY)[Move.WARN] == NOON + DAY / 2
    assert alarms(NOON, NOON + 9 * DAY)[Move.WARN] == NOON + 8 * DAY
    assert alarms(NOON, NOON - DAY / 2) == {Move.ESCALATE: NOON + DAY}


def test_alarms_ring_only_where_somebody_can_act() -> None:
    assert {state for state, move in MOVES if move is Move.MISS} == RUNNING
    assert {state for state, move in MOVES if move is Move.WARN} == AT_WORK | {State.ASSIGNED}
