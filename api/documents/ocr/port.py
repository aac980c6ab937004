"""What the project asks of an engine for optical character recognition."""

from enum import StrEnum
from pathlib import Path
from typing import Protocol

from api.documents.words import Word


class Layout(StrEnum):
    """What is on a picture."""

    PAGE = "page"
    #: A few words below each other.
    LINES = "lines"


class OcrFailed(Exception):
    """The engine gave out on this picture: it broke, or took too much memory or time."""


class OcrAbsent(Exception):
    """There is no engine here, or it lacks the language."""


class Ocr(Protocol):
    """Reads pictures of pages, each within limits of memory and time."""

    async def is_there(self) -> bool:
        """Say whether pictures can be read now; an engine may be installed later."""
        ...

    async def read(self, picture: Path, layout: Layout = Layout.PAGE) -> list[Word]:
        """Return the words of a picture (PNG) in reading order, columns on lines of their own.

        Raises:
            OcrFailed: this picture cannot be read.
            OcrAbsent: no picture can be read at present.
        """
        ...
