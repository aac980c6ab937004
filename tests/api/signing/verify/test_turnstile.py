"""Who checks codes in haste is told to wait; others are not held up by it."""

import pytest

from api.signing.verify.errors import TooManyChecks
from api.signing.verify.turnstile import MOST, PACE, Turnstile


def rush(turnstile: Turnstile, address: str, times: int, now: float = 0.0) -> None:
    for _ in range(times):
        turnstile.must_not_rush(address, now)


def test_a_burst_passes_and_the_next_one_waits() -> None:
    turnstile = Turnstile()
    rush(turnstile, "192.0.2.1", PACE.burst, now=100.0)

    with pytest.raises(TooManyChecks) as refused:
        turnstile.must_not_rush("192.0.2.1", 100.0)

    assert refused.value.answer_headers()["Retry-After"] == "1"
    turnstile.must_not_rush("192.0.2.1", 101.0)
    turnstile.must_not_rush("192.0.2.2", 100.0)


def test_one_network_of_ipv6_is_one_caller() -> None:
    turnstile = Turnstile()
    rush(turnstile, "2001:db8::1", PACE.burst)

    with pytest.raises(TooManyChecks):
        turnstile.must_not_rush("2001:db8::ffff", 0.0)
    turnstile.must_not_rush("2001:db8:1::1", 0.0)


def test_a_mapped_address_is_its_own_caller() -> None:
    turnstile = Turnstile()
    rush(turnstile, "::ffff:192.0.2.1", PACE.burst)

    with pytest.raises(TooManyChecks):
        turnstile.must_not_rush("::ffff:192.0.2.1", 0.0)
    turnstile.must_not_rush("::ffff:192.0.2.2", 0.0)


def test_memory_does_not_grow_with_the_number_of_callers() -> None:
    turnstile = Turnstile()
    for number in range(MOST + 5):
        turnstile.must_not_rush(f"caller {number}", 0.0)

    assert len(turnstile._full_at) == MOST
