"""How a message travels to a phone: pure rules."""

from datetime import UTC, datetime, time, timedelta
from enum import IntEnum, StrEnum

from core.clock import VIETNAM, is_ahead
from core.errors import Malformed
from push.errors import NeverSilenced, WrongState

#: After so many failed tries a message is dead; its notification stays in the inbox.
MAX_ATTEMPTS = 8
BASE = timedelta(seconds=2)
CAP = timedelta(minutes=10)


class State(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    SENT = "sent"
    DELIVERED = "delivered"
    SUPPRESSED = "suppressed"
    GONE = "gone"
    EXPIRED = "expired"
    DEAD = "dead"


class Move(StrEnum):
    """What can happen to a message."""

    SEND = "send"
    DELIVER = "deliver"
    SUPPRESS = "suppress"
    LOSE_ADDRESS = "lose_address"
    EXPIRE = "expire"
    GIVE_UP = "give_up"
    REQUEUE = "requeue"


#    from                move                to
MOVES = {
    (State.WAITING,    Move.SEND):         State.SENT,
    (State.WAITING,    Move.SUPPRESS):     State.SUPPRESSED,
    (State.WAITING,    Move.LOSE_ADDRESS): State.GONE,
    (State.WAITING,    Move.EXPIRE):       State.EXPIRED,
    (State.WAITING,    Move.GIVE_UP):      State.DEAD,
    (State.DEAD,       Move.REQUEUE):      State.WAITING,

    # Whatever we believed of it: a phone that says it has it, has it.
    (State.WAITING,    Move.DELIVER):      State.DELIVERED,
    (State.SENT,       Move.DELIVER):      State.DELIVERED,
    (State.SUPPRESSED, Move.DELIVER):      State.DELIVERED,
    (State.GONE,       Move.DELIVER):      State.DELIVERED,
    (State.EXPIRED,    Move.DELIVER):      State.DELIVERED,
    (State.DEAD,       Move.DELIVER):      State.DELIVERED,
}  # fmt: skip

BEGIN = State.WAITING
FINAL = frozenset(State) - {state for state, _ in MOVES}


def before(move: Move) -> frozenset[State]:
    """Return the states from which a move may be made."""
    return frozenset(state for state, made in MOVES if made is move)


def leads_to(move: Move) -> State:
    """Return the state that a move leads to; each leads to one, wherever it is made."""
    (state,) = {target for (_, made), target in MOVES.items() if made is move}
    return state


class AddressKind(StrEnum):
    """By which way a device is reached."""

    RECORDED = "recorded"
    FCM_TOKEN = "fcm_token"  # noqa: S105 - the name of a kind
    FCM_FID = "fcm_fid"
    WEBPUSH = "webpush"


class Urgency(StrEnum):
    """How fast a document must be handled (thường, khẩn, thượng khẩn, hỏa tốc)."""

    NORMAL = "normal"
    URGENT = "urgent"
    VERY_URGENT = "very_urgent"
    FLASH = "flash"


#: How long we, and a provider, keep trying to reach a phone.
TIME_TO_LIVE = {
    Urgency.NORMAL: timedelta(hours=24),
    Urgency.URGENT: timedelta(hours=8),
    Urgency.VERY_URGENT: timedelta(hours=1),
    Urgency.FLASH: timedelta(minutes=15),
}
#: What rings at once and at any hour.
AT_ONCE = frozenset({Urgency.VERY_URGENT, Urgency.FLASH})
#: How long the rest waits, so that a phone that hears it on its socket need not ring.
HEAD_START = timedelta(seconds=3)


class Precedence(IntEnum):
    """Who goes first where many wait."""

    FLASH = 0
    AT_ONCE = 1
    SOON = 2
    NORMAL = 3


#: How long one device rings alone before its owner's others do.
OTHERS_AFTER = {
    Precedence.FLASH: timedelta(),
    Precedence.AT_ONCE: timedelta(),
    Precedence.SOON: timedelta(minutes=2),
    Precedence.NORMAL: timedelta(minutes=5),
}


#: How long what is most urgent may stay unconfirmed before it goes to the deputies.
ESCALATE_AFTER = {
    Urgency.VERY_URGENT: timedelta(minutes=10),
    Urgency.FLASH: timedelta(minutes=3),
}


def may_escalate(kind: str, urgency: Urgency) -> bool:
    """Say whether others are told in an official's place; their devices and rights are theirs."""
    return urgency in ESCALATE_AFTER and not is_alert(kind)


def precedence(kind: str, urgency: Urgency) -> Precedence:
    """Return the place of a message among those that wait; an alert is urgent of itself."""
    if urgency is Urgency.FLASH:
        return Precedence.FLASH
    if urgency in AT_ONCE or is_alert(kind):
        return Precedence.AT_ONCE
    return Precedence.SOON if urgency is Urgency.URGENT else Precedence.NORMAL


def head_start(precedence: Precedence) -> timedelta:
    """Return how long a message waits for the socket."""
    return timedelta() if precedence <= Precedence.AT_ONCE else HEAD_START


class Delivery(StrEnum):
    """How a notification reaches its official; a row in the inbox it is in any case."""

    PUSH = "push"
    DIGEST = "digest"
    INBOX = "inbox"
    MUTED = "muted"


#: What an official may choose for a kind; muted is what a mute makes of it.
CHOICES = frozenset({Delivery.PUSH, Delivery.DIGEST, Delivery.INBOX})
#: What is about a document only because its official asked for such: whether they may read it is
#: judged again when a message leaves.
_JUDGED = "lookup."
#: What concerns an official's own devices, sessions and rights is never silenced.
_ALERTS = "people."
#: When the summary of a day comes, in Viet Nam.
DIGEST_AT = time(7, 30)
#: What comes so shortly before asks for the next summary as well: its transaction may still be
#: open when the first is made.
DIGEST_MARGIN = timedelta(minutes=5)


def is_alert(kind: str) -> bool:
    """Say whether a kind of notification can never be silenced."""
    return kind.startswith(_ALERTS)


def is_judged(kind: str) -> bool:
    """Say whether nothing leaves of a kind once its subject may not be read any more."""
    return kind.startswith(_JUDGED)


def delivery(kind: str, urgency: Urgency, wanted: Delivery | None, *, muted: bool) -> Delivery:
    """Return how a notification is delivered.

    Args:
        kind: the name of the fact.
        urgency: of the fact; the most urgent reaches everybody at once.
        wanted: what the official chose for this kind.
        muted: whether the official muted the kind or the subject.
    """
    if is_alert(kind) or urgency is Urgency.FLASH:
        return Delivery.PUSH
    if muted:
        return Delivery.MUTED
    return wanted or Delivery.PUSH


def must_be_a_choice(kind: str, wanted: Delivery) -> None:
    """Refuse to have an alert otherwise than at once, and to choose what only a mute does."""
    if wanted not in CHOICES or (is_alert(kind) and wanted is not Delivery.PUSH):
        raise NeverSilenced(kind=kind)


def must_be_mutable(target: str, until: datetime | None, now: datetime) -> None:
    """Refuse to mute an alert, or until a moment that has passed or never comes."""
    if is_alert(target):
        raise NeverSilenced(kind=target)
    if until is not None and not is_ahead(until, now):
        raise Malformed(where="body.until")


def next_digest(now: datetime) -> datetime:
    """Return the next moment at which summaries are made, judged in Viet Nam."""
    here = now.astimezone(VIETNAM)
    today = datetime.combine(here.date(), DIGEST_AT, VIETNAM)
    coming = today if here < today else today + timedelta(days=1)
    return coming.astimezone(UTC)


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
