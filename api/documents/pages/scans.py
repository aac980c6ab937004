"""Telling a page that was read from a picture of a page."""

from contextlib import suppress
from itertools import islice

import pypdfium2
from pypdfium2 import raw

from api.documents.pages.opening import page_of

#: So much text is not the portal's mark on a scan, but the page's own.
_ENOUGH = 200
#: A picture over this share of the page is the page.
_SHARE = 0.5
_MOST_OBJECTS = 2000


def is_unread(document: pypdfium2.PdfDocument, index: int, text: str) -> bool:
    """Say whether the page shows something that its text does not tell."""
    signs = sum(sign.isalnum() for sign in text)
    if signs >= _ENOUGH:
        return False
    with page_of(document, index) as page:
        if signs == 0:
            return bool(raw.FPDFPage_CountObjects(page) > 0)
        return _pictured(page) >= _SHARE


def _pictured(page: pypdfium2.PdfPage) -> float:
    """Return which share of the page pictures cover; a scan may come in strips."""
    width, height = page.get_size()
    covered = 0.0
    for item in islice(page.get_objects(max_depth=1), _MOST_OBJECTS):
        if item.type in {raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM}:
            with suppress(pypdfium2.PdfiumError):
                left, bottom, right, top = item.get_bounds()
                covered += (right - left) * (top - bottom)
    return float(covered / max(width * height, 1.0))
