"""What a PDF begins with, for whoever has to say at once that a file is none."""

from typing import IO

_MAGIC = b"%PDF-"
#: Readers accept so much before it.
_PREAMBLE = 1024


def begins_as_pdf(file: IO[bytes]) -> bool:
    """Say whether an open file begins like a PDF; whether it is one, its reader finds out."""
    return _MAGIC in file.read(_PREAMBLE)
