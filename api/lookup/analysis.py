"""How text becomes terms: the same for documents and queries, on every engine.

There is no word segmentation: a document is known by its folded syllables and by the pairs of
neighbouring ones (bigrams), which say the same with, without and with half the diacritics.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

#: Raised whenever the same text gives other terms; entries of an older version are indexed anew.
VERSION = 1

#: Longer tokens are no words; PostgreSQL refuses lexemes of 2 kB.
LONGEST_TOKEN = 64

# đ has no decomposition, so that no normal form and no tokenizer folds it; ð is its look-alike.
# Soft hyphens and joiners stand inside the words of PDF text and mean nothing.
_FOLDED_BY_HAND = str.maketrans(
    {"đ": "d", "ð": "d"} | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff")
)
_TOKEN = re.compile(r"[^\W_]+")
_WORD = re.compile(r"[^\W_](?:[\u00ad\u200b-\u200d\u2060\ufeff]*[^\W_])*")

#: The tone of an open oa, oe, uy: the old place -> the new place.
_TONES = {
    "òa": "oà", "óa": "oá", "ỏa": "oả", "õa": "oã", "ọa": "oạ",
    "òe": "oè", "óe": "oé", "ỏe": "oẻ", "õe": "oẽ", "ọe": "oẹ",
    "ùy": "uỳ", "úy": "uý", "ủy": "uỷ", "ũy": "uỹ", "ụy": "uỵ",
}  # fmt: skip
_OLD_TONE = re.compile(rf"(?<!q)(?:{'|'.join(_TONES)})(?!\w)")


@dataclass(frozen=True, slots=True)
class Word:
    """A word where it stands in a text, and its folded form."""

    start: int
    end: int
    folded: str


def composed(text: str) -> str:
    """Return `text` in NFC; what people are shown, and what offsets count in."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Return `text` without diacritics, case and compatibility forms.

    May be longer or shorter than `text`: never use an offset of one in the other.
    """
    bare = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return plain.casefold().translate(_FOLDED_BY_HAND)


def canonical(text: str) -> str:
    """Return `text` with its diacritics, in one spelling: NFC, lower case, new tone places."""
    return _OLD_TONE.sub(lambda old: _TONES[old.group()], composed(text).lower())


def syllables(text: str) -> list[str]:
    """Return the folded syllables of `text` in their order."""
    return [token[:LONGEST_TOKEN] for token in _TOKEN.findall(fold(text))]


def bigrams(tokens: Sequence[str]) -> list[str]:
    """Return each two neighbours as one term; `_` stands in no token."""
    return [f"{first}_{second}" for first, second in pairwise(tokens)]


def words(text: str) -> Iterator[Word]:
    """Yield the words of a composed `text` with their places in it."""
    for found in _WORD.finditer(text):
        yield Word(found.start(), found.end(), fold(found.group())[:LONGEST_TOKEN])


def spelt(text: str) -> list[str]:
    """Return the words of `text` with their diacritics, in their canonical spelling."""
    return _TOKEN.findall(canonical(text))
