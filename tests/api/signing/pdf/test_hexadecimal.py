"""Hexadecimal strings are read as pyHanko reads them, only at once."""

from io import BytesIO
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from pyhanko.pdf_utils.misc import PdfStreamError

from api.signing.pdf.hexadecimal import _slowly, read_hexadecimal


def outcome(read: Any, content: bytes) -> tuple[Any, int] | str:
    stream = BytesIO(content)
    try:
        return read(stream), stream.tell()
    except PdfStreamError as refused:
        return str(refused)


@given(st.text("0aF9 \n>g<%", max_size=40).map(lambda text: b"<" + text.encode() + b"> tail"))
@example(b"<" + b"ab" * 9000 + b">")
@example(b"<feff00e1>")
@example(b"<>")
def test_both_ways_of_reading_agree(content: bytes) -> None:
    assert outcome(read_hexadecimal, content) == outcome(_slowly, content)
