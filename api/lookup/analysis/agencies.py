"""What an agency was called before, and is called now: a document is found under every name.

Two directions and one step: an old name leads to the new one, a new one to all that went into it.
Agencies that merged are no names of each other.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from api.lookup.analysis.text import composed, fold, syllables, words


@cache
def names_of(name: str) -> tuple[str, ...]:
    """Return the name of an agency, and those that it has by what was renamed in it."""
    shown = composed(name)
    return tuple(dict.fromkeys([name, shown, *_renamed(shown)]))


def also_called(name: str) -> list[str]:
    """Return the syllables of the other names of an agency."""
    return [one for other in names_of(name)[1:] for one in syllables(other)] if name else []


def _renamed(name: str) -> Iterator[str]:
    found = list(words(name))
    for first in range(len(found)):
        for last in range(first + 1, len(found) + 1):
            meant = " ".join(one for word in found[first:last] for one in word.syllables)
            start, end = found[first].start, found[last - 1].end
            for other in _others().get(meant, ()):
                written = other.upper() if name.isupper() else other
                yield name[:start] + written + name[end:]


@cache
def _others() -> Mapping[str, tuple[str, ...]]:
    """Return the other names of each name, by its folded syllables."""
    raw = files(__package__).joinpath("data", "agencies.toml").read_text("utf-8")
    found: dict[str, list[str]] = {}
    for one in tomllib.loads(raw)["renamed"]:
        now, before = composed(one["now"]), [composed(old) for old in one["before"]]
        found.setdefault(_folded(now), []).extend(before)
        for old in before:
            found.setdefault(_folded(old), []).append(now)
    return {name: tuple(others) for name, others in found.items()}


def _folded(name: str) -> str:
    return " ".join(fold(name).replace("-", " ").split())
