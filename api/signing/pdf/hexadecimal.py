"""Reading hexadecimal strings at once: signatures are long, and pyHanko reads digit by digit."""

from binascii import unhexlify
from typing import IO, Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_string

_CHUNK = 8 << 10
_MOST = 1 << 20
_DIGITS = b"0123456789abcdefABCDEF"
_slowly = generic.read_hex_string_from_stream


def read_hexadecimal(stream: IO[bytes]) -> Any:
    """Read a string of nothing but digits; whatever else there is, pyHanko reads itself."""
    start, found = stream.tell(), stream.read(_CHUNK)
    while b">" not in found and len(found) < _MOST and (more := stream.read(_CHUNK)):
        found += more
    text, end, _ = found.partition(b">")
    digits = text[1:]
    if end and len(digits) % 2 == 0 and not digits.translate(None, _DIGITS):
        stream.seek(start + len(text) + 1)
        return pdf_string(unhexlify(digits))
    stream.seek(start)
    return _slowly(stream)


def read_quickly() -> None:
    """Have pyHanko read so in this process; done again it changes nothing."""
    generic.read_hex_string_from_stream = read_hexadecimal
