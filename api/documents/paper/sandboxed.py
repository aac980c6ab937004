"""The work on paper as the sandbox calls it: paths and plain values in, plain values out.

reportlab, pikepdf and Pillow are imported inside the functions: the server names these functions,
the worker runs them.
"""

# ruff: noqa: PLC0415

from pathlib import Path

from api.documents.paper.sheets import DecisionPage, Letter, Written


def write_decision(page: DecisionPage, target: Path) -> Written:
    """Write a document of ours, with room for number, date, signature and seal.

    Equal input gives equal bytes.

    Raises:
        DoesNotFit: head or foot is higher than a page.
    """
    from api.documents.paper.documents import decision

    return decision(page, target)


def write_letter(letter: Letter, target: Path) -> int:
    """Write a finished document as others send it, and return how many pages it has."""
    from api.documents.paper.documents import finished

    return finished(letter, target)


def attach(decision: Path, annex: Path, target: Path) -> int:
    """Write our document, followed by all pages of the annex, and return how many pages.

    What the annex shows is kept, its signatures' looks included; what it could do is not: forms,
    signatures, scripts, actions, links, notes and embedded files are gone.

    Raises:
        NotPdf: the annex is no PDF, or damaged.
        EncryptedPdf: the annex is encrypted.
        PdfTooComplex: the annex has too many pages.
    """
    from api.documents.paper.annex import attach as join

    return join(decision, annex, target)


def bare_copy(source: Path, target: Path, pages: list[int] | None) -> int:
    """Write what a PDF shows, or some of its pages (from 0), and return how many there are.

    Signatures are shown as they look and are none any more; forms, scripts, actions, links, notes
    and embedded files are gone.

    Raises:
        NotPdf: the file is no PDF, or damaged.
        NoSuchPage: it has fewer pages.
    """
    from api.documents.paper.annex import bare

    return bare(source, target, pages)


def signature_image(name: str) -> bytes:
    """Return a PNG that looks like that person's signature: blue on nothing."""
    from api.documents.paper.signature import draw

    return draw(name)


def seal_image(agency: str) -> bytes:
    """Return a PNG that looks like that agency's seal: red on nothing, round."""
    from api.documents.paper.seal import draw

    return draw(agency)
