"""One order on every engine: an integer score, then the younger document, then the id.

Only what stands in the document itself counts. Statistics over the collection would let an
official feel documents that they may not see.
"""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from api.lookup.analysis import bigrams, spelt
from api.lookup.plan import Plan

#: Candidates that an engine hands over to be scored.
BUDGET = 200

_BIGRAM = 4
_TITLE_WORD = 3
_TITLE_BIGRAM = 12
_TITLE_PHRASE = 30
_OTHER_ACCENT = 8
_YEARS_THAT_COUNT = 6


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a result stands; results go from the highest place down."""

    numbered: bool
    score: int
    day: int
    upside_down_id: int

    @classmethod
    def of(cls, document_id: UUID, *, numbered: bool, score: int, day: int) -> Self:
        """Return the place of a document; of equals the one with the smaller id is higher."""
        return cls(numbered, score, day, -document_id.int)


@dataclass(frozen=True, slots=True)
class Heading:
    """Type and title of a document: as written, and its folded syllables."""

    text: str
    folded: str


def score(plan: Plan, heading: Heading, *, matched: int, day: int, today: int) -> int:
    """Return how well a document answers.

    Args:
        plan: what was asked.
        heading: the document's.
        matched: how many of the query's bigrams the document has anywhere.
        day: when it was issued, as an ordinal; 0 where nobody knows.
        today: as an ordinal.
    """
    folded = heading.folded.split()
    return (
        _BIGRAM * matched
        + _TITLE_WORD * len(set(plan.syllables).intersection(folded))
        + _TITLE_BIGRAM * len(set(bigrams(folded)).intersection(plan.bigrams))
        + _TITLE_PHRASE * _holds_phrase(plan, heading)
        - _OTHER_ACCENT * _other_accents(plan, heading, frozenset(folded))
        + _youth(day, today)
    )


def _holds_phrase(plan: Plan, heading: Heading) -> bool:
    return bool(plan.bigrams) and f" {' '.join(plan.syllables)} " in f" {heading.folded} "


def _other_accents(plan: Plan, heading: Heading, folded: frozenset[str]) -> int:
    """Count the words that the heading spells with other diacritics than were typed.

    Only what contradicts counts, so that the same query without diacritics goes by the same order.
    """
    doubtful = [word for word, plain in plan.accented if plain in folded]
    if not doubtful:
        return 0
    return len(set(doubtful).difference(spelt(heading.text)))


def _youth(day: int, today: int) -> int:
    age = max(0, today - day) // 365
    return max(0, _YEARS_THAT_COUNT - age)
