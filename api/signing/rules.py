"""What signing allows: pure functions over plain values; the table is the specification.

One request is one signer, one revision of one document, one step. What ends badly stays; a new
attempt is a new request with a transaction of its own, so that no prompt is ever sent twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from api.signing.errors import (
    NotTheSigner,
    NotYourTurn,
    WrongDeadline,
    WrongState,
    WrongSteps,
)

#: How long a signer has to type the PIN, from the prompt.
TIME_TO_SIGN = timedelta(minutes=5)
#: How long a document waits for a yes or a no, and how often its signer is reminded meanwhile.
TIME_TO_DECIDE = timedelta(days=7)
REMIND_EVERY = timedelta(days=1)
#: A SIM shows at most so many UCS-2 characters (ETSI TS 102 204, DataToBeDisplayed).
SIM_TEXT_LENGTH = 50
FEBRUARY = 2


class Part(StrEnum):
    """What is asked of somebody.

    Initials (ký nháy) are an approval that is recorded with its evidence; only the signature goes
    into the file.
    """

    INITIAL = "initial"
    SIGN = "sign"


class Order(StrEnum):
    """Whether those who initial, or those who sign, do so one after the other or as they like."""

    FREE = "free"
    FIXED = "fixed"


class State(StrEnum):
    """Where a signature request stands."""

    REQUESTED = "requested"
    CONSENTED = "consented"
    PREPARED = "prepared"
    DISPATCHED = "dispatched"
    SIGNED = "signed"
    EMBEDDED = "embedded"
    INITIALLED = "initialled"
    DECLINED = "declined"
    REFUSED = "refused"
    EXPIRED = "expired"
    UNREACHABLE = "unreachable"
    BLOCKED = "blocked"
    FAILED = "failed"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


class Move(StrEnum):
    """What can happen to a signature request."""

    INITIAL = "initial"
    CONSENT = "consent"
    PREPARE = "prepare"
    DISPATCH = "dispatch"
    KEEP = "keep"
    RELEASE = "release"
    EMBED = "embed"
    DECLINE = "decline"
    REFUSE = "refuse"
    LAPSE = "lapse"
    EXPIRE = "expire"
    MISS = "miss"
    BLOCK = "block"
    FAIL = "fail"
    REJECT = "reject"
    SUPERSEDE = "supersede"


#    from               move             to
MOVES = {
    (State.REQUESTED,  Move.INITIAL):   State.INITIALLED,
    (State.REQUESTED,  Move.CONSENT):   State.CONSENTED,
    (State.REQUESTED,  Move.DECLINE):   State.DECLINED,
    (State.REQUESTED,  Move.LAPSE):     State.EXPIRED,
    (State.REQUESTED,  Move.SUPERSEDE): State.SUPERSEDED,

    (State.CONSENTED,  Move.PREPARE):   State.PREPARED,
    (State.CONSENTED,  Move.MISS):      State.UNREACHABLE,
    (State.CONSENTED,  Move.FAIL):      State.FAILED,
    (State.CONSENTED,  Move.SUPERSEDE): State.SUPERSEDED,

    (State.PREPARED,   Move.DISPATCH):  State.DISPATCHED,
    (State.PREPARED,   Move.SUPERSEDE): State.SUPERSEDED,
    # In a list, one prompt stands for all: it releases each, or ends each.
    (State.PREPARED,   Move.RELEASE):   State.SIGNED,
    (State.PREPARED,   Move.REFUSE):    State.REFUSED,
    (State.PREPARED,   Move.EXPIRE):    State.EXPIRED,
    (State.PREPARED,   Move.MISS):      State.UNREACHABLE,
    (State.PREPARED,   Move.BLOCK):     State.BLOCKED,
    (State.PREPARED,   Move.FAIL):      State.FAILED,
    (State.PREPARED,   Move.REJECT):    State.REJECTED,

    (State.DISPATCHED, Move.KEEP):      State.SIGNED,
    (State.DISPATCHED, Move.REFUSE):    State.REFUSED,
    (State.DISPATCHED, Move.EXPIRE):    State.EXPIRED,
    (State.DISPATCHED, Move.MISS):      State.UNREACHABLE,
    (State.DISPATCHED, Move.BLOCK):     State.BLOCKED,
    (State.DISPATCHED, Move.FAIL):      State.FAILED,
    (State.DISPATCHED, Move.REJECT):    State.REJECTED,
    (State.DISPATCHED, Move.SUPERSEDE): State.SUPERSEDED,

    (State.SIGNED,     Move.EMBED):     State.EMBEDDED,
    (State.SIGNED,     Move.SUPERSEDE): State.SUPERSEDED,
}  # fmt: skip

BEGIN = State.REQUESTED
FINAL = frozenset(State) - {state for state, _ in MOVES}
#: From the empty signature to the signed file: one at a time, for each signs what is before it.
SIGNING = frozenset({State.PREPARED, State.DISPATCHED, State.SIGNED})
#: Ended without a signature, and the document still waits: the signer may try anew.
MAY_TRY_ANEW = frozenset(
    {
        State.REFUSED,
        State.EXPIRED,
        State.UNREACHABLE,
        State.BLOCKED,
        State.FAILED,
        State.REJECTED,
    }
)


def after(state: State, move: Move) -> State:
    """Return the state that `move` leads to, or refuse the move."""
    try:
        return MOVES[state, move]
    except KeyError:
        raise WrongState(state=state, move=move) from None


def must_be_signer(signer_id: UUID, actor_id: UUID) -> None:
    """Refuse anyone but the person asked to sign."""
    if signer_id != actor_id:
        raise NotTheSigner


def must_be_asked_for(asked: Part, wanted: Part) -> None:
    """Refuse to initial what is to be signed, and the other way round."""
    if asked is not wanted:
        raise WrongState(state=asked, move=wanted)


def turns(initials: int, order: Order) -> list[int]:
    """Return the turn of each who initials; who signs comes after the last of them."""
    return list(range(1, initials + 1)) if order is Order.FIXED else [1] * initials


def signing_turns(cosigners: int, order: Order, *, after: int) -> list[int]:
    """Return the turn of each who signs: those who sign beside, and the signer at the end."""
    count = cosigners + 1
    return [after + turn for turn in turns(count, order)]


def must_initial_once(initials: Sequence[UUID], signers: Iterable[UUID]) -> None:
    """Refuse anybody twice, and whoever signs."""
    if len(set(initials)) != len(initials) or set(initials) & set(signers):
        raise WrongSteps


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of somebody for one paper, and how it stands.

    Attributes:
        place: on the paper, of who signs: 0 is the signer's, from 1 those beside.
    """

    part: Part
    turn: int
    state: State
    place: int = 0


