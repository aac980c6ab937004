"""What people may do: pure functions over plain values."""

from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from api.people.errors import LockedOut, OwnDevice, TooManyDevices

FREE_TRIES = 5
#: Many officials share one address of their ministry.
FREE_TRIES_OF_ADDRESS = 100
#: Somebody there is always at it, so that an address is forgiven one try in each such time.
FORGIVEN_EVERY = timedelta(minutes=5)
LONGEST_LOCK = timedelta(hours=1)
#: After a day of peace the count starts anew.
PEACE = timedelta(days=1)
MOST_DEVICES = 10


def lock_after(tries: int, free: int = FREE_TRIES) -> timedelta:
    """Return how long the next try must wait after so many without the right password.

    The first five cost nothing; then a minute, doubling up to an hour.
    """
    if tries < free:
        return timedelta()
    doublings = min(tries - free, 10)
    return min(LONGEST_LOCK, timedelta(minutes=1 << doublings))


def forgiven(tries: int, peace: timedelta, *, one_by_one: bool = False) -> int:
    """Return how many tries count no more after so much time.

    Args:
        tries: in a row.
        peace: since the last one, or since the last one that was forgiven.
        one_by_one: forgive them bit by bit, and not only after a day without any.
    """
    if peace >= PEACE:
        return tries
    return min(tries, peace // FORGIVEN_EVERY) if one_by_one else 0


def must_not_be_locked(locked_until: datetime | None, now: datetime) -> None:
    """Refuse even the right password while the account or the address is shut."""
    if locked_until is not None and now < locked_until:
        seconds = ceil((locked_until - now).total_seconds())
        raise LockedOut(retry_after_seconds=seconds)


def must_have_room(devices: int) -> None:
    """Refuse more devices than a person can look after."""
    if devices >= MOST_DEVICES:
        raise TooManyDevices(most=MOST_DEVICES)


def must_be_anothers(owner_id: UUID, actor_id: UUID) -> None:
    """Refuse administrators who approve themselves."""
    if owner_id == actor_id:
        raise OwnDevice
