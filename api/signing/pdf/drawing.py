"""What a filled text field looks like: a function of nothing but its value and the signed form."""

import re
from dataclasses import dataclass
from typing import Any

from api.signing.pdf.errors import NotDrawable
from api.signing.pdf.objects import entry
from api.signing.pdf.typeface import encode

_SMALLEST = 7.0
_APPEARANCE = re.compile(r"^/(KG\w+) (\d+(?:\.\d+)?) Tf 0 g$")


@dataclass(frozen=True, slots=True)
class Pen:
    """The font, size, place and alignment that the form gives to one text field."""

    font: str
    size: float
    width: float
    height: float
    centred: bool
    widths: tuple[int, ...]


def pen_of(field: Any, form: Any) -> Pen:
    """Read the pen from the field's dictionary and the form's resources."""
    match = _APPEARANCE.match(str(field["/DA"]))
    if match is None:
        raise NotDrawable(why="field")
    font = form["/DR"]["/Font"][f"/{match[1]}"]
    left, bottom, right, top = (float(edge) for edge in field["/Rect"])
    return Pen(
        font=match[1],
        size=float(match[2]),
        width=right - left,
        height=top - bottom,
        centred=int(entry(field, "/Q", 0)) == 1,
        widths=tuple(int(width) for width in font["/DescendantFonts"][0]["/W"][1]),
    )


def draw(text: str, pen: Pen) -> bytes:
    """Return the content stream that shows `text`; equal input gives equal bytes."""
    codes = encode(text)
    full = sum(pen.widths[code - 1] for code in codes) / 1000
    size = pen.size if full * pen.size <= pen.width else pen.width / full
    if size < _SMALLEST:
        raise NotDrawable(why="too_long")
    left = (pen.width - full * size) / 2 if pen.centred else 0
    base = (pen.height - size) / 2 + 0.22 * size
    shown = "".join(f"{code:04X}" for code in codes)
    lines = (
        f"/Tx BMC q BT /{pen.font} {size:.2f} Tf 0 g {left:.2f} {base:.2f} Td <{shown}> Tj ET Q EMC"
    )
    return lines.encode("ascii")
