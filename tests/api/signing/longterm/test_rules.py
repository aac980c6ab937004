"""How long a document's signatures last, and when the next step is tried; on plain values."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.documents.rules import Level, State
from api.signing.longterm.rules import goal_of, pause_after, renewal_due

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
GOALS = {
    State.SUBMITTED: Level.B_T,
    State.SIGNED: Level.B_T,
    State.SEALED: Level.B_LTA,
    State.ISSUED: Level.B_LTA,
}


@pytest.mark.parametrize("state", State)
def test_what_is_signed_gets_a_time_and_what_is_sealed_its_evidence(state: State) -> None:
    assert goal_of(state) == GOALS.get(state)


@pytest.mark.parametrize(
    ("silent", "wait"),
    [
        (timedelta(), timedelta(seconds=2)),
        (timedelta(seconds=8), timedelta(seconds=2)),
        (timedelta(seconds=12), timedelta(seconds=3)),
        (timedelta(hours=2), timedelta(minutes=30)),
        (timedelta(hours=4), timedelta(hours=1)),
        (timedelta(days=9), timedelta(hours=1)),
    ],
)
def test_a_silent_service_is_asked_again_after_a_quarter_of_its_silence(
    silent: timedelta, wait: timedelta
) -> None:
    assert pause_after(NOON, NOON + silent) == wait


@pytest.mark.parametrize(
    ("lives", "before"),
    [
        (10 * 365 * DAY, 10 * 365 * DAY / 4),
        (728 * DAY, 182 * DAY),
        (600 * DAY, 182 * DAY),
        (364 * DAY, 182 * DAY),
        (100 * DAY, 50 * DAY),
    ],
)
def test_a_stamp_is_renewed_when_a_quarter_is_left_or_half_a_year_but_never_in_its_first_half(
    lives: timedelta, before: timedelta
) -> None:
    assert renewal_due(NOON, NOON + lives) == NOON + lives - before


@given(st.timedeltas(timedelta(seconds=1), timedelta(days=20_000)))
def test_the_next_stamp_is_due_while_the_last_one_holds(lives: timedelta) -> None:
    assert NOON < renewal_due(NOON, NOON + lives) < NOON + lives
