"""One order on every engine: an integer score, then the younger document, then the id.

Only what stands in the document itself counts. Statistics over the collection would let an
official feel documents that they may not see.
"""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from api.lookup.analysis import accented, bigrams, syllables
from api.lookup.plan import Plan

#: Candidates that an engine hands over to be scored.
BUDGET = 200

_BIGRAM = 4
_TITLE_WORD = 3
_TITLE_BIGRAM = 12
_TITLE_PHRASE = 30
_EXACT_ACCENT = 8
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


def score(plan: Plan, title: str, *, matched: int, day: int, today: int) -> int:
    """Return how well a document answers.

    Args:
        plan: what was asked.
        title: the document's.
        matched: how many of the query's bigrams the document has anywhere.
        day: when it was issued, as an ordinal; 0 where nobody knows.
        today: as an ordinal.
    """
    folded = syllables(title)
    pairs = set(bigrams(folded))
    exact = len(plan.accented & accented(title)) if plan.accented else 0
    return (
        _BIGRAM * matched
        + _TITLE_WORD * len(set(plan.syllables).intersection(folded))
        + _TITLE_BIGRAM * len(pairs.intersection(plan.bigrams))
        + _TITLE_PHRASE * _holds_phrase(plan, folded)
        + _EXACT_ACCENT * exact
        + _youth(day, today)
    )


def _holds_phrase(plan: Plan, folded: list[str]) -> bool:
    phrase = " ".join(plan.syllables)
    return bool(plan.bigrams) and f" {phrase} " in f" {' '.join(folded)} "


def _youth(day: int, today: int) -> int:
    age = max(0, today - day) // 365
    return max(0, _YEARS_THAT_COUNT - age)
