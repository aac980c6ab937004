"""What providers say in the headers of their answers."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: No message lives longer.
LONGEST = timedelta(days=1)


def retry_after(said: str | None) -> timedelta | None:
    """Read a `Retry-After`: seconds, or a date (RFC 9110 section 10.2.3); None if it is neither."""
    if said is None:
        return None
    if said.strip().isdecimal():
        return min(LONGEST, timedelta(seconds=int(said.strip()[:9])))
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(timedelta(), min(LONGEST, aware - datetime.now(UTC)))
