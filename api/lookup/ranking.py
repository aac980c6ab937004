"""One order on every engine and on the phone: an integer score, the younger document, the id.

The terms of a query are weighed by the frozen statistics, never by those of the collection: they
would let an official feel documents that they may not see. Everything is whole numbers, so that
no engine and no language rounds otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self
from uuid import UUID

from api.lookup.analysis.lexicon import weight_of
from api.lookup.analysis.text import bigrams, spelt
from api.lookup.plan import Plan

#: Documents that are scored for a query: the best by the plain sum of the terms they hold.
BUDGET = 40
#: Documents that are found at all; more are counted as these.
DOCUMENTS = 200
#: Passages that an engine hands over; a document has several.
PASSAGES = 250
#: Passages of one document that are scored.
DEPTH = 2
#: Part of the best score that a document must have to answer at all.
_TAIL = 4
_BEHIND = 1 << 40
#: The part of the best sum, in tenths, from which on a document is worth scoring.
_NEAR = 4

#: What a term of weight 1 gives when it fills a text of length 0.
_UNIT = 64
#: How quickly more of a term stops to matter, and how much the length of a text counts; the
#: average text of 260 syllables is frozen too.
_SCALE, _ROOM = 1300, 390
_FULL = _SCALE + 650

_SINGLE = 2  # a syllable is worth half a bigram
_HEADING = 4 * 16 * _UNIT  # four e-folds of rarity for a heading that was asked in full
_OTHER_ACCENT = _UNIT
_YEARS_THAT_COUNT = 6
_YEAR = _UNIT // 4
#: What holds no more comes below what does, of two that answer alike.
_ENDED = 4 * _UNIT


class Place(NamedTuple):
    """Where a result stands; results go from the highest place down."""

    numbered: bool
    score: int
    day: int
    upside_down_id: int

    @classmethod
    def of(cls, document: int, *, numbered: bool, score: int, day: int) -> Self:
        """Return the place of a document; of equals the one with the smaller id is higher."""
        return cls(numbered, score, day, -document)

    @classmethod
    def behind(cls, document: int, points: int) -> Self:
        """Return the place of a document that was not scored: behind those that were."""
        return cls(numbered=False, score=points - _BEHIND, day=0, upside_down_id=-document)

    @property
    def document_id(self) -> UUID:
        """Return whose place it is."""
        return UUID(int=-self.upside_down_id)

    def by(self, value: int) -> Self:
        """Return the place in an order by `value`; of equals the better answer is higher."""
        return self._replace(numbered=False, score=value, day=0)


@dataclass(frozen=True, slots=True)
class Heading:
    """Type and title of a document.

    Attributes:
        text: as written.
        folded: its folded syllables.
        day: when it was issued, as an ordinal; 0 where nobody knows.
        until: the first day on which it does not hold any more, likewise.
    """

    text: str
    folded: str
    day: int = 0
    until: int = 0


class Scorer:
    """Scores documents for one query."""

    def __init__(self, plan: Plan, today: int) -> None:
        self._plan, self._today = plan, today
        singles = dict.fromkeys(plan.syllables)
        self._singles = [(one, f" {one} ", weight_of(one) * _UNIT // _SINGLE) for one in singles]
        self._pairs = {pair: weight_of(pair) for pair in plan.bigrams}
        self._neighbours = [
            (*pair.partition("_")[::2], f" {pair.replace('_', ' ')} ", w * _UNIT)
            for pair, w in self._pairs.items()
        ]

    def score(self, heading: Heading, passages: Sequence[str]) -> int:
        """Return how well a document answers.

        Args:
            heading: the document's.
            passages: its best passages, folded.
        """
        best = max(self._points(f" {heading.folded} | {one} ") for one in passages or ("",))
        spelt_well = self._asked(heading) - self._other_accents(heading)
        ended = _ENDED if 0 < heading.until <= self._today else 0
        return best + spelt_well + self._youth(heading.day) - ended

    def _points(self, folded: str) -> int:
        """Return what a text gives: each term by its weight, how often it stands there."""
        room = _ROOM + folded.count(" ")
        points, there = 0, set()
        for one, term, weight in self._singles:
            often = folded.count(term)
            if often:
                there.add(one)
                points += weight * often * _FULL // (_SCALE * often + room)
        for first, second, term, weight in self._neighbours:
            # Most are not there, which their halves tell without another look.
            often = folded.count(term) if first in there and second in there else 0
            if often:
                points += weight * often * _FULL // (_SCALE * often + room)
        return points

    def _asked(self, heading: Heading) -> int:
        """Return how much of the heading was asked for."""
        found = set(bigrams(heading.folded.split()))
        held = sum(self._pairs[pair] for pair in found & self._pairs.keys())
        if not held:
            return 0
        return _HEADING * held // sum(map(weight_of, found))

    def _other_accents(self, heading: Heading) -> int:
        """Return what other diacritics in the heading than those that were typed cost.

        Only what contradicts counts, so that the same query without diacritics goes by the same
        order.
        """
        if not self._plan.accented:
            return 0
        folded = frozenset(heading.folded.split())
        doubtful = {word for word, plain in self._plan.accented if plain in folded}
        return _OTHER_ACCENT * len(doubtful.difference(spelt(heading.text))) if doubtful else 0

    def _youth(self, day: int) -> int:
        age = max(0, self._today - day) // 365
        return _YEAR * max(0, _YEARS_THAT_COUNT - age)


def answers(score: int, best: int) -> bool:
    """Say whether a document of this score answers at all, where the best one has `best`."""
    return score * _TAIL >= best


def is_near(points: int, best: int) -> bool:
    """Say whether a sum of terms is near enough to the best one to change places with it."""
    return 10 * points >= _NEAR * best
