"""A server nonce is good for two minutes, on every node, and nobody can make one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.nonces import SLOT, SLOTS_AHEAD, SLOTS_KEPT, Nonces, UseNonce

SECRET = b"s" * 32
NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
seconds = st.floats(min_value=0, max_value=10**6, allow_nan=False)


def is_current(nonces: Nonces, nonce: str, now: datetime) -> bool:
    try:
        nonces.must_be_current(nonce, now)
    except UseNonce:
        return False
    return True


@given(given_at=seconds, age=st.floats(min_value=0, max_value=300, allow_nan=False))
def test_a_nonce_lives_between_90_and_120_seconds(given_at: float, age: float) -> None:
    nonces, then = Nonces(SECRET), NOW + timedelta(seconds=given_at)
    nonce = nonces.current(then)

    good = is_current(nonces, nonce, then + timedelta(seconds=age))

    assert good or age >= (SLOTS_KEPT - 1) * SLOT.total_seconds() - 0.001
    assert not good or age <= SLOTS_KEPT * SLOT.total_seconds()


def test_every_node_takes_what_another_one_gave() -> None:
    assert is_current(Nonces(SECRET), Nonces(SECRET).current(NOW), NOW)


def test_a_node_whose_clock_is_a_little_behind_takes_it_too() -> None:
    nonce = Nonces(SECRET).current(NOW)

    assert is_current(Nonces(SECRET), nonce, NOW - SLOTS_AHEAD * SLOT)
    assert not is_current(Nonces(SECRET), nonce, NOW - (SLOTS_AHEAD + 1) * SLOT)


def test_a_nonce_of_another_server_is_refused_with_the_right_one() -> None:
    ours, theirs = Nonces(SECRET), Nonces(b"t" * 32)

    with pytest.raises(UseNonce) as refusal:
        ours.must_be_current(theirs.current(NOW), NOW)

    headers = refusal.value.answer_headers()
    assert headers["DPoP-Nonce"] == ours.current(NOW)
    assert 'error="use_dpop_nonce"' in headers["WWW-Authenticate"]


@given(st.text(max_size=60))
def test_no_other_text_is_a_nonce(text: str) -> None:
    assert not is_current(Nonces(SECRET), text, NOW)


def test_the_nonce_shows_nothing_of_the_secret_it_comes_from() -> None:
    assert len({Nonces(SECRET).current(NOW + n * SLOT) for n in range(100)}) == 100
