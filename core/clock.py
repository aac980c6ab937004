"""Time: one injected clock, UTC inside, judged in Viet Nam's zone."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

#: Deadlines, the turn of the year and dates on paper are judged here.
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

#: No moment that people name lies further away: beyond the year 9999 there is no UTC.
FARTHEST = timedelta(days=3660)


def utc_now() -> datetime:
    """Return the present moment, aware of its zone."""
    return datetime.now(UTC)


def day_in_vietnam(moment: datetime) -> date:
    """Return the calendar day on which `moment` falls in Viet Nam."""
    return moment.astimezone(VIETNAM).date()


def is_ahead(moment: datetime, now: datetime) -> bool:
    """Say whether a moment that somebody names lies in the future, and not absurdly far."""
    return now < moment <= now + FARTHEST
