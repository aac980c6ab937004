"""What a word that is being typed may become: the commonest words of public texts."""

from bisect import bisect_left
from functools import cache

from api.lookup.analysis.lexicon import lexicon, weight_of

MOST = 8
#: Of the words with a prefix the commonest are weighed.
_CONSIDERED = 200
#: Above every letter that a folded word can hold.
_HIGHEST = "\U0010ffff"


def completions(prefix: str, before: str | None = None) -> tuple[str, ...]:
    """Return words that begin with `prefix`, itself among them, the likeliest first.

    Args:
        prefix: folded letters.
        before: the folded word in front of it.
    """
    words = _sorted()
    first, last = bisect_left(words, prefix), bisect_left(words, prefix + _HIGHEST)
    weight = weight_of
    common = sorted(words[first:last], key=lambda word: (weight(word), word))[:_CONSIDERED]
    if before:
        common.sort(key=lambda word: weight(f"{before}_{word}"))
    return tuple(dict.fromkeys([*common[: MOST - 1], prefix]))


@cache
def _sorted() -> list[str]:
    return sorted(lexicon().tokens)
