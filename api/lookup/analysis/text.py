"""Text becomes folded syllables, and pairs of neighbouring ones (bigrams).

There is no word segmentation: a document is known by its folded syllables and by their bigrams,
which say the same with, without and with half the diacritics. Abbreviations are read as what they
stand for, in documents and queries alike.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain, pairwise

#: Raised whenever the same text gives other terms; entries of an older version are indexed anew.
VERSION = 3

#: Longer tokens are no words; PostgreSQL refuses lexemes of 2 kB.
LONGEST_TOKEN = 64

# đ has no decomposition, so that no normal form and no tokenizer folds it; ð is its look-alike.
# Soft hyphens and joiners stand inside the words of PDF text and mean nothing.
_FOLDED_BY_HAND = {"đ": "d", "ð": "d"} | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", "")
_TOKEN = re.compile(r"[^\W_]+")
_WORD = re.compile(r"[^\W_](?:[\u00ad\u200b-\u200d\u2060\ufeff]*[^\W_])*")

#: The tone of an open oa, oe, uy: the old place -> the new place.
_TONES = {
    "òa": "oà", "óa": "oá", "ỏa": "oả", "õa": "oã", "ọa": "oạ",
    "òe": "oè", "óe": "oé", "ỏe": "oẻ", "õe": "oẽ", "ọe": "oẹ",
    "ùy": "uỳ", "úy": "uý", "ủy": "uỷ", "ũy": "uỹ", "ụy": "uỵ",
}  # fmt: skip
_OLD_TONE = re.compile(rf"(?<!q)(?:{'|'.join(_TONES)})(?!\w)")


class _Folding(dict[int, str]):
    """What each code point folds to; worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        bare = unicodedata.normalize("NFKD", chr(code))
        plain = "".join(part for part in bare if not unicodedata.combining(part)).casefold()
        folded = "".join(_FOLDED_BY_HAND.get(letter, letter) for letter in plain)
        self[code] = folded
        return folded


_FOLDING = _Folding()


@dataclass(frozen=True, slots=True)
class Word:
    """A word where it stands in a text, and the syllables that it is read as."""

    start: int
    end: int
    syllables: tuple[str, ...]


def composed(text: str) -> str:
    """Return `text` in NFC; what people are shown, and what offsets count in."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Return `text` without diacritics, case and compatibility forms.

    May be longer or shorter than `text`: never use an offset of one in the other.
    """
    return text.translate(_FOLDING)


def canonical(text: str) -> str:
    """Return `text` with its diacritics, in one spelling: NFC, lower case, new tone places."""
    return _OLD_TONE.sub(lambda old: _TONES[old.group()], composed(text).lower())


def tokens(text: str) -> list[str]:
    """Return the folded words of `text` as they stand there."""
    return [token[:LONGEST_TOKEN] for token in _TOKEN.findall(fold(text))]


def read(words: Sequence[str]) -> list[str]:
    """Return folded words as they are read: abbreviations as what they stand for."""
    known = abbreviations()
    return list(chain.from_iterable(known.get(word) or (word,) for word in words))


def syllables(text: str) -> list[str]:
    """Return the folded syllables of `text` in their order."""
    return read(tokens(text))


def bigrams(tokens: Sequence[str]) -> list[str]:
    """Return each two neighbours as one term; `_` stands in no token."""
    return [f"{first}_{second}" for first, second in pairwise(tokens)]


def words(text: str) -> Iterator[Word]:
    """Yield the words of a composed `text` with their places in it."""
    for found in _WORD.finditer(text):
        folded = fold(found.group())[:LONGEST_TOKEN]
        yield Word(found.start(), found.end(), abbreviations().get(folded) or (folded,))


def spelt(text: str) -> list[str]:
    """Return the words of `text` with their diacritics, in their canonical spelling."""
    return _TOKEN.findall(canonical(text))


def spelt_at(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the words of a composed `text`: where each begins and ends, and its spelling."""
    return ((one.start(), one.end(), canonical(one.group())) for one in _TOKEN.finditer(text))


@cache
def abbreviations() -> Mapping[str, tuple[str, ...]]:
    """Return what each folded abbreviation is read as."""
    raw = files(__package__).joinpath("data", "abbreviations.toml").read_text("utf-8")
    return {
        fold(short): tuple(_TOKEN.findall(fold(long))) for short, long in tomllib.loads(raw).items()
    }
