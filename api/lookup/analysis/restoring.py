"""Put diacritics back: the likeliest spelling of a query, by how often spellings follow each other.

Counted in public texts alone, so that no completion speaks of a document.
"""

from collections.abc import Iterator
from functools import cache
from itertools import islice
from math import log

from api.lookup.analysis.keyboard import repaired
from api.lookup.analysis.lexicon import lexicon
from api.lookup.analysis.text import composed, fold, spelt_at

#: Spellings of one syllable that are weighed; Vietnamese has hardly more.
_MOST = 12
#: How much a pair says against the single words.
_PAIR = 0.9
_LONGEST = 32


def restored(query: str) -> str | None:
    """Return `query` as it was likely meant; None where it is spelt so already.

    What stands between the words stays, quotes and the signs of numbers too.
    """
    shown = composed(query)
    places = list(islice(spelt_at(shown), _LONGEST))
    typed = [word for _, _, word in places]
    meant = [_spellings(repaired(fold(word))) if fold(word) == word else (word,) for word in typed]
    best = _likeliest(meant)
    if best == typed or not typed:
        return None
    parts, done = [], 0
    for (start, end, before), now in zip(places, best, strict=True):
        parts += [shown[done:start], _as_typed(shown[start:end], before, now)]
        done = end
    return "".join([*parts, shown[done:]])


def _as_typed(word: str, before: str, now: str) -> str:
    """Return the word that was meant, in capitals where those were typed."""
    if now == before:
        return word
    if word.isupper() and len(word) > 1:
        return now.upper()
    return now.capitalize() if word[0].isupper() else now


def _likeliest(choices: list[tuple[str, ...]]) -> list[str]:
    """Return the likeliest way through the choices (Viterbi)."""
    paths: dict[str, tuple[float, list[str]]] = {"": (0.0, [])}
    for words in choices:
        paths = {word: max(_steps(paths, word)) for word in words}
    return max(paths.values())[1]


def _steps(
    paths: dict[str, tuple[float, list[str]]], word: str
) -> Iterator[tuple[float, list[str]]]:
    for last, (value, way) in paths.items():
        yield value + _value(last, word), [*way, word]


def _value(last: str, word: str) -> float:
    """Return the logarithm of how likely `word` follows `last`."""
    often = lexicon().spellings
    alone = (often.get(word, 0) + 0.5) / _all_words()
    before = often.get(last, 0)
    eighths = lexicon().spelt_pairs.get(f"{last} {word}", 0) if before else 0
    together = 2 ** (eighths / 8) / before if eighths else 0.0
    return log((1 - _PAIR) * alone + _PAIR * together)


@cache
def _all_words() -> int:
    return sum(lexicon().spellings.values())


@cache
def _by_folded() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    often = lexicon().spellings
    for word in sorted(often, key=lambda word: (-often[word], word)):
        found.setdefault(fold(word), []).append(word)
    return {folded: tuple(words[:_MOST]) for folded, words in found.items()}


def _spellings(folded: str) -> tuple[str, ...]:
    return _by_folded().get(folded, (folded,))
