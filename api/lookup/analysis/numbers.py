"""Document numbers: every spelling of one number gives one key.

`187/QĐ-TTg`, `qd 187 ttg` and `số 187-QĐ-TTg` are all `187/qd-ttg`. A number inside a sentence has
no visible end, so a query gives several keys, the longest first; the documents themselves say
which of them is a number.
"""

import re

from api.lookup.analysis.text import fold

#: What a number can begin with when it is written behind its type: `qd 187 ttg`.
TYPES = frozenset({
    "bb", "bc", "cd", "ct", "cv", "gm", "gp", "hd", "kh", "kl", "l", "lct", "nd", "nq", "nqlt",
    "pl", "qc", "qd", "qyd", "tb", "tc", "tt", "ttlt", "ttr", "vbhn",
})  # fmt: skip
#: The word before a number: `số 187`.
_SAID_BEFORE = "so"
MOST_PARTS = 6
MOST_NUMBERS = 4
_FAR = 4  # parts that may stand between a type and the number behind it

_TOKEN = re.compile(r"\d+(?:\.\d+)*[a-z]?(?![a-z0-9])|\d+|[a-z][a-z0-9]*")
_NUMBER = re.compile(r"\d{1,6}(?:\.\d{1,6})?[a-z]?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_PART = re.compile(r"[a-z][a-z0-9]*")


def key_of(number: str) -> str | None:
    """Return the key of a document's own number, or None when it is none."""
    groups = keys_in(number)
    return groups[0][0] if groups else None


def keys_in(text: str) -> tuple[tuple[str, ...], ...]:
    """Return, for each number that may stand in `text`, its possible keys, the longest first."""
    tokens = _TOKEN.findall(fold(text))
    groups = (_keys_at(tokens, place) for place in _number_places(tokens))
    return tuple(group for group in groups if group)[:MOST_NUMBERS]


def _number_places(tokens: list[str]) -> list[int]:
    """Return where numbers stand; the year that follows a number is part of it."""
    places: list[int] = []
    for place, token in enumerate(tokens):
        follows = bool(places) and places[-1] == place - 1
        if _NUMBER.fullmatch(token) and not (follows and _YEAR.fullmatch(token)):
            places.append(place)
    return places


def _keys_at(tokens: list[str], place: int) -> tuple[str, ...]:
    number = tokens[place].lstrip("0") or "0"
    rest = tokens[place + 1 :]
    year = rest.pop(0) if rest and _YEAR.fullmatch(rest[0]) else None
    before, after = _parts_before(tokens, place), _leading_parts(rest)
    found = [(before, count) for count in range(len(after), -1, -1)] if before else []
    found += [([], count) for count in range(len(after), 0, -1)]
    keys = (_key(number, year, [*front, *after[:count]]) for front, count in found)
    return tuple(dict.fromkeys(keys))


def _parts_before(tokens: list[str], place: int) -> list[str]:
    """Return the type, and what stands between it and the number behind it: `qd-ttg so 187`."""
    for start in range(place - 1, max(-1, place - 1 - _FAR), -1):
        if not _PART.fullmatch(tokens[start]):
            break
        if tokens[start] in TYPES:
            return [part for part in tokens[start:place] if part != _SAID_BEFORE]
    return []


def _leading_parts(tokens: list[str]) -> list[str]:
    parts: list[str] = []
    for token in tokens[:MOST_PARTS]:
        if not _PART.fullmatch(token):
            break
        parts.append(token)
    return parts


def _key(number: str, year: str | None, parts: list[str]) -> str:
    return "/".join(filter(None, (number, year, "-".join(parts))))
