"""What a query asks for, worked out once and the same for every engine."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.lookup.analysis import numbers, text
from api.lookup.analysis.keyboard import repaired
from api.lookup.analysis.lexicon import COMMON, COMMON_TOKEN, weight_of

#: What stands further behind in a query is not looked at.
LONGEST_QUERY = 2000
MOST_SYLLABLES = 48
#: What an engine is asked for at most: the budget that bounds the time of a query.
MOST_BIGRAMS = 16
MOST_TOKENS = 8
MOST_PHRASES = 4

_QUOTED = re.compile(r"[\"“”«»„]([^\"“”«»„]+)[\"“”«»„]")

Weighted = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A query as terms.

    Attributes:
        syllables: folded, in the order they were typed.
        bigrams: distinct neighbours among them.
        wanted: what engines are asked for, and the weight of each.
        phrases: what must stand together as it was typed between quotes.
        keys: for each number in the query its possible keys, the longest first.
        accented: the words that were typed with diacritics, and what each folds to.
    """

    syllables: tuple[str, ...]
    bigrams: tuple[str, ...]
    wanted: Weighted
    phrases: tuple[tuple[str, ...], ...]
    keys: tuple[tuple[str, ...], ...]
    accented: tuple[tuple[str, str], ...]

    @property
    def least(self) -> int:
        """Return half the weight of what is wanted: what holds less does not answer closely."""
        return (sum(weight for _, weight in self.wanted) + 1) // 2

    @property
    def apart(self) -> Weighted:
        """Return the distinct syllables, the rarest first: they may stand apart from each other."""
        singles = ((one, weight_of(one)) for one in dict.fromkeys(self.syllables))
        return tuple(sorted(singles, key=_rarest_first))

    @property
    def required(self) -> tuple[str, ...]:
        """Return the terms without which no phrase can be there."""
        terms: list[str] = []
        for phrase in self.phrases:
            terms += text.bigrams(phrase) or phrase
        return tuple(dict.fromkeys(terms))


def plan_of(query: str) -> Plan:
    """Work out what `query` asks for; anything can be asked, and only quotes are operators."""
    asked = query[:LONGEST_QUERY]
    typed = text.tokens(asked)[:MOST_SYLLABLES]
    syllables = _meant(typed)[:MOST_SYLLABLES]
    bigrams = tuple(dict.fromkeys(text.bigrams(syllables)))
    found = (tuple(_meant(text.tokens(quoted))) for quoted in _QUOTED.findall(asked))
    return Plan(
        syllables=tuple(syllables),
        bigrams=bigrams,
        wanted=_wanted([*syllables, *typed], bigrams),
        phrases=tuple(phrase[:MOST_SYLLABLES] for phrase in found if phrase)[:MOST_PHRASES],
        keys=numbers.keys_in(asked),
        accented=tuple(_accented(asked))[:MOST_SYLLABLES],
    )


def _meant(typed: Sequence[str]) -> list[str]:
    return text.read([repaired(token) for token in typed])


def _wanted(tokens: Sequence[str], bigrams: Sequence[str]) -> Weighted:
    """Return the rarest terms, which are few in the index; else the rarest that there is."""
    pairs = sorted(((pair, weight_of(pair)) for pair in bigrams), key=_rarest_first)
    singles = sorted(((one, weight_of(one)) for one in dict.fromkeys(tokens)), key=_rarest_first)
    rare = [one for one in pairs if one[1] > COMMON][:MOST_BIGRAMS]
    # A single syllable is worth half: it stands in texts that speak of something else.
    rare += [(one, w // 2) for one, w in singles if w > COMMON_TOKEN][:MOST_TOKENS]
    return tuple(rare or (pairs or singles)[:1])


def _rarest_first(term: tuple[str, int]) -> tuple[int, str]:
    return -term[1], term[0]


def _accented(asked: str) -> Iterator[tuple[str, str]]:
    for word in dict.fromkeys(text.spelt(asked)):
        folded = text.fold(word)
        if folded != word:
            yield word, folded
