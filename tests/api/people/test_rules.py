"""What people may do, decided on plain values."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.people.errors import LockedOut, OwnDevice, TooManyDevices
from api.people.rules import (
    FORGIVEN_EVERY,
    FREE_TRIES,
    LONGEST_LOCK,
    MOST_DEVICES,
    PEACE,
    forgiven,
    lock_after,
    must_be_anothers,
    must_have_room,
    must_not_be_locked,
)

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("tries", "peace", "all_at_once", "one_by_one"),
    [
        (7, timedelta(), 0, 0),
        (7, FORGIVEN_EVERY - SECOND, 0, 0),
        (7, FORGIVEN_EVERY, 0, 1),
        (7, 3 * FORGIVEN_EVERY - SECOND, 0, 2),
        (7, 9 * FORGIVEN_EVERY, 0, 7),
        (10**6, PEACE - SECOND, 0, 287),
        (10**6, PEACE, 10**6, 10**6),
    ],
)
def test_peace_forgives(tries: int, peace: timedelta, all_at_once: int, one_by_one: int) -> None:
    assert forgiven(tries, peace) == all_at_once
    assert forgiven(tries, peace, one_by_one=True) == one_by_one


@pytest.mark.parametrize(
    ("tries", "minutes"),
    [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (10, 32), (11, 60), (12, 60), (10**6, 60)],
)
def test_the_pause_doubles_from_a_minute_to_an_hour(tries: int, minutes: int) -> None:
    assert lock_after(tries) == timedelta(minutes=minutes)


@given(st.integers(min_value=0, max_value=10**9), st.integers(min_value=1, max_value=1000))
def test_more_tries_never_shorten_the_pause(tries: int, free: int) -> None:
    assert lock_after(tries, free) <= lock_after(tries + 1, free) <= LONGEST_LOCK
    assert bool(lock_after(tries, free)) == (tries >= free)


def test_a_lock_ends_to_the_second() -> None:
    must_not_be_locked(None, NOW)
    must_not_be_locked(NOW, NOW)

    with pytest.raises(LockedOut) as refusal:
        must_not_be_locked(NOW + SECOND, NOW)

    assert refusal.value.facts == {"retry_after_seconds": 1}


def test_there_is_room_for_ten_devices() -> None:
    must_have_room(MOST_DEVICES - 1)

    with pytest.raises(TooManyDevices) as refusal:
        must_have_room(MOST_DEVICES)
    assert refusal.value.facts == {"most": 10}


def test_nobody_approves_their_own() -> None:
    must_be_anothers(UUID(int=1), UUID(int=2))

    with pytest.raises(OwnDevice):
        must_be_anothers(UUID(int=1), UUID(int=1))


def test_five_tries_are_free() -> None:
    assert FREE_TRIES == 5
