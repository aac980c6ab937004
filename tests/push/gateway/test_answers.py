"""How long a provider asks to be left alone."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from push.gateway.answers import LONGEST, retry_after


@given(st.integers(0, 10**30))
def test_seconds_are_taken_up_to_a_day(seconds: int) -> None:
    asked = retry_after(str(seconds))

    assert asked == timedelta(seconds=min(seconds, LONGEST.total_seconds()))


def test_a_date_counts_from_now() -> None:
    asked = retry_after(format_datetime(datetime.now(UTC) + timedelta(minutes=5), usegmt=True))

    assert asked is not None
    assert timedelta(minutes=4) < asked <= timedelta(minutes=5)


def test_a_date_that_has_passed_asks_for_nothing() -> None:
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == timedelta()


def test_a_date_without_a_zone_is_read_as_greenwich() -> None:
    assert retry_after("Wed, 21 Oct 2015 07:28:00 -0000") == timedelta()


@pytest.mark.parametrize("said", [None, "", "soon", "-5", "1.5", "٣"])
def test_what_is_neither_is_not_listened_to(said: str | None) -> None:
    assert retry_after(said) in {None, timedelta(seconds=3)}


@given(st.text(max_size=40))
def test_no_text_breaks_it(said: str) -> None:
    asked = retry_after(said)

    assert asked is None or timedelta() <= asked <= LONGEST
