"""Lines as the eye sees them: what stands far apart on one height is not one line."""

import pypdfium2
from pypdfium2 import raw

#: A gap wider than this many times the letters' height parts two columns.
_GAP = 1.5
#: What pdfium gives for a hyphen at the end of a line, together with the end of the line.
BROKEN_WORD = "\ufffe"


def split_columns(textpage: pypdfium2.PdfTextPage) -> str:
    """Return the page's text with a line's columns on lines of their own."""
    signs: list[str] = []
    edge: float | None = None
    for index in range(textpage.count_chars()):
        sign = _sign(textpage, index)
        if sign in "\r\n" or raw.FPDFText_IsHyphen(textpage, index) == 1:
            signs.append("\n")
            edge = None
        elif sign.isspace():
            signs.append(sign)
        else:
            left, bottom, right, top = textpage.get_charbox(index, loose=True)
            if edge is not None and left - edge > _GAP * (top - bottom):
                signs.append("\n")
            signs.append(sign)
            edge = right
    return "".join(signs)


def _sign(textpage: pypdfium2.PdfTextPage, index: int) -> str:
    code = raw.FPDFText_GetUnicode(textpage, index)
    try:
        return chr(code).encode().decode() or " "
    except (ValueError, UnicodeEncodeError):  # half of a pair, or no sign at all
        return " "
