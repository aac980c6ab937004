"""Who speaks when, decided on plain values, and that nobody speaks longer than they may."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from api.meetings.floor.errors import FloorTaken, TimeUsedUp, WrongTurn
from api.meetings.floor.rules import (
    BEGIN,
    FINAL,
    HOLDS,
    LONGEST,
    MOST_SPEAKERS,
    OWN,
    SPEECH,
    WARNING,
    Kind,
    Move,
    Timer,
    Turn,
    Waiting,
    after,
    budget_of,
    in_order,
    must_be_room,
)
from core.ids import new_id

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


class AnySpeech(RuleBasedStateMachine):
    """Whatever is paused, extended and waited for: time used never exceeds time given."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.timer = NOW, Timer(timedelta(minutes=5))
        self.given, self.spoken = timedelta(minutes=5), timedelta()
        self.runs = False

    @rule(seconds=st.integers(0, 400))
    def wait(self, seconds: int) -> None:
        passed = timedelta(seconds=seconds)
        if self.runs:
            self.spoken = min(self.given, self.spoken + passed)
        self.now += passed

    @rule()
    def start(self) -> None:
        try:
            self.timer = self.timer.started(self.now)
            self.runs = True
        except TimeUsedUp:
            assert self.spoken == self.given

    @rule()
    def stop(self) -> None:
        self.timer, self.runs = self.timer.stopped(self.now), False

    @rule(seconds=st.integers(1, 300))
    def extend(self, seconds: int) -> None:
        if self.timer.left(self.now) > timedelta():  # else the server has ended it before
            self.timer = self.timer.extended(timedelta(seconds=seconds))
            self.given = self.timer.budget

    @invariant()
    def says_what_was_spoken_and_what_is_left(self) -> None:
        assert self.timer.used(self.now) == self.spoken <= self.given
        assert self.timer.left(self.now) == self.given - self.spoken
        warns, ends = self.timer.warns_at(timedelta(minutes=1)), self.timer.ends_at
        assert (warns is None) == (ends is None) == (not self.runs)
        assert warns is None or ends is None or warns <= ends


TestAnySpeech = AnySpeech.TestCase


@given(st.lists(st.tuples(st.sampled_from(Kind), st.integers(0, 50)), unique_by=lambda x: x[1]))
def test_points_of_order_come_first_and_then_it_goes_as_they_asked(
    asked: list[tuple[Kind, int]],
) -> None:
    queue = [Waiting(new_id(), kind, place) for kind, place in asked]
    known = {one.id: one for one in queue}

    order = [known[one] for one in in_order(queue)]

    assert sorted(order, key=lambda one: one.id) == sorted(queue, key=lambda one: one.id)
    for before, behind in pairwise(order):
        if before.kind is behind.kind:
            assert before.place < behind.place
        else:
            assert before.kind is Kind.POINT_OF_ORDER


@given(st.integers(0, 900), st.integers(0, 900), st.integers(0, 900))
def test_a_group_never_gets_more_time_than_it_has_left(own: int, team: int, used: int) -> None:
    given_ = budget_of(
        timedelta(seconds=own), team=timedelta(seconds=team), team_used=timedelta(seconds=used)
    )

    assert timedelta() <= given_ <= timedelta(seconds=own)
    assert given_ == timedelta() or given_ + timedelta(seconds=used) <= timedelta(seconds=team)


MINUTE = timedelta(minutes=1)


def test_the_figures_are_those_of_the_rulebook() -> None:
    assert (MOST_SPEAKERS, SPEECH, WARNING) == (3, 5 * MINUTE, MINUTE)
    assert timedelta(hours=4) == LONGEST


def test_a_guest_asks_and_a_member_waits_at_once() -> None:
    assert BEGIN == {True: Turn.REQUESTED, False: Turn.QUEUED}


