"""How a message travels to a phone: pure rules."""

from datetime import timedelta
from enum import StrEnum

from push.errors import WrongState

#: After so many failed tries a message is dead; its notification stays in the inbox.
MAX_ATTEMPTS = 8
BASE = timedelta(seconds=2)
CAP = timedelta(minutes=10)


class State(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    SENT = "sent"
    DELIVERED = "delivered"
    GONE = "gone"
    EXPIRED = "expired"
    DEAD = "dead"


class Move(StrEnum):
    """What can happen to a message."""

    SEND = "send"
    DELIVER = "deliver"
    LOSE_ADDRESS = "lose_address"
    EXPIRE = "expire"
    GIVE_UP = "give_up"


#    from             move                to
MOVES = {
    (State.WAITING, Move.SEND):         State.SENT,
    (State.WAITING, Move.LOSE_ADDRESS): State.GONE,
    (State.WAITING, Move.EXPIRE):       State.EXPIRED,
    (State.WAITING, Move.GIVE_UP):      State.DEAD,

    # A receipt may overtake the note that we sent it.
    (State.WAITING, Move.DELIVER):      State.DELIVERED,
    (State.SENT,    Move.DELIVER):      State.DELIVERED,
}  # fmt: skip

BEGIN = State.WAITING
FINAL = frozenset(State) - {state for state, _ in MOVES}


class Urgency(StrEnum):
    """How fast a document must be handled (thường, khẩn, thượng khẩn, hỏa tốc)."""

    NORMAL = "normal"
    URGENT = "urgent"
    VERY_URGENT = "very_urgent"
    FLASH = "flash"


#: How long a provider keeps trying to reach a phone.
TIME_TO_LIVE = {
    Urgency.NORMAL: timedelta(hours=24),
    Urgency.URGENT: timedelta(hours=8),
    Urgency.VERY_URGENT: timedelta(hours=1),
    Urgency.FLASH: timedelta(minutes=15),
}


def after(state: State, move: Move) -> State:
    """Return the state that `move` leads to, or refuse the move."""
    try:
        return MOVES[state, move]
    except KeyError:
        raise WrongState(state=state, move=move) from None


def pause(attempt: int, chance: float) -> timedelta:
    """Return how long to wait after the `attempt`-th failure: full jitter.

    Args:
        attempt: counted from 1.
        chance: from 0 to 1, drawn by the caller.
    """
    doublings = min(attempt - 1, 20)
    return min(CAP, BASE * (1 << doublings)) * chance
