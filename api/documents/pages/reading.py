"""What stands in a PDF: its facts, its text, and whether a secrecy stamp is among it."""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pypdfium2
from pypdfium2 import raw

from api.documents.pages.columns import BROKEN_WORD, split_columns, words_on
from api.documents.pages.encodings import Mended, mended
from api.documents.pages.errors import PdfTooComplex
from api.documents.pages.opening import opened, page_of, shown_page
from api.documents.pages.sandboxed import PDF, Inspected
from api.documents.pages.scans import is_unread
from api.documents.secrecy import SecrecyLevel, highest, may_hold_stamp, stamp_in
from api.documents.words import Word

#: Signs of one page and of one file; no book of laws comes near.
MAX_PAGE_TEXT = 200_000
MAX_TEXT = 20_000_000
_LONGEST_TITLE = 300
#: NUL is refused by PostgreSQL; the others are of no use to anybody.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\uffff]")


def inspect(path: Path) -> Inspected:
    """Return the facts of a PDF, or refuse it."""
    with opened(path) as document:
        pages = list(_texts(document))
        unread = [
            index
            for index, page in enumerate(pages)
            if page.is_broken or is_unread(document, index, page.text)
        ]
        return {
            "media_type": PDF,
            "pages": len(document),
            "title": _title(document),
            "has_text": any(page.text for page in pages) and not unread,
            "unread": unread,
            "stamp": _stamp(document, pages),
        }


def read_text(path: Path) -> list[str]:
    """Return the text of each page, composed (NFC), without that of annotations.

    A text layer that says something else than is seen gives none: OCR reads what is seen.
    """
    with opened(path) as document:
        return ["" if page.is_broken else page.text for page in _texts(document)]


def read_words(path: Path, most: int) -> list[list[Word]]:
    """Return the words of the first pages with their places."""
    with opened(path) as document:
        words = []
        for index in range(min(len(document), most)):
            with page_of(document, index) as page, closing(page.get_textpage()) as textpage:
                if textpage.count_chars() > MAX_PAGE_TEXT:
                    raise PdfTooComplex(why="text", page=index)
                words.append(words_on(textpage, page.get_size()))
        return words


def _texts(document: pypdfium2.PdfDocument) -> Iterator[Mended]:
    total = 0
    for index in range(len(document)):
        with page_of(document, index) as page, closing(page.get_textpage()) as textpage:
            total += textpage.count_chars()
            if textpage.count_chars() > MAX_PAGE_TEXT or total > MAX_TEXT:
                raise PdfTooComplex(why="text", page=index)
            yield mended(_tidy(textpage.get_text_range()))


def _tidy(text: str) -> str:
    # Vietnamese breaks no words: a hyphen at a line's end is part of a number such as QĐ-BTNMT.
    hyphens = unicodedata.normalize("NFC", text).replace(BROKEN_WORD, "-")
    lines = _CONTROL.sub("", hyphens).splitlines()
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def _title(document: pypdfium2.PdfDocument) -> str | None:
    title = " ".join(_tidy(document.get_metadata_value("Title")).split())
    return title[:_LONGEST_TITLE] or None


def _stamp(document: pypdfium2.PdfDocument, pages: list[Mended]) -> SecrecyLevel | None:
    found = (_stamp_on(document, index, page.text) for index, page in enumerate(pages))
    # The capitals of the fonts of before are small letters in the file.
    legacy = (stamp_in(page.text.upper()) for page in pages if page.is_legacy)
    return highest([*found, *legacy])


def _stamp_on(document: pypdfium2.PdfDocument, index: int, text: str) -> SecrecyLevel | None:
    with page_of(document, index) as page:
        has_annotations = raw.FPDFPage_GetAnnotCount(page) > 0
    if not has_annotations and not may_hold_stamp(text):
        return stamp_in(text)
    with shown_page(document, index) as page, closing(page.get_textpage()) as textpage:
        return stamp_in(text) or stamp_in(split_columns(textpage))
