"""What stands in frames: OCR passes over framed words as if they were figures, stamps among them.

Frames are looked for in all ink, and in red ink alone, so that a stamp over black words is seen
too. What stands inside is put on one picture, frames left out, for OCR to read again.
"""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from PIL import Image, ImageChops, ImageFilter

_INCH = 25.4
#: A stamp's frame in millimetres: 20 by 8 and 40 by 8 in the decree's annex, drawn freely by hand.
_WIDTHS = (11.0, 75.0)
_HEIGHTS = (4.5, 22.0)
#: A line is looked for in pieces of so many pixels; so many in a row make one.
_PIECE = 12
_PIECES = 6
_FULL = 250
#: Rows over which one line may spread.
_THICKEST = 12
_INK = 150
#: Red by so much more than green and blue.
_REDNESS = 55
#: Left and right ends of top and bottom may differ by so much of the width.
_ASKEW = 0.2
_MARGIN = 24
#: A page of tables has many cells; a stamp is among the first, since it stands at the top.
_MOST = 60


class _Edge(NamedTuple):
    left: int
    right: int
    y: int


def framed(picture: Image.Image, dots: int) -> Image.Image | None:
    """Return what stands in frames on a page, one below the other; None where there are none."""
    inks = (_dark(picture), _red(picture))
    pieces = [ink.crop(box) for ink in inks if ink for box in islice(_frames(ink, dots), _MOST)]
    return _stacked(pieces) if pieces else None


def _dark(picture: Image.Image) -> Image.Image:
    return picture.convert("L").point(lambda grey: 255 if grey < _INK else 0)


def _red(picture: Image.Image) -> Image.Image | None:
    if picture.mode != "RGB":
        return None
    red, green, blue = picture.split()
    more = ImageChops.subtract(red, ImageChops.lighter(green, blue))
    ink = more.point(lambda value: 255 if value > _REDNESS else 0)
    return ink if ink.getbbox() else None


def _frames(ink: Image.Image, dots: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield the insides of the frames of a stamp's size, from the top of the page."""
    millimetre = dots / _INCH
    edges = _edges(ink)
    for number, top in enumerate(edges):
        width = top.right - top.left
        if not _WIDTHS[0] * millimetre <= width <= _WIDTHS[1] * millimetre:
            continue
        for bottom in edges[number + 1 :]:
            if bottom.y - top.y > _HEIGHTS[1] * millimetre:
                break
            if bottom.y - top.y >= _HEIGHTS[0] * millimetre and _over(top, bottom, width):
                inset = round(0.6 * millimetre)
                yield (
                    max(top.left, bottom.left) + inset,
                    top.y + inset,
                    min(top.right, bottom.right) - inset,
                    bottom.y - inset,
                )
                break


def _over(top: _Edge, bottom: _Edge, width: int) -> bool:
    slack = _ASKEW * width
    return abs(top.left - bottom.left) <= slack and abs(top.right - bottom.right) <= slack


def _edges(ink: Image.Image) -> list[_Edge]:
    """Return the level lines from the top; one that is a little askew is still one."""
    thick = ink.filter(ImageFilter.MaxFilter(5))
    reduced = thick.resize((ink.width // _PIECE, ink.height), Image.Resampling.BOX)
    rows = reduced.point(lambda value: 1 if value > _FULL else 0)
    found: list[_Edge] = []
    open_since = 0
    for y, left, right in _runs(rows):
        while open_since < len(found) and y - found[open_since].y > _THICKEST:
            open_since += 1
        near = (n for n in range(open_since, len(found)) if _touch(found[n], left, right))
        known = next(near, None)
        if known is None:
            found.append(_Edge(left, right, y))
        else:
            edge = found[known]
            found[known] = _Edge(min(edge.left, left), max(edge.right, right), edge.y)
    return found


def _runs(rows: Image.Image) -> Iterator[tuple[int, int, int]]:
    """Yield where in which row pieces full of ink follow each other: row, left, right."""
    data, width = rows.tobytes(), rows.width
    for y in range(rows.height):
        row = data[y * width : (y + 1) * width]
        start = row.find(b"\x01" * _PIECES)
        while start >= 0:
            end = row.find(b"\x00", start)
            end = width if end < 0 else end
            yield y, start * _PIECE, end * _PIECE
            start = row.find(b"\x01" * _PIECES, end)


def _touch(edge: _Edge, left: int, right: int) -> bool:
    return edge.left <= right and left <= edge.right


def _stacked(pieces: list[Image.Image]) -> Image.Image:
    width = max(piece.width for piece in pieces) + 2 * _MARGIN
    height = sum(piece.height + 2 * _MARGIN for piece in pieces)
    sheet = Image.new("L", (width, height), 255)
    y = 0
    for piece in pieces:
        sheet.paste(ImageChops.invert(piece), (_MARGIN, y + _MARGIN))
        y += piece.height + 2 * _MARGIN
    return sheet
