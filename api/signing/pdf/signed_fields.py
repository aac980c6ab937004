"""Where the signatures of a file stand: in its form, and on pages that the form forgot."""

from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields

from api.signing.pdf.objects import entry


def signed_fields(reader: PdfFileReader) -> Iterator[tuple[str, Any, bool]]:
    """Return name and dictionary of each signed field, and whether the form lists it.

    A program that rewrites a signed file often drops the form and leaves the signature on its
    page: broken, but still shown to the reader, so it has to be reported.
    """
    seen = set()
    for title, _, reference in enumerate_sig_fields(reader, filled_status=True):
        seen.add(_value(reference.get_object()))
        yield str(title), reference.get_object(), True
    for page in pages(entry(reader.root, "/Pages")):
        for annotation in entry(page.get_object(), "/Annots", ()):
            field = annotation.get_object()
            if _value(field) not in seen and _is_signed(field):
                seen.add(_value(field))
                yield str(entry(field, "/T", "")), field, False


def pages(tree: Any, above: frozenset[int] = frozenset()) -> Iterator[Any]:
    """Return the references of all pages below a node of the page tree."""
    for kid in entry(tree, "/Kids", ()):
        node = kid.get_object()
        if "/Kids" not in node:
            yield kid
        elif kid.idnum not in above:
            yield from pages(node, above | {kid.idnum})


def _is_signed(field: Any) -> bool:
    return str(entry(field, "/FT")) == "/Sig" and "/ByteRange" in entry(field, "/V", {})


def _value(field: Any) -> Any:
    value = field.raw_get("/V") if "/V" in field else None
    return getattr(value, "reference", id(value))
