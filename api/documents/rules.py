"""What may happen to a document: pure rules; the table is the specification."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from api.documents import secrecy
from api.documents.errors import (
    NotYetRead,
    SealerIsSigner,
    Secret,
    WrongCosigners,
    WrongState,
    WrongValidity,
)

#: So many may sign one paper beside the one whose name stands last on it.
MOST_COSIGNERS = 4


class Direction(StrEnum):
    """Whether a document was received or is ours."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"
    #: Ours, and for nobody outside.
    INTERNAL = "internal"


class State(StrEnum):
    """Where a document stands."""

    REGISTERED = "registered"
    DIRECTED = "directed"
    RESOLVED = "resolved"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    SIGNED = "signed"
    NUMBERED = "numbered"
    SEALED = "sealed"
    ISSUED = "issued"


class Move(StrEnum):
    """What can happen to a document."""

    DIRECT = "direct"
    RESOLVE = "resolve"
    SUBMIT = "submit"
    RETURN = "return"
    SIGN = "sign"
    NUMBER = "number"
    SEAL = "seal"
    ISSUE = "issue"


class Urgency(StrEnum):
    """How fast a document must be handled (thường, khẩn, thượng khẩn, hỏa tốc)."""

    NORMAL = "normal"
    URGENT = "urgent"
    VERY_URGENT = "very_urgent"
    FLASH = "flash"


#: What is stamped on paper (NĐ 30/2020, Annex I, box 10b).
STAMPS = {
    Urgency.NORMAL: "",
    Urgency.URGENT: "KHẨN",
    Urgency.VERY_URGENT: "THƯỢNG KHẨN",
    Urgency.FLASH: "HỎA TỐC",
}


class Purpose(StrEnum):
    """Why a revision of the file was made."""

    RECEIVED = "received"
    DRAFTED = "drafted"
    COSIGNED = "cosigned"  # some of several have signed
    SIGNED = "signed"
    NUMBERED = "numbered"
    SEALED = "sealed"
    STAMPED = "stamped"  # the last signature got its trusted time (B-T)
    ARCHIVED = "archived"  # evidence and a stamp on the whole file (B-LTA)


class Level(StrEnum):
    """How long the weakest signature of a file can be verified (ETSI EN 319 142-1)."""

    B_B = "B-B"  # while its certificate lasts
    B_T = "B-T"  # its time is proven
    B_LTA = "B-LTA"  # its evidence is inside, under a stamp that can be renewed


class TextState(StrEnum):
    """Whether every page's text is known."""

    READ = "read"
    NOT_YET_READ = "not_yet_read"
    BEING_READ = "being_read"
    #: Everything was tried, and some pages gave nothing.
    UNREADABLE = "unreadable"


class PageState(StrEnum):
    """Where a page that is a picture stands."""

    WAITING = "waiting"
    READ = "read"
    UNREADABLE = "unreadable"


class Validity(StrEnum):
    """Whether what a document lays down holds on a day (Law on legal documents 64/2025/QH15)."""

    NOT_YET = "not_yet"  # chưa có hiệu lực
    IN_FORCE = "in_force"  # còn hiệu lực
    PARTLY_ENDED = "partly_ended"  # hết hiệu lực một phần
    SUSPENDED = "suspended"  # ngưng hiệu lực
    ENDED = "ended"  # hết hiệu lực


#: What is noted of a document; the others follow from its days.
NOTED = frozenset({Validity.PARTLY_ENDED, Validity.SUSPENDED})


@dataclass(frozen=True, slots=True)
class Force:
    """From when to when a document holds; nothing where nobody has said.

    Attributes:
        since: the first day.
        until: the first day on which it does not hold any more.
        noted: what else was noted of it.
    """

    since: date | None = None
    until: date | None = None
    noted: Validity | None = None

    def on(self, day: date) -> Validity | None:
        """Return whether it holds on a day; None where nobody has said."""
        if self.until is not None and self.until <= day:
            return Validity.ENDED
        if self.since is not None and day < self.since:
            return Validity.NOT_YET
        said = self.since is not None or self.until is not None
        return self.noted or (Validity.IN_FORCE if said else None)


