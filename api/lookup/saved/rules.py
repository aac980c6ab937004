"""What may be saved, and who is told of what: pure."""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from api.lookup.saved.errors import AsksNothing, TooManySaved

#: Searches that one official keeps.
MOST_SAVED = 100


def must_have_room(kept: int) -> None:
    """Refuse one search more than anybody may keep."""
    if kept >= MOST_SAVED:
        raise TooManySaved(most=MOST_SAVED)


def must_ask_something(*, has_words: bool, has_filters: bool) -> None:
    """Refuse a search that every document would answer."""
    if not (has_words or has_filters):
        raise AsksNothing


def to_tell(
    answered: Mapping[UUID, Collection[UUID]], told: Iterable[UUID], by: UUID | None
) -> dict[UUID, tuple[UUID, ...]]:
    """Return who is told of a document, and of which of their searches.

    Args:
        answered: the searches that it answers, by the official who saved them.
        told: officials who were told of it before.
        by: who did what made it findable; they need not be told.
    """
    passed_over = {*told, by}
    return {
        official: tuple(sorted(searches))
        for official, searches in answered.items()
        if searches and official not in passed_over
    }
