"""The words of a page with their places: what OCR gives, and what a file's own text gives."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

#: Places are counted in so many parts of the page's width and height.
PARTS = 10_000
#: A gap wider than this many times the letters' height parts two columns.
GAP = 1.5
_TALL = 100


class Box(NamedTuple):
    """A rectangle on a page, in ten-thousandths of its width and height, from the top left."""

    left: int
    top: int
    right: int
    bottom: int


class Word(NamedTuple):
    """A word as it stands on a page; flat, so that it is stored and sent as a short list.

    Attributes:
        text: without blanks.
        confidence: 0 to 100; the file's own text has 100.
        line: which line of the page, columns apart.
        left: of its rectangle, like the other three.
    """

    text: str
    confidence: int
    line: int
    left: int
    top: int
    right: int
    bottom: int


class Line(NamedTuple):
    """A line of one column."""

    text: str
    confidence: int
    box: Box


def lines_of(words: Iterable[Word]) -> Iterator[Line]:
    """Yield the lines of a page in reading order."""
    for _, group in groupby(words, attrgetter("line")):
        row = list(group)
        yield Line(" ".join(word.text for word in row), sureness(row), around(row))


def lines_without_places(text: str) -> Iterator[Line]:
    """Yield lines of which nobody knows where they stand: below each other, over the whole page."""
    for number, line in enumerate(filter(None, map(str.strip, text.splitlines()))):
        top = min(PARTS - _TALL, number * _TALL)
        yield Line(line, 100, Box(0, top, PARTS, top + _TALL))


def text_of(words: Iterable[Word]) -> str:
    """Return the text of a page; split at blanks it gives the words again."""
    return "\n".join(line.text for line in lines_of(words))


def sureness(words: Iterable[Word]) -> int:
    """Return the mean confidence of words, each by its length; of none 0."""
    weights = [(len(word.text), word.confidence) for word in words]
    letters = sum(length for length, _ in weights)
    return round(sum(length * sure for length, sure in weights) / letters) if letters else 0


def around(words: list[Word]) -> Box:
    """Return the rectangle around words."""
    return Box(
        min(word.left for word in words),
        min(word.top for word in words),
        max(word.right for word in words),
        max(word.bottom for word in words),
    )
