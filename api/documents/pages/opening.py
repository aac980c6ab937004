"""Opening an untrusted PDF, or saying why not."""

import os
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import pypdfium2
from pypdfium2 import raw

from api.documents.pages.errors import EncryptedPdf, NotPdf, PdfTooComplex
from core.errors import NotFound
from core.pdf import begins_as_pdf

MAX_PAGES = 2000


@contextmanager
def opened(path: Path) -> Generator[pypdfium2.PdfDocument]:
    """Open the PDF for reading; the file is never changed.

    Raises:
        NotPdf: it is no PDF, or too damaged to be opened.
        EncryptedPdf: it is encrypted, be it only to restrict printing.
        PdfTooComplex: it has too many pages.
    """
    _must_begin_like_a_pdf(path)
    with closing(_loaded(path)) as document:
        _must_be_readable(document)
        yield document


@contextmanager
def page_of(document: pypdfium2.PdfDocument, index: int) -> Generator[pypdfium2.PdfPage]:
    """Open one page.

    Raises:
        NotFound: there is no such page.
        NotPdf: the page is damaged.
    """
    if not 0 <= index < len(document):
        raise NotFound(page=index)
    try:
        page = document[index]
    except pypdfium2.PdfiumError as error:
        raise NotPdf(why="damaged", page=index) from error
    with closing(page):
        yield page


@contextmanager
def shown_page(document: pypdfium2.PdfDocument, index: int) -> Generator[pypdfium2.PdfPage]:
    """Open one page as it is seen: annotations, form fields and signatures drawn into it.

    Only the document in memory changes. Drawing by flattening shows the fields without starting
    pdfium's form engine on a hostile file.
    """
    with page_of(document, index) as page:
        if raw.FPDFPage_GetAnnotCount(page) > 0:
            raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY)
    with page_of(document, index) as page:
        yield page


def _loaded(path: Path) -> pypdfium2.PdfDocument:
    # pdfium forgets no error when it succeeds. Its own wrapper asks for the last one where a file
    # has no pages, and tells a worker's next file what was wrong with the one before.
    handle = raw.FPDF_LoadDocument(os.fsencode(path) + b"\0", None)
    if handle:
        return pypdfium2.PdfDocument(handle)
    if raw.FPDF_GetLastError() in {raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY}:
        raise EncryptedPdf
    raise NotPdf(why="damaged")


def _must_begin_like_a_pdf(path: Path) -> None:
    with path.open("rb") as file:
        if not begins_as_pdf(file):
            raise NotPdf(why="magic")


def _must_be_readable(document: pypdfium2.PdfDocument) -> None:
    if raw.FPDF_GetSecurityHandlerRevision(document) != -1:
        raise EncryptedPdf
    if len(document) > MAX_PAGES:
        raise PdfTooComplex(why="pages", limit=MAX_PAGES)
    if len(document) == 0:
        raise NotPdf(why="no_pages")
