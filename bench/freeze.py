"""Counts public texts into the statistics that the ranking and the restoration of diacritics use.

    python -m bench.freeze FOLDER

FOLDER holds texts (`*.md`, `*.txt`) that anybody may read, and none that the ranking is judged on.
What comes out are counts: hashes of pairs of syllables, and single words. The file is a part of
the product's version: other counts give another order, so raise `VERSION` in the lexicon.
"""

import argparse
import json
import re
import sys
import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from math import log, log2
from pathlib import Path
from typing import Any

from api.lookup.analysis.lexicon import FILE, VERSION, key_of
from api.lookup.analysis.text import bigrams, composed, spelt, syllables

RAREST_PAIR, RAREST_TOKEN = 3, 5
RAREST_SPELLING, RAREST_SPELT_PAIR = 20, 6
_SYLLABLE = re.compile(
    r"(ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(ng|nh|ch|[cmnpt])?"
)
COMMON = 200


@dataclass
class Counts:
    """What is counted: in how many passages a term stands, and how often a spelling occurs."""

    passages: int = 0
    tokens: Counter[str] = field(default_factory=Counter)
    pairs: Counter[str] = field(default_factory=Counter)
    spellings: Counter[str] = field(default_factory=Counter)
    spelt_pairs: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, passage: str) -> None:
        """Count a passage."""
        self.passages += 1
        found, written = syllables(passage), spelt(passage)
        self.tokens.update(set(found))
        self.pairs.update(set(bigrams(found)))
        self.spellings.update(written)
        self.spelt_pairs.update(pairwise(written))


def passages(text: str, size: int = 1000, most: int = 4000, least: int = 60) -> Iterator[str]:
    """Cut a text at paragraphs into passages of about `size` characters."""
    held = ""
    for paragraph in re.split(r"\n\s*\n", re.sub(r"[*|#]+|-{3,}", " ", text)):
        held = f"{held} {' '.join(paragraph.split())}".strip()
        if len(held) > size:
            yield held[:most]
            held = ""
    if len(held) > least:
        yield held


def frozen(counts: Counts) -> bytes:
    """Return the file of the lexicon: a line that describes it, and the parts it names."""
    weigh = _weigher(counts.passages)
    pairs = {pair: weigh(n) for pair, n in counts.pairs.items() if n >= RAREST_PAIR}
    tokens = {token: n for token, n in counts.tokens.items() if n >= RAREST_TOKEN}
    spellings = {word: n for word, n in counts.spellings.items() if n >= RAREST_SPELLING}
    spelt_pairs = {
        f"{left} {right}": round(8 * log2(n))
        for (left, right), n in counts.spelt_pairs.items()
        if n >= RAREST_SPELT_PAIR and left in spellings and right in spellings
    }
    parts = {
        "pairs": _table(pairs),
        "spelt_pairs": _table(spelt_pairs),
        "tokens": _lines(f"{token}\t{weigh(n)}" for token, n in sorted(tokens.items())),
        "spellings": _lines(f"{word}\t{n}" for word, n in sorted(spellings.items())),
        "syllables": _lines(sorted(_known(counts.spellings))),
    }
    sizes = {name: len(part) for name, part in parts.items()}
    about: dict[str, Any] = {"version": VERSION, "passages": counts.passages, "parts": sizes}
    return json.dumps(about).encode() + b"\n" + b"".join(parts.values())


def _weigher(passages: int) -> Any:
    def weigh(held: int) -> int:
        return round(16 * log(1 + (passages - held + 0.5) / (held + 0.5)))

    return weigh


def _table(values: dict[str, int]) -> bytes:
    """Return hashes in their order, and a byte for each."""
    rows = sorted({key_of(term): value for term, value in values.items()}.items())
    keys = array("I", (key for key, _ in rows))
    if sys.byteorder == "big":
        keys.byteswap()
    return keys.tobytes() + bytes(min(value, 255) for _, value in rows)


def _lines(lines: Iterable[str]) -> bytes:
    return zlib.compress("\n".join(lines).encode(), 9)


def _known(spellings: Counter[str]) -> set[str]:
    """Return the folded syllables of the language: what looks like one, and is common."""
    common = {word for word, n in spellings.items() if n >= COMMON}
    folded = {syllable for word in common for syllable in syllables(word)}
    return {syllable for syllable in folded if _SYLLABLE.fullmatch(syllable)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--without", type=Path, help="a file of names to leave out, one a line")
    asked = parser.parse_args()
    left_out = set(asked.without.read_text("utf-8").split()) if asked.without else set()
    counts = Counts()
    for path in sorted([*asked.folder.rglob("*.md"), *asked.folder.rglob("*.txt")]):
        if path.stem not in left_out:
            for passage in passages(composed(path.read_text("utf-8", errors="ignore"))):
                counts.add(passage)
    FILE.write_bytes(frozen(counts))
    print(json.dumps({"passages": counts.passages, "bytes": FILE.stat().st_size}))


if __name__ == "__main__":
    main()
