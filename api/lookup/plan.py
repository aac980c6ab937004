"""What a query asks for, worked out once and the same for every engine."""

from collections.abc import Iterator
from dataclasses import dataclass

from api.lookup import analysis, numbers

#: What stands further behind in a query is not looked at.
LONGEST_QUERY = 2000
MOST_SYLLABLES = 32
MOST_BIGRAMS = 16
#: Fewer bigrams say too little to look for documents that lack a word of the query.
FEWEST_BIGRAMS_TO_RELAX = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """A query as terms.

    Attributes:
        syllables: folded, in the order they were typed.
        bigrams: distinct neighbours among them.
        keys: for each number in the query its possible keys, the longest first.
        accented: the words that were typed with diacritics, and what each folds to.
    """

    syllables: tuple[str, ...]
    bigrams: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    accented: tuple[tuple[str, str], ...]

    @property
    def may_relax(self) -> bool:
        """Say whether a document that lacks a word of the query can still be meant."""
        return len(self.bigrams) >= FEWEST_BIGRAMS_TO_RELAX

    @property
    def fewest_bigrams(self) -> int:
        """Return how many bigrams a document that lacks a word must have: a third, rounded up."""
        return -(-len(self.bigrams) // 3)


def plan_of(query: str) -> Plan:
    """Work out what `query` asks for; anything can be asked, and nothing is an operator."""
    asked = query[:LONGEST_QUERY]
    syllables = analysis.syllables(asked)[:MOST_SYLLABLES]
    bigrams = dict.fromkeys(analysis.bigrams(syllables))
    return Plan(
        syllables=tuple(syllables),
        bigrams=tuple(bigrams)[:MOST_BIGRAMS],
        keys=numbers.keys_in(asked),
        accented=tuple(_accented(asked))[:MOST_SYLLABLES],
    )


def _accented(asked: str) -> Iterator[tuple[str, str]]:
    for word in dict.fromkeys(analysis.spelt(asked)):
        folded = analysis.fold(word)
        if folded != word:
            yield word, folded
