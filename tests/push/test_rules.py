"""How a message travels to a phone, and what no sequence of moves can break."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.clock import FARTHEST
from core.errors import Malformed
from push.errors import NeverSilenced, WrongState
from push.rules import (
    AT_ONCE,
    BASE,
    BEGIN,
    CAP,
    CHOICES,
    ESCALATE_AFTER,
    FINAL,
    MAX_ATTEMPTS,
    MOVES,
    OTHERS_AFTER,
    TIME_TO_LIVE,
    Delivery,
    Move,
    Precedence,
    State,
    Urgency,
    after,
    before,
    delivery,
    head_start,
    is_alert,
    is_judged,
    leads_to,
    may_escalate,
    must_be_a_choice,
    must_be_mutable,
    next_digest,
    pause,
    precedence,
)


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


NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
MINUTE, TICK = timedelta(minutes=1), timedelta(microseconds=1)
TASK, ALERT = "tasks.assigned", "people.device_revoked"
#: how urgent -> how long it lives, rings alone on one device, and may stay unconfirmed
TIMES = {
    Urgency.NORMAL: (24 * 60 * MINUTE, 5 * MINUTE, None),
    Urgency.URGENT: (8 * 60 * MINUTE, 2 * MINUTE, None),
    Urgency.VERY_URGENT: (60 * MINUTE, timedelta(), 10 * MINUTE),
    Urgency.FLASH: (15 * MINUTE, timedelta(), 3 * MINUTE),
}


@pytest.mark.parametrize("urgency", Urgency)
def test_each_urgency_has_its_times(urgency: Urgency) -> None:
    alone = OTHERS_AFTER[precedence(TASK, urgency)]

    assert (TIME_TO_LIVE[urgency], alone, ESCALATE_AFTER.get(urgency)) == TIMES[urgency]


@pytest.mark.parametrize("urgency", Urgency)
def test_only_the_most_urgent_goes_to_deputies_and_an_alert_never_does(urgency: Urgency) -> None:
    most_urgent = urgency in {Urgency.VERY_URGENT, Urgency.FLASH}

    assert may_escalate(TASK, urgency) is most_urgent
    assert not may_escalate(ALERT, urgency)


def test_the_most_urgent_rings_at_any_hour_and_the_rest_gives_the_socket_three_seconds() -> None:
    assert {Urgency.VERY_URGENT, Urgency.FLASH} == AT_ONCE
    waits = [head_start(place).total_seconds() for place in Precedence]
    assert waits == [0, 0, 3, 3]
    assert list(Precedence) == [
        Precedence.FLASH, Precedence.AT_ONCE, Precedence.SOON, Precedence.NORMAL
    ]  # fmt: skip


@pytest.mark.parametrize(("kind", "alert"), [(ALERT, True), (TASK, False), ("peoples.x", False)])
def test_an_alert_is_known_by_its_first_word(kind: str, *, alert: bool) -> None:
    assert is_alert(kind) is alert


@pytest.mark.parametrize("wanted", [None, *CHOICES])
@pytest.mark.parametrize("muted", [True, False])
@pytest.mark.parametrize("urgency", Urgency)
def test_a_notification_comes_as_wanted_unless_it_is_muted_or_must_be_heard(
    urgency: Urgency, wanted: Delivery | None, *, muted: bool
) -> None:
    assert delivery(ALERT, urgency, wanted, muted=muted) is Delivery.PUSH
    if urgency is Urgency.FLASH:
        expected = Delivery.PUSH
    elif muted:
        expected = Delivery.MUTED
    else:
        expected = wanted or Delivery.PUSH
    assert delivery(TASK, urgency, wanted, muted=muted) is expected


def test_one_chooses_among_push_digest_and_inbox_and_for_alerts_not_at_all() -> None:
    assert {Delivery.PUSH, Delivery.DIGEST, Delivery.INBOX} == CHOICES
    for wanted in CHOICES:
        must_be_a_choice(TASK, wanted)
    must_be_a_choice(ALERT, Delivery.PUSH)

    for kind, wanted in ((TASK, Delivery.MUTED), (ALERT, Delivery.INBOX), (ALERT, Delivery.DIGEST)):
        with pytest.raises(NeverSilenced) as refusal:
            must_be_a_choice(kind, wanted)
        assert refusal.value.facts == {"kind": kind}


def test_a_mute_lasts_for_ever_or_until_a_moment_ahead() -> None:
    must_be_mutable(TASK, None, NOON)
    must_be_mutable("room:1", NOON + TICK, NOON)

    for until in (NOON, NOON - MINUTE, NOON + FARTHEST + TICK):
        with pytest.raises(Malformed) as refusal:
            must_be_mutable(TASK, until, NOON)
        assert refusal.value.facts == {"where": "body.until"}
    with pytest.raises(NeverSilenced) as never:
        must_be_mutable(ALERT, NOON + MINUTE, NOON)
    assert never.value.facts == {"kind": ALERT}


@pytest.mark.parametrize(
    ("now", "coming"),
    [
        (datetime(2026, 1, 5, 0, 29, 59, tzinfo=UTC), datetime(2026, 1, 5, 0, 30, tzinfo=UTC)),
        (datetime(2026, 1, 5, 0, 30, tzinfo=UTC), datetime(2026, 1, 6, 0, 30, tzinfo=UTC)),
        (datetime(2026, 1, 5, 16, 59, tzinfo=UTC), datetime(2026, 1, 6, 0, 30, tzinfo=UTC)),
        (datetime(2026, 1, 5, 17, 0, tzinfo=UTC), datetime(2026, 1, 6, 0, 30, tzinfo=UTC)),
        (datetime(2026, 1, 31, 23, 0, tzinfo=UTC), datetime(2026, 2, 1, 0, 30, tzinfo=UTC)),
    ],
)
def test_summaries_come_at_half_past_seven_in_viet_nam(now: datetime, coming: datetime) -> None:
    found = next_digest(now)

    assert found == coming
    assert found.tzinfo is UTC


def test_a_refused_move_says_where_the_message_stands() -> None:
    with pytest.raises(WrongState) as refusal:
        after(State.SENT, Move.SEND)

    assert refusal.value.facts == {"state": State.SENT, "move": Move.SEND}
    assert (*before(Move.REQUEUE), *before(Move.SEND)) == (State.DEAD, State.WAITING)


def test_chance_shortens_the_pause() -> None:
    assert pause(3, 0.5) == timedelta(seconds=4)
    assert pause(1, 0.0) == timedelta()


def test_only_what_somebody_looked_for_is_judged_again_when_it_leaves() -> None:
    assert is_judged("lookup.answered")
    assert not is_judged("tasks.assigned")
    assert not is_judged("documents.lookup.registered")