def test_who_has_the_floor_and_what_ends_a_turn() -> None:
    assert {Turn.GRANTED, Turn.SPEAKING, Turn.PAUSED} == HOLDS
    assert {Turn.DONE, Turn.WITHDRAWN, Turn.EXPIRED} == FINAL
    assert {Move.START, Move.END, Move.WITHDRAW} == OWN


def test_a_refused_turn_says_where_it_stands() -> None:
    with pytest.raises(WrongTurn) as refusal:
        after(Turn.DONE, Move.START)

    assert refusal.value.facts == {"state": Turn.DONE, "move": Move.START}


def test_the_floor_has_so_much_room_and_no_more() -> None:
    must_be_room(2, 3)
    for holders in (3, 4):
        with pytest.raises(FloorTaken) as refusal:
            must_be_room(holders, 3)
        assert refusal.value.facts == {"most": 3}


def test_a_timer_that_stands_still_says_no_moments() -> None:
    timer = Timer(5 * MINUTE, spent=2 * MINUTE)

    assert (timer.used(NOW), timer.left(NOW)) == (2 * MINUTE, 3 * MINUTE)
    assert (timer.ends_at, timer.warns_at(MINUTE)) == (None, None)


def test_a_running_timer_says_when_it_warns_and_ends() -> None:
    timer = Timer(5 * MINUTE, spent=2 * MINUTE).started(NOW)

    assert timer == Timer(5 * MINUTE, 2 * MINUTE, NOW)
    assert timer.used(NOW + MINUTE) == 3 * MINUTE
    assert timer.left(NOW + MINUTE) == 2 * MINUTE
    assert timer.ends_at == NOW + 3 * MINUTE
    assert timer.warns_at(MINUTE) == NOW + 2 * MINUTE
    assert timer.warns_at(9 * MINUTE) == NOW, "a warning never comes before the speech"


def test_no_more_is_used_than_there_is_and_no_less_than_was_used() -> None:
    timer = Timer(5 * MINUTE, spent=2 * MINUTE).started(NOW)

    assert timer.used(NOW - MINUTE) == 2 * MINUTE, "a clock that was set back"
    assert timer.used(NOW + 9 * MINUTE) == 5 * MINUTE
    assert timer.left(NOW + 9 * MINUTE) == timedelta()


def test_starting_again_changes_nothing_and_nobody_starts_without_time() -> None:
    timer = Timer(5 * MINUTE).started(NOW)

    assert timer.started(NOW + MINUTE) == timer
    with pytest.raises(TimeUsedUp):
        timer.started(NOW + 5 * MINUTE)
    with pytest.raises(TimeUsedUp):
        Timer(5 * MINUTE, spent=5 * MINUTE).started(NOW)
    assert Timer(MINUTE, spent=MINUTE - timedelta(microseconds=1)).started(NOW).started_at == NOW


def test_a_stopped_timer_keeps_what_was_used() -> None:
    assert Timer(5 * MINUTE, MINUTE, NOW).stopped(NOW + MINUTE) == Timer(5 * MINUTE, 2 * MINUTE)


def test_more_time_is_added_while_it_runs_and_never_beyond_the_longest() -> None:
    timer = Timer(5 * MINUTE, MINUTE, NOW)

    assert timer.extended(2 * MINUTE) == Timer(7 * MINUTE, MINUTE, NOW)
    assert timer.extended(LONGEST) == Timer(LONGEST, MINUTE, NOW)


@pytest.mark.parametrize(
    ("own", "team", "used", "gets"),
    [(5, None, 9, 5), (5, 10, 0, 5), (5, 10, 7, 3), (5, 10, 10, 0), (5, 10, 12, 0), (5, 0, 0, 0)],
)
def test_a_speaker_gets_their_time_within_their_groups(
    own: int, team: int | None, used: int, gets: int
) -> None:
    of_team = None if team is None else team * MINUTE

    assert budget_of(own * MINUTE, team=of_team, team_used=used * MINUTE) == gets * MINUTE
