"""Pictures that look like the round red seals of agencies, for the demo ministry."""

import math
import unicodedata
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from api.documents.paper import fonts

_SIZE = 400
_FINE = 2
_INK = (204, 16, 24, 255)
_NOTHING = (*_INK[:3], 0)
_STATE = "* C.H.X.H.C.N. VIỆT NAM *"


def draw(agency: str) -> bytes:
    """See `sandboxed.seal_image`; the same agency gives the same picture."""
    side = _SIZE * _FINE
    picture = Image.new("RGBA", (side, side), _NOTHING)
    pen = ImageDraw.Draw(picture)
    for share, width in ((0.499, 9), (0.475, 3), (0.30, 4)):
        _ring(pen, side, share * side, width * _FINE // 2)
    _star(pen, side / 2, 0.20 * side)
    words = unicodedata.normalize("NFC", " ".join(agency.split())).upper()
    _around(picture, words, radius=0.383 * side, turn=-90, most=232)
    _around(picture, _STATE, radius=0.383 * side, turn=90, most=110)
    out = BytesIO()
    picture.resize((_SIZE, _SIZE), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()


def _ring(pen: ImageDraw.ImageDraw, side: int, radius: float, width: int) -> None:
    low, high = side / 2 - radius, side / 2 + radius
    pen.ellipse((low, low, high, high), outline=_INK, width=width)


def _star(pen: ImageDraw.ImageDraw, middle: float, radius: float) -> None:
    corners = []
    for corner in range(10):
        length = radius if corner % 2 == 0 else radius * 0.382
        angle = math.radians(-90 + 36 * corner)
        corners.append((middle + length * math.cos(angle), middle + length * math.sin(angle)))
    pen.polygon(corners, fill=_INK)


def _around(picture: Image.Image, words: str, *, radius: float, turn: float, most: float) -> None:
    """Write along the circle, centred at `turn` degrees, over at most so many degrees.

    The upper half reads clockwise; the lower one counter-clockwise, so that it stands upright.
    """
    upright = 1 if turn < 0 else -1
    size = 0.088 * picture.width
    widths = _widths(words, size)
    full = math.degrees(sum(widths) / radius)
    if full > most:
        size *= most / full
        widths = _widths(words, size)
    angle = turn - upright * math.degrees(sum(widths) / radius) / 2
    for letter, width in zip(words, widths, strict=True):
        half = upright * math.degrees(width / radius) / 2
        _stamp(picture, letter, size, radius, angle=angle + half, lean=upright)
        angle += 2 * half


def _widths(words: str, size: float) -> list[float]:
    font = ImageFont.truetype(str(fonts.BOLD), size)
    return [font.getlength(letter) * 1.12 for letter in words]


def _stamp(
    picture: Image.Image, letter: str, size: float, radius: float, *, angle: float, lean: int
) -> None:
    tile = Image.new("RGBA", (int(size * 2.2),) * 2, _NOTHING)
    font = ImageFont.truetype(str(fonts.BOLD), size)
    middle = tile.width / 2
    # Set on the baseline, so that marks over and under letters keep their height.
    base = (middle, middle + size * 0.33)
    ImageDraw.Draw(tile).text(base, letter, fill=_INK, font=font, anchor="ms")
    turned = tile.rotate(-(angle + 90 * lean), Image.Resampling.BICUBIC)
    x = picture.width / 2 + radius * math.cos(math.radians(angle)) - middle
    y = picture.width / 2 + radius * math.sin(math.radians(angle)) - middle
    picture.alpha_composite(turned, (round(x), round(y)))
