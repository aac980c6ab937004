"""The reading of pages as the sandbox calls it: a path in, plain values out.

pypdfium2 is imported inside the functions: the server names these functions, the worker runs them.
"""

# ruff: noqa: PLC0415

from pathlib import Path
from typing import Any, TypedDict

PDF = "application/pdf"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class Inspected(TypedDict):
    """What is known of a file before it is let in.

    Attributes:
        media_type: what kind of file it is.
        pages: how many.
        title: what the file says of itself.
        has_text: all that its pages show could be read as text; false for scans.
        unread: indexes of the pages that show something but gave no text.
        stamp: the highest secrecy stamp in the text or in an annotation.
    """

    media_type: str
    pages: int
    title: str | None
    has_text: bool
    unread: list[int]
    stamp: str | None


class DrawnScan(TypedDict):
    """The pictures of a page that was drawn to be read.

    Attributes:
        is_blank: nothing is on it.
        bare: the file with the page alone.
        stamped: the files in which a stamp may be, such as what was laid over the page.
    """

    is_blank: bool
    bare: str
    stamped: list[str]


def inspect_file(path: Path) -> Inspected:
    """Return the facts of a PDF or a Word file, or refuse it."""
    from api.documents.pages import docx, reading

    return docx.inspect(path) if docx.is_archive(path) else reading.inspect(path)


def text_of(path: Path) -> list[str]:
    """Return the text of each page, composed (NFC), without that of annotations."""
    from api.documents.pages import docx, reading

    return docx.read_text(path) if docx.is_archive(path) else reading.read_text(path)


def picture_of(path: Path, index: int, width: int) -> bytes:
    """Return a page as JPEG, `width` pixels wide."""
    from api.documents.pages.drawing import render_page

    return render_page(path, index, width)


def draw_scan(path: Path, index: int, dots: int, folder: Path) -> DrawnScan:
    """Draw a page for OCR into a folder."""
    from api.documents.pages.drawing import draw_for_reading

    return draw_for_reading(path, index, dots, folder)


def words_of(path: Path, most: int) -> list[list[list[Any]]]:
    """Return the words of the first pages (see `api.documents.words.Word`)."""
    from api.documents.pages.reading import read_words

    return [[list(word) for word in page] for page in read_words(path, most)]
