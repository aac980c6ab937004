"""Lines as the eye sees them: what stands far apart on one height is not one line."""

import unicodedata

import pypdfium2
from pypdfium2 import raw

from api.documents.words import GAP as _GAP
from api.documents.words import PARTS, Word

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


def words_on(textpage: pypdfium2.PdfTextPage, size: tuple[float, float]) -> list[Word]:
    """Return the words of a page with their places, columns on lines of their own."""
    words: list[Word] = []
    signs: list[str] = []
    boxes: list[tuple[float, float, float, float]] = []
    line = 0

    def finish() -> None:
        if signs:
            words.append(_word("".join(signs), line, boxes, size))
            signs.clear()
            boxes.clear()

    edge: float | None = None
    for index in range(textpage.count_chars()):
        sign = _sign(textpage, index)
        if sign.isspace():
            finish()
            if sign in "\r\n":
                line, edge = line + 1, None
            continue
        box = textpage.get_charbox(index, loose=True)
        if edge is not None and box[0] - edge > _GAP * (box[3] - box[1]):
            finish()
            line += 1
        if raw.FPDFText_IsHyphen(textpage, index) == 1:
            sign = "-"
        signs.append(sign)
        boxes.append(box)
        edge = box[2]
    finish()
    return words


def _word(
    text: str,
    line: int,
    boxes: list[tuple[float, float, float, float]],
    size: tuple[float, float],
) -> Word:
    width, height = max(size[0], 1.0), max(size[1], 1.0)

    def part(value: float, of: float) -> int:
        return max(0, min(PARTS, round(value * PARTS / of)))

    return Word(
        unicodedata.normalize("NFC", text),
        100,
        line,
        part(min(box[0] for box in boxes), width),
        part(height - max(box[3] for box in boxes), height),
        part(max(box[2] for box in boxes), width),
        part(height - min(box[1] for box in boxes), height),
    )


def _sign(textpage: pypdfium2.PdfTextPage, index: int) -> str:
    code = raw.FPDFText_GetUnicode(textpage, index)
    try:
        return chr(code).encode().decode() or " "
    except (ValueError, UnicodeEncodeError):  # half of a pair, or no sign at all
        return " "
