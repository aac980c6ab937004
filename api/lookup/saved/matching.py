"""Whether one document answers a saved search: pure, and equal to the search over that document.

The search goes from a query to documents; here it goes the other way. What a query asks for is
worked out once, when it is saved, and stored under the fewest and rarest terms of which any
document that answers must hold one. A new document looks up its own terms among those; only what
it finds is weighed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

import orjson

from api.documents.models import Document
from api.lookup.analysis import lexicon, text
from api.lookup.analysis.agencies import names_of
from api.lookup.filters import Filters
from api.lookup.models import LookupEntry, LookupPassage
from api.lookup.plan import Plan
from api.lookup.ranking import DEPTH
from api.lookup.reading import LONGEST_KEY, heading_terms, passage_terms

#: Another analysis gives other terms, another lexicon other weights.
MADE_BY = f"{text.VERSION}.{lexicon.VERSION}"
#: Pseudo-terms: no term of a text begins like this.
_NUMBERED, _FIELD, ANY = "#", "=", "*"
_ISSUER = f"{_FIELD}issuer:"
#: A sign is an index key: no sign of a name is longer, though folding makes «ﷺ» eighteen letters.
_LONGEST_NAME = 200
#: Fields by which a search without words is found, the most telling first; behind the issuer.
_TELLING = ("number", "signer_id", "signer", "type_code", "state", "urgency", "direction")


@dataclass(frozen=True, slots=True)
class Watched:
    """What a saved search asks of a document.

    Attributes:
        terms: what it weighs.
        least: the weight of what one passage must hold.
        required: what that passage must hold.
        phrases: what must stand in the heading or in the best passages.
        keys: numbers; a document that has one of them needs no words.
        anything: there are no words and no number, only filters.
    """

    terms: dict[str, int]
    least: int
    required: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    anything: bool = False

    @classmethod
    def of(cls, plan: Plan) -> "Watched":
        """Work out what a query asks for."""
        return cls(
            terms=dict(plan.wanted),
            least=plan.least,
            required=plan.required,
            phrases=tuple(f" {' '.join(phrase)} " for phrase in plan.phrases),
            keys=tuple(key for group in plan.keys for key in group if len(key) <= LONGEST_KEY),
            anything=not plan.wanted and not plan.keys,
        )

    @classmethod
    def read(cls, stored: str) -> "Watched":
        """Read what was written down."""
        return cls(**orjson.loads(stored))

    def written(self) -> str:
        """Write it down."""
        return orjson.dumps(asdict(self)).decode()

    def signs(self, filters: Filters) -> list[str]:
        """Return terms of which every document that answers holds one."""
        if self.anything:
            return [_sign_of(filters)]
        return [*self._rarest(), *(f"{_NUMBERED}{key}" for key in self.keys)]

    def _rarest(self) -> Iterator[str]:
        """Yield the heaviest terms, until what is left is too little to answer."""
        left = sum(self.terms.values())
        for term in sorted(self.terms, key=lambda one: (-self.terms[one], one)):
            if left < self.least:
                return
            yield term
            left -= self.terms[term]


def _sign_of(filters: Filters) -> str:
    """Return what a document that passes the filters shows; the most telling first."""
    if filters.issuer is not None:
        return _issuer(filters.issuer)
    signs = (_sign(name, getattr(filters, name)) for name in _TELLING)
    return next(filter(None, signs), ANY)


def _issuer(name: str) -> str:
    return f"{_ISSUER}{text.fold(name)[:_LONGEST_NAME]}"


def _sign(name: str, value: object) -> str | None:
    return f"{_FIELD}{name}:{value}" if value not in {None, ""} else None


class Findable:
    """A document as the index holds it.

    Args:
        document: its fields.
        entry: its heading and number.
        passages: all of them.
    """

    def __init__(
        self, document: Document, entry: LookupEntry, passages: Sequence[LookupPassage]
    ) -> None:
        self.document, self._entry = document, entry
        self._passages = sorted(passages, key=lambda one: one.position or 0, reverse=True)
        self._heading = frozenset(heading_terms(entry))
        self._holds: dict[str, int] = {}  # each term's passages, a bit each
        for place, passage in enumerate(self._passages):
            for term in passage_terms(entry, passage):
                self._holds[term] = self._holds.get(term, 0) | 1 << place

    @cached_property
    def signs(self) -> list[str]:
        """Return the terms that saved searches may be found by."""
        document = self.document
        number = (f"{_NUMBERED}{self._entry.number_key}",) if self._entry.number_key else ()
        issuers = map(_issuer, names_of(document.issuer))
        fields = (_sign(name, getattr(document, name)) for name in _TELLING)
        words = (*self._holds, *self._heading.difference(self._holds))
        return [*words, *number, *issuers, *filter(None, fields), ANY]

    def answers(self, watched: Watched) -> bool:
        """Say whether the search finds this document, filters and rights aside."""
        if watched.anything or self._entry.number_key in watched.keys:
            return watched.anything or self._holds_phrases(watched, self._best(watched))
        best = self._best(watched)
        found = bool(best) or self._heading_answers(watched)
        return found and self._holds_phrases(watched, best)

    def _heading_answers(self, watched: Watched) -> bool:
        """Say whether the heading alone answers; it is asked where there is a single term."""
        is_short = len(watched.terms) == 1
        return is_short and self._heading.issuperset((*watched.terms, *watched.required))

    def _best(self, watched: Watched) -> list[int]:
        """Return the places of the best passages; none where none holds enough."""
        held = [(mask, weight) for term, weight in watched.terms.items()
                if (mask := self._holds.get(term, 0))]  # fmt: skip
        if sum(weight for _, weight in held) < watched.least:
            return []
        points = self._points(held, watched.required)
        if max(points.values(), default=0) < watched.least:
            return []
        return sorted(points, key=lambda place: (-points[place], place))[:DEPTH]

    def _points(self, held: Iterable[tuple[int, int]], required: Sequence[str]) -> dict[int, int]:
        """Return the weight of what each passage holds."""
        allowed = (1 << len(self._passages)) - 1
        for term in required:
            allowed &= self._holds.get(term, 0)
        points: dict[int, int] = {}
        for mask, weight in held:
            for place in _places(mask & allowed):
                points[place] = points.get(place, 0) + weight
        return points

    def _holds_phrases(self, watched: Watched, best: Sequence[int]) -> bool:
        if not watched.phrases:
            return True
        texts = [f" {self._entry.folded} ", *(f" {self._passages[n].folded} " for n in best)]
        return all(any(phrase in text for text in texts) for phrase in watched.phrases)


def _places(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
