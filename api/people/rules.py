"""What people may do: pure functions over plain values."""

from datetime import datetime, timedelta
from uuid import UUID

from api.people.errors import LockedOut, OwnDevice

FREE_TRIES = 5
LONGEST_LOCK = timedelta(hours=1)


def lock_after(failures: int) -> timedelta:
    """Return how long an account stays shut after so many wrong tries in a row.

    The first five are free of it; then a minute, doubling up to an hour.
    """
    if failures < FREE_TRIES:
        return timedelta()
    doublings = min(failures - FREE_TRIES, 10)
    return min(LONGEST_LOCK, timedelta(minutes=1 << doublings))


def must_not_be_locked(locked_until: datetime | None, now: datetime) -> None:
    """Refuse even the right password while the account is shut."""
    if locked_until is not None and now < locked_until:
        seconds = int((locked_until - now).total_seconds()) + 1
        raise LockedOut(retry_after_seconds=seconds)


def must_be_anothers(owner_id: UUID, actor_id: UUID) -> None:
    """Refuse administrators who approve themselves."""
    if owner_id == actor_id:
        raise OwnDevice
