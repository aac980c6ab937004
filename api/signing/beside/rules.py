"""What is written on copies and attachments, and when: pure rules (NĐ 30/2020, Annex I)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from api.documents.errors import WrongState
from api.documents.rules import Direction, State
from api.signing.beside.errors import NotSealed, SignedAlready, TooMany, WrongPages
from core.clock import VIETNAM

#: So many attachments in files of their own a document has room for.
MOST = 50


class Kind(StrEnum):
    """Why a file stands beside a document."""

    COPY = "copy"
    ATTACHMENT = "attachment"


class Form(StrEnum):
    """The form of a copy (NĐ 30/2020, Điều 3 and 25)."""

    COPY = "copy"  # sao y: of an original
    RECOPY = "recopy"  # sao lục: of a copy
    EXTRACT = "extract"  # trích sao: of some pages


#: As it stands on the copy: in small letters, as Annex I wants these words.
WORDS = {Form.COPY: "Sao y", Form.RECOPY: "Sao lục", Form.EXTRACT: "Trích sao"}
#: When the seal may be put on attachments: the number stands on the paper by then.
NUMBERED = frozenset({State.NUMBERED, State.SEALED})


def moment(at: datetime) -> str:
    """Return a signing time as it is shown: ISO 8601 to the second, in Viet Nam."""
    return at.astimezone(VIETNAM).isoformat(timespec="seconds")


def on_copy(form: Form, agency: str, at: datetime) -> list[str]:
    """Return what stands at the top right of a copy: its form, who made it, when it was signed."""
    return [WORDS[form], agency, moment(at)]


def on_attachment(number: int, symbol: str, at: datetime) -> list[str]:
    """Return what stands on an attachment: number and symbol of its document, and the time."""
    return [f"{number:02d}/{symbol}", moment(at)]


def must_fit(form: Form, pages: Sequence[int]) -> None:
    """Refuse an extract of nothing, the same page twice, and pages for a whole copy."""
    is_extract = form is Form.EXTRACT
    if is_extract is not bool(pages) or len(set(pages)) != len(pages):
        raise WrongPages


def must_be_copyable(form: Form, direction: Direction, state: State, *, signed: bool) -> None:
    """Refuse ours before it is issued, and whole copies of what a copy would take signatures off.

    A signed document is sent on as it is: its copy would be worth less. An extract may be made
    of it, for the agency vouches for the extract.
    """
    if direction is not Direction.INCOMING and state is not State.ISSUED:
        raise WrongState(state=state, needs=State.ISSUED)
    if signed and form is not Form.EXTRACT:
        raise SignedAlready


def must_have_room(count: int) -> None:
    """Refuse one attachment too many."""
    if count >= MOST:
        raise TooMany(most=MOST)


def must_be_numbered(state: State) -> None:
    """Refuse to seal attachments of what has no number on paper yet, or was issued already."""
    if state not in NUMBERED:
        raise WrongState(state=state, needs=State.NUMBERED)


def must_all_be_sealed(sealed: Iterable[bool]) -> None:
    """Refuse to issue a document with an attachment that bears no seal."""
    if not all(sealed):
        raise NotSealed
