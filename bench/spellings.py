"""How people write: one number in eight ways, one word with what a keyboard left behind."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping

from api.lookup.analysis.numbers import TYPES
from api.lookup.analysis.text import fold

#: Each takes a number as printed: `187/QĐ-TTg`.
NUMBERS: dict[str, Callable[[str], str]] = {
    "as printed": str,
    "without diacritics": fold,
    "blanks": lambda number: re.sub(r"[/-]", " ", fold(number)),
    "số, dashes": lambda number: f"số {number.replace('/', '-')}",
    "underscores": lambda number: re.sub(r"[/-]", "_", number),
    "blanks around": lambda number: re.sub(r"([/-])", r" \1 ", number),
    "a zero before": lambda number: f"0{number}",
    "in a sentence": lambda number: f"theo văn bản số {number} ngày 5 tháng 3 của cơ quan",
}

_TELEX = {"\u0302": None, "\u0306": "w", "\u031b": "w", "\u0301": "s", "\u0300": "f",
          "\u0309": "r", "\u0303": "x", "\u0323": "j"}  # fmt: skip
_VNI = {"\u0302": "6", "\u0306": "8", "\u031b": "7", "\u0301": "1", "\u0300": "2",
        "\u0309": "3", "\u0303": "4", "\u0323": "5"}  # fmt: skip
_TONES = frozenset("\u0301\u0300\u0309\u0303\u0323")


def type_first(number: str) -> str | None:
    """Return `qd 187 ttg` for `187/QĐ-TTg`; None where no type stands behind the number."""
    parts = re.split(r"[/-]", fold(number))
    places = [place for place, part in enumerate(parts) if part in TYPES]
    if not places:
        return None
    kind = parts.pop(places[0])
    return f"{kind} {' '.join(parts)}"


def leftovers(word: str) -> Iterator[str]:
    """Yield what Telex and VNI keyboards leave of a word when they are switched off."""
    yield _typed(word, _TELEX, "dd")
    yield _typed(word, _VNI, "d9")


def _typed(word: str, keys: Mapping[str, str | None], bar: str) -> str:
    """Type a word: marks of letters behind them, the tone at the end."""
    typed, tone = "", ""
    for letter in unicodedata.normalize("NFD", word.lower()):
        if letter in _TONES:
            tone = keys[letter] or ""
        elif letter in keys:
            typed += keys[letter] or typed[-1]
        else:
            typed += bar if letter == "đ" else letter
    return typed + tone
