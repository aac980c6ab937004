"""How a message travels to a phone, and what no sequence of moves can break."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from push.errors import WrongState
from push.rules import (
    AT_ONCE,
    BASE,
    BEGIN,
    CAP,
    FINAL,
    MAX_ATTEMPTS,
    MOVES,
    TIME_TO_LIVE,
    Move,
    State,
    Urgency,
    after,
    before,
    head_start,
    is_alert,
    leads_to,
    pause,
    precedence,
)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", Move)
def test_every_move_is_made_as_the_table_says_or_refused(state: State, move: Move) -> None:
    if (state, move) in MOVES:
        assert after(state, move) is MOVES[state, move]
    else:
        with pytest.raises(WrongState):
            after(state, move)


def test_every_state_can_be_reached_and_every_move_is_used() -> None:
    assert set(MOVES.values()) | {BEGIN} == set(State)
    assert {move for _, move in MOVES} == set(Move)


def test_nothing_follows_a_delivery_and_anything_may_still_become_one() -> None:
    assert {State.DELIVERED} == FINAL
    assert before(Move.DELIVER) == frozenset(State) - FINAL


@pytest.mark.parametrize("move", Move)
def test_a_move_leads_to_one_state_wherever_it_is_made(move: Move) -> None:
    assert {after(state, move) for state in before(move)} == {leads_to(move)}


@given(st.sampled_from(Urgency), st.sampled_from(["tasks.assigned", "people.session_ended"]))
def test_the_most_urgent_and_alerts_wait_for_no_socket(urgency: Urgency, kind: str) -> None:
    waits = head_start(precedence(kind, urgency)) > timedelta()

    assert waits == (urgency not in AT_ONCE and not is_alert(kind))


def test_the_more_urgent_goes_first_and_lives_shorter() -> None:
    places = [precedence("tasks.assigned", urgency) for urgency in Urgency]
    lives = [TIME_TO_LIVE[urgency] for urgency in Urgency]

    assert places == sorted(places, reverse=True)
    assert lives == sorted(lives, reverse=True)


class AnyLife(RuleBasedStateMachine):
    """Whatever happens to a message, it is delivered at most once, and for good."""

    def __init__(self) -> None:
        super().__init__()
        self.state = BEGIN
        self.delivered = 0

    @rule(move=st.sampled_from(Move))
    def happen(self, move: Move) -> None:
        try:
            self.state = after(self.state, move)
        except WrongState:
            return
        self.delivered += move is Move.DELIVER

    @invariant()
    def is_delivered_at_most_once(self) -> None:
        assert self.delivered == (self.state is State.DELIVERED)


TestAnyLife = AnyLife.TestCase


def test_the_pause_doubles_up_to_a_cap() -> None:
    assert (timedelta(seconds=2), timedelta(minutes=10), 8) == (BASE, CAP, MAX_ATTEMPTS)
    assert [pause(n, 1.0).total_seconds() for n in (1, 2, 3)] == [2, 4, 8]
    assert pause(9, 1.0) == timedelta(seconds=512)
    assert pause(10, 1.0) == pause(1000, 1.0) == CAP


@given(st.integers(1, 100), st.floats(0, 1))
def test_the_jitter_is_full(attempt: int, chance: float) -> None:
    assert timedelta() <= pause(attempt, chance) <= pause(attempt, 1.0)


def test_the_more_urgent_the_shorter_a_message_lives() -> None:
    lives = [TIME_TO_LIVE[urgency] for urgency in Urgency]

    assert lives == sorted(lives, reverse=True)
    assert (lives[0], lives[-1]) == (timedelta(hours=24), timedelta(minutes=15))
