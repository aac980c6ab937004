"""The frozen statistics: how rare terms are, and how words are spelt, counted once in public texts.

Statistics of the collection itself would let an official feel documents that they may not see, and
would give every installation another order. These are the same everywhere, phones included.
"""

import json
import sys
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Self

#: Raised with every new count: other statistics give another order.
VERSION = 1
FILE = Path(__file__).with_name("data") / f"vi-{VERSION}.lexicon"

#: Weights are idf in sixteenths, so that a byte holds one.
ONE = 16
#: The weight of what stands in 4 % of all passages: what is more common says too little.
COMMON = 51
#: Single syllables say less than pairs: only those in less than 1 % of all passages are asked for.
COMMON_TOKEN = 74
#: The weight of what was never seen.
UNSEEN = 178


@dataclass(frozen=True, slots=True)
class Table:
    """A byte for each of many hashes, found by bisection."""

    keys: "array[int]"
    values: bytes

    def get(self, term: str, otherwise: int) -> int:
        """Return the byte of `term`."""
        key = key_of(term)
        place = bisect_left(self.keys, key)
        if place < len(self.keys) and self.keys[place] == key:
            return self.values[place]
        return otherwise

    @classmethod
    def of(cls, raw: bytes) -> Self:
        """Read a table: four bytes and one for each term."""
        count = len(raw) // 5
        keys = array("I")
        keys.frombytes(raw[: 4 * count])
        if sys.byteorder == "big":
            keys.byteswap()
        return cls(keys, raw[4 * count :])


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What is known of the language.

    Attributes:
        pairs: weights of folded bigrams.
        tokens: weights of folded words.
        syllables: the folded syllables of the language.
        spellings: how often each spelling occurs.
        spelt_pairs: how often two spellings follow each other: eighths of the binary logarithm.
    """

    pairs: Table
    tokens: Mapping[str, int]
    syllables: frozenset[str]
    spellings: Mapping[str, int]
    spelt_pairs: Table

    def weight(self, term: str) -> int:
        """Return how much it says that a document holds `term`, a syllable or a bigram."""
        if "_" in term:
            return self.pairs.get(term, UNSEEN)
        return self.tokens.get(term, UNSEEN)


def key_of(term: str) -> int:
    """Return the hash under which the tables know `term`; two terms share one very rarely."""
    return zlib.crc32(term.encode("utf-8", "replace"))


@cache
def lexicon() -> Lexicon:
    """Read the lexicon that this version was made with."""
    head, _, body = FILE.read_bytes().partition(b"\n")
    sizes: dict[str, int] = json.loads(head)["parts"]
    ends = list(accumulate(sizes.values()))
    parts = {
        name: body[end - size : end] for (name, size), end in zip(sizes.items(), ends, strict=True)
    }
    return Lexicon(
        pairs=Table.of(parts["pairs"]),
        tokens=_numbers(parts["tokens"]),
        syllables=frozenset(_lines(parts["syllables"])),
        spellings=_numbers(parts["spellings"]),
        spelt_pairs=Table.of(parts["spelt_pairs"]),
    )


@lru_cache(maxsize=1 << 16)
def weight_of(term: str) -> int:
    """Return the weight of a term by the lexicon of this version; the common ones are at hand."""
    return lexicon().weight(term)


def _lines(raw: bytes) -> list[str]:
    return zlib.decompress(raw).decode().split("\n")


def _numbers(raw: bytes) -> dict[str, int]:
    pairs = (line.split("\t") for line in _lines(raw))
    return {word: int(number) for word, number in pairs}
