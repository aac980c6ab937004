"""A token bucket as one number: bursts pass, and over any time no more than the rate allows."""

from hypothesis import given
from hypothesis import strategies as st

from core.pace import Pace

steps = st.lists(st.floats(0, 5), min_size=1, max_size=60)


def passed(pace: Pace, arrivals: list[float]) -> list[float]:
    """Those arrivals that found a token."""
    full_at, through = 0.0, []
    for now in arrivals:
        if not pace.wait(full_at, now):
            full_at = pace.taken(full_at, now)
            through.append(now)
    return through


def times(gaps: list[float]) -> list[float]:
    now, found = 100.0, []
    for gap in gaps:
        now += gap
        found.append(now)
    return found


def test_a_burst_passes_and_the_next_waits_for_its_token() -> None:
    pace = Pace(burst=3, per_second=2)

    assert passed(pace, [100.0] * 5) == [100.0] * 3
    assert pace.wait(101.5, 100.0) == 0.5


@given(st.integers(1, 10), st.floats(0.1, 10), steps)
def test_between_any_two_moments_no_more_pass_than_burst_and_rate_allow(
    burst: int, rate: float, gaps: list[float]
) -> None:
    through = passed(Pace(burst, rate), times(gaps))

    for first, begin in enumerate(through):
        for last, end in enumerate(through[first:], first):
            assert last - first + 1 <= burst + (end - begin) * rate + 1e-6


@given(st.integers(1, 10), st.floats(0.1, 10), steps)
def test_whoever_waits_as_long_as_told_passes(burst: int, rate: float, gaps: list[float]) -> None:
    pace, full_at = Pace(burst, rate), 0.0

    for now in times(gaps):
        at = now + pace.wait(full_at, now) + 1e-6
        assert not pace.wait(full_at, at)
        full_at = pace.taken(full_at, at)


@given(st.integers(1, 10), st.floats(0.1, 10), st.floats(100, 200))
def test_a_forgotten_bucket_is_a_full_one(burst: int, rate: float, now: float) -> None:
    pace = Pace(burst, rate)

    assert passed(pace, [now] * 20) == passed(pace, [now] * burst)
