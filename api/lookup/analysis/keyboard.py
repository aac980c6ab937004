"""Undo the keystrokes that a Telex or VNI keyboard left behind: `quyeets` -> `quyet`.

Works on folded tokens of queries, and only where the token is no syllable of the language and no
word that texts use: names, codes and foreign words stay as they are.
"""

import re
from collections.abc import Iterator

from api.lookup.analysis.lexicon import UNSEEN, lexicon

#: A token that texts hold this often is a word of its own: `asean`, `email`.
_A_WORD = 104
_SHORTEST, _LONGEST = 2, 12
_VNI = re.compile(r"[a-z]+[1-9][a-z1-9]*")
_TONES = "sfrxj"
_DOUBLED = (("dd", "d"), ("aa", "a"), ("ee", "e"), ("oo", "o"))


def repaired(token: str) -> str:
    """Return the syllable that was meant by a folded token, or the token itself."""
    known = lexicon()
    if token in known.syllables or not _SHORTEST <= len(token) <= _LONGEST or not token.isascii():
        return token
    if known.tokens.get(token, UNSEEN) < _A_WORD:
        return token
    shortest = 1 if token.isalpha() else _SHORTEST  # a4 is a size of paper
    meant = (one for one in _meant(token) if len(one) >= shortest and one in known.syllables)
    return next(meant, token)


def _meant(token: str) -> Iterator[str]:
    """Yield what may have been meant, the likeliest first."""
    bare = token
    if _VNI.fullmatch(token):
        bare = re.sub(r"[1-9]", "", token)
        yield bare
    marked = bare
    for typed, letter in _DOUBLED:
        marked = marked.replace(typed, letter)
    yield marked.replace("w", "")
    for meant in _without_a_tone(marked):
        yield meant.replace("w", "")
    # `w` alone stands for ư.
    yield marked.replace("w", "u", 1)
    yield from _without_a_tone(marked.replace("w", "u", 1))


def _without_a_tone(token: str) -> Iterator[str]:
    for place in range(len(token) - 1, 0, -1):
        if token[place] in _TONES:
            yield token[:place] + token[place + 1 :]