def must_be_a_force(force: Force) -> None:
    """Refuse what ends before it begins, and to note what follows from the days."""
    is_span = force.since is None or force.until is None or force.since < force.until
    if not is_span or force.noted not in {None, *NOTED}:
        raise WrongValidity


#: A page that was read with less says too little: a stamp may have been missed on it.
LEAST_CONFIDENCE = 60


#    from               move            to
MOVES = {
    (State.REGISTERED, Move.DIRECT):  State.DIRECTED,
    (State.DIRECTED,   Move.RESOLVE): State.RESOLVED,

    (State.DRAFT,      Move.SUBMIT):  State.SUBMITTED,
    (State.SUBMITTED,  Move.RETURN):  State.DRAFT,
    (State.SUBMITTED,  Move.SIGN):    State.SIGNED,
    (State.SIGNED,     Move.NUMBER):  State.NUMBERED,
    (State.NUMBERED,   Move.SEAL):    State.SEALED,
    (State.SEALED,     Move.ISSUE):   State.ISSUED,
}  # fmt: skip

BEGIN = {
    Direction.INCOMING: State.REGISTERED,
    Direction.OUTGOING: State.DRAFT,
    Direction.INTERNAL: State.DRAFT,
}
FINAL = frozenset(State) - {state for state, _ in MOVES}


def after(state: State, move: Move) -> State:
    """Return the state that `move` leads to, or refuse the move."""
    try:
        return MOVES[state, move]
    except KeyError:
        raise WrongState(state=state, move=move) from None


def must_be_in(state: State, wanted: State) -> None:
    """Refuse a document that stands elsewhere."""
    if state is not wanted:
        raise WrongState(state=state, needs=wanted)


def must_not_be_secret(
    declared: str, symbol: str, words: Iterable[str], stamp: str | None = None
) -> None:
    """Refuse a secret document by its declared level, its symbol or a stamp.

    Args:
        declared: the level in the sender's words; words that nobody understands count as one.
        symbol: of the document.
        words: what people typed.
        stamp: what the sandbox found on the pages.
    """
    try:
        is_declared = secrecy.declared(declared) is not None
    except ValueError:
        is_declared = True
    if is_declared:
        raise Secret(found="declared_level")
    if secrecy.marked_in_symbol(symbol):
        raise Secret(found="symbol")
    if stamp or any(secrecy.typed_in(text) for text in words):
        raise Secret(found="stamp")


def text_state(*, has_text: bool) -> TextState:
    """Say whether every page could be read; a scan has pages that could not."""
    return TextState.READ if has_text else TextState.NOT_YET_READ


def reading_state(pages: Iterable[PageState]) -> TextState:
    """Say how far the reading of a file's pictures has come."""
    states = list(pages)
    if PageState.WAITING in states:
        begun = any(state is not PageState.WAITING for state in states)
        return TextState.BEING_READ if begun else TextState.NOT_YET_READ
    return TextState.UNREADABLE if PageState.UNREADABLE in states else TextState.READ


def may_be_spread(state: TextState, confidences: Iterable[int]) -> bool:
    """Say whether what OCR read is enough to know that no page bears a stamp."""
    return state is TextState.READ and all(each >= LEAST_CONFIDENCE for each in confidences)


def must_be_known(*, held: bool) -> None:
    """Refuse to spread a scan before it is read or confirmed: a secrecy stamp may be in it."""
    if held:
        raise NotYetRead


def must_not_have_signed(signer_ids: Iterable[UUID | None], actor_id: UUID) -> None:
    """Refuse to let one person both sign and seal."""
    if actor_id in set(signer_ids):
        raise SealerIsSigner


def must_sign_once(signer_id: UUID, cosigners: Sequence[UUID]) -> None:
    """Refuse more who sign than a paper has room for, and anybody twice."""
    everybody = {signer_id, *cosigners}
    if len(everybody) != len(cosigners) + 1 or len(cosigners) > MOST_COSIGNERS:
        raise WrongCosigners(most=MOST_COSIGNERS)