def missing(asked: Sequence[Asked]) -> list[Asked]:
    """Return the signatures that a paper still lacks, by the newest attempt at each place.

    Args:
        asked: everything that was asked for it, the oldest first.
    """
    newest = {one.place: one for one in asked if one.part is Part.SIGN}
    return [one for one in newest.values() if one.state is not State.EMBEDDED]


def open_turns(asked: Sequence[Asked]) -> list[int]:
    """Return the turns that have not ended: who comes after them has to wait.

    A signature that ended badly is still missing: it is tried anew before the next one's turn.
    """
    initials = [one for one in asked if one.part is Part.INITIAL and one.state not in FINAL]
    return [one.turn for one in (*initials, *missing(asked))]


def must_be_their_turn(turn: int, waiting: Iterable[int]) -> None:
    """Refuse whoever comes after somebody who has not decided yet."""
    if any(other < turn for other in waiting):
        raise NotYourTurn


def must_have_ended_badly(state: State) -> None:
    """Refuse a new attempt beside one that lives or has succeeded."""
    if state not in MAY_TRY_ANEW:
        raise WrongState(state=state, move="try_anew")


def is_too_late(dispatched_at: datetime, now: datetime) -> bool:
    """Say whether the signer's time has run out."""
    return now >= dispatched_at + TIME_TO_SIGN


def times_to_remind(since: datetime, deadline: datetime) -> list[datetime]:
    """Return when somebody who has not decided is reminded: daily, before the deadline."""
    days = (deadline - since - timedelta(microseconds=1)) // REMIND_EVERY
    return [since + day * REMIND_EVERY for day in range(1, days + 1)]


def must_leave_time(deadline: datetime, now: datetime) -> None:
    """Refuse a deadline that nobody could keep."""
    if deadline <= now:
        raise WrongDeadline


def subject_of(request_id: UUID, sha256: str) -> bytes:
    """Return what a signer steps up for: just this request, and just the paper before them."""
    return request_id.bytes + bytes.fromhex(sha256)


def verification_code(digest: bytes) -> str:
    """Return the four digits that both screens show, from the digest that the SIM signs."""
    return f"{int.from_bytes(digest[-4:]) % 10_000:04d}"


def on_paper(number: int | None, symbol: str, seat: str, day: date | None) -> tuple[str, str]:
    """Return what the two fields of a document show: its number, and place and date.

    A number below 10, a day below 10 and the months 1 and 2 take a leading 0 (NĐ 30/2020, Annex I).
    """
    if number is None or day is None:
        raise WrongState(state="unnumbered", move="number")
    month = f"{day.month:02d}" if day.month <= FEBRUARY else str(day.month)
    return f"{number:02d}/{symbol}", f"{seat}, ngày {day.day:02d} tháng {month} năm {day.year}"


def sim_text(kind: str, title: str, code: str) -> str:
    """Return what the SIM shows: the kind, an extract and the code, at most 50 characters."""
    head, tail = f"{kind}: ", f" Mã {code}"
    room = SIM_TEXT_LENGTH - len(head) - len(tail)
    extract = title if len(title) <= room else f"{title[: room - 1].rstrip()}…"
    return f"{head}{extract}{tail}"
