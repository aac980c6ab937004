"""One more revision at the end of a PDF: in place, and the same bytes from the same input."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyhanko.pdf_utils.generic import ArrayObject, ByteStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from typing_extensions import override

from api.signing.pdf.errors import NotSignable


class Revision(IncrementalPdfFileWriter):
    """An incremental update without clock and dice.

    pyHanko stamps each update with the time and a random identifier. Without them a step that is
    run again after a crash writes the same bytes, and an update touches no object but those it
    is about, so that the verifier can name every object that may change.
    """

    @classmethod
    @override
    def _handle_id(cls, prev: PdfFileReader) -> ArrayObject:
        parts = prev.trailer["/ID"] if "/ID" in prev.trailer.flatten() else ()
        before = [part.original_bytes for part in parts]
        seed = b"".join(before) + str(prev.last_startxref).encode()
        fresh = hashlib.sha256(seed).digest()[:16]
        first = before[0] if before else fresh
        return ArrayObject([ByteStringObject(first), ByteStringObject(fresh)])

    @override
    def _update_meta(self) -> None:
        """Leave the document information as it is."""

    def append(self) -> None:
        """Write the revision at the end of the file."""
        super().write_in_place()  # type: ignore[no-untyped-call]

    def replace_root(self) -> None:
        """Say that the catalogue has changed."""
        super().update_root()  # type: ignore[no-untyped-call]

    def page(self, number: int) -> Any:
        """Return the dictionary of one page, counted from 0."""
        found = super().find_page_for_modification(number)  # type: ignore[no-untyped-call]
        return found[0].get_object()


@contextmanager
def revising(path: Path) -> Iterator[Revision]:
    """Open a PDF of ours to add a revision; the caller writes it, or nothing happens."""
    with path.open("rb+") as stream:
        try:
            writer = Revision(stream)
        except (PdfError, ValueError, KeyError, TypeError, RecursionError) as broken:
            raise NotSignable(why="unreadable") from broken
        if writer.prev.encrypted:
            raise NotSignable(why="encrypted")
        yield writer
