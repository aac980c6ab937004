"""What the agenda and its documents allow; the tables are the specification."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from api.meetings.papers.errors import WrongAgenda, WrongItemState, WrongPaperState
from api.meetings.rules import PREPARES, Part

DEEPEST = 3


class ItemState(StrEnum):
    """Where an agenda item stands."""

    PENDING = "pending"
    ACTIVE = "active"
    CONCLUDED = "concluded"
    DEFERRED = "deferred"
    WITHDRAWN = "withdrawn"


class ItemMove(StrEnum):
    """What can happen to an agenda item."""

    BEGIN = "begin"
    CONCLUDE = "conclude"
    DEFER = "defer"
    WITHDRAW = "withdraw"


#    from                 move               to
ITEM_MOVES = {
    (ItemState.PENDING,   ItemMove.BEGIN):    ItemState.ACTIVE,
    (ItemState.PENDING,   ItemMove.DEFER):    ItemState.DEFERRED,
    (ItemState.PENDING,   ItemMove.WITHDRAW): ItemState.WITHDRAWN,
    (ItemState.ACTIVE,    ItemMove.CONCLUDE): ItemState.CONCLUDED,
    (ItemState.ACTIVE,    ItemMove.DEFER):    ItemState.DEFERRED,
    (ItemState.DEFERRED,  ItemMove.BEGIN):    ItemState.ACTIVE,
    (ItemState.DEFERRED,  ItemMove.WITHDRAW): ItemState.WITHDRAWN,
}  # fmt: skip


class PaperState(StrEnum):
    """Where a document on the table stands."""

    STAGED = "staged"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class PaperMove(StrEnum):
    """What can happen to a document on the table."""

    PUBLISH = "publish"
    RENEW = "renew"
    WITHDRAW = "withdraw"


#    from                   move                 to
PAPER_MOVES = {
    (PaperState.STAGED,     PaperMove.PUBLISH):  PaperState.PUBLISHED,
    (PaperState.STAGED,     PaperMove.WITHDRAW): PaperState.WITHDRAWN,
    (PaperState.PUBLISHED,  PaperMove.RENEW):    PaperState.PUBLISHED,
    (PaperState.PUBLISHED,  PaperMove.WITHDRAW): PaperState.WITHDRAWN,
}  # fmt: skip


def item_after(state: ItemState, move: ItemMove) -> ItemState:
    """Return the state that `move` leads an item to, or refuse the move."""
    try:
        return ITEM_MOVES[state, move]
    except KeyError:
        raise WrongItemState(state=state, move=move) from None


def paper_after(state: PaperState, move: PaperMove) -> PaperState:
    """Return the state that `move` leads a document to, or refuse the move."""
    try:
        return PAPER_MOVES[state, move]
    except KeyError:
        raise WrongPaperState(state=state, move=move) from None


def must_be_a_tree(parents: Sequence[int | None]) -> None:
    """Refuse an agenda in which an item does not stand behind its parent, or too deep.

    Args:
        parents: of each item, in order, the place of its parent.
    """
    depths: list[int] = []
    for place, parent in enumerate(parents):
        if parent is not None and not 0 <= parent < place:
            raise WrongAgenda(place=place)
        depths.append(1 if parent is None else depths[parent] + 1)
        if depths[-1] > DEEPEST:
            raise WrongAgenda(place=place)


@dataclass(frozen=True, slots=True)
class Paper:
    """A document on the table, as its readers are judged.

    Attributes:
        circle: who alone may read it; None for everybody of the meeting.
        item_id: the item it belongs to.
        item_guests: the guests of that item.
    """

    state: PaperState
    laid_by: UUID
    circle: Collection[UUID] | None = None
    item_id: UUID | None = None
    item_guests: Collection[UUID] = ()


def may_read(paper: Paper, official_id: UUID, part: Part, *, active_item_id: UUID | None) -> bool:
    """Say whether somebody of a meeting may read a document of its table now.

    Guests read what belongs to the item they were invited to, while it is being dealt with.
    """
    if paper.state is PaperState.STAGED:
        return part in PREPARES or official_id == paper.laid_by
    if part in PREPARES:
        return True
    if paper.circle is not None and official_id not in paper.circle:
        return False
    if part is not Part.GUEST:
        return True
    return paper.item_id == active_item_id is not None and official_id in paper.item_guests
