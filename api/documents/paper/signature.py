"""Pictures that look like signatures, for officials who have not handed in their own."""

import math
from hashlib import sha256
from io import BytesIO
from itertools import pairwise
from random import Random

from PIL import Image, ImageDraw

_SIZE = (600, 272)
#: Drawn larger and made smaller, for smooth edges.
_FINE = 2
_INK = (24, 48, 160, 255)

Point = tuple[float, float]


def draw(name: str) -> bytes:
    """See `sandboxed.signature_image`; the same name gives the same picture."""
    chance = Random(sha256(name.encode()).digest())  # noqa: S311 - a drawing, no secret
    width, height = (side * _FINE for side in _SIZE)
    picture = Image.new("RGBA", (width, height), (*_INK[:3], 0))
    pen = ImageDraw.Draw(picture)
    for path in (_letters(name, chance), _flourish(chance)):
        _ink(pen, [(x * width, y * height) for x, y in path], chance)
    out = BytesIO()
    drawn = picture.crop(picture.getbbox())  # the ink fills its field, and the seal a third of it
    drawn.resize(_SIZE, Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()


def _letters(name: str, chance: Random) -> list[Point]:
    """Return one running line that loops for each letter of the given name, in the unit square."""
    given = name.rsplit(maxsplit=1)[-1:] or [""]
    loops = max(3, min(7, len(given[0]) + 1))
    high = [chance.uniform(0.10, 0.20) for _ in range(loops)]
    high[0] = chance.uniform(0.28, 0.34)
    turn = chance.uniform(-0.4, 0.4)
    steps = 60
    points = []
    for step in range(loops * steps):
        loop, angle = step // steps, 2 * math.pi * step / steps + turn
        along = 0.14 + 0.62 * step / (loops * steps)
        x = along + 0.045 * math.sin(angle)
        points.append((x, 0.60 - 0.15 * along - 1.5 * high[loop] * math.sin(angle / 2 + 0.3) ** 2))
    return points


def _flourish(chance: Random) -> list[Point]:
    """Return the stroke under the name that swings back and out to the right."""
    dip, rise = chance.uniform(0.74, 0.88), chance.uniform(0.22, 0.38)
    corners = [(0.76, 0.46), (0.30, dip + 0.15), (0.16, dip), (0.55, dip - 0.12), (0.94, rise)]
    return [_between(corners, step / 120) for step in range(121)]


def _between(corners: list[Point], share: float) -> Point:
    """Return a point of the Bézier curve."""
    while len(corners) > 1:
        corners = [
            (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)
            for a, b in pairwise(corners)
        ]
    return corners[0]


def _ink(pen: ImageDraw.ImageDraw, path: list[Point], chance: Random) -> None:
    """Draw a stroke that is thicker where the pen goes down."""
    phase = chance.uniform(0, math.pi)
    for number, (start, end) in enumerate(pairwise(path)):
        down = max(0.0, end[1] - start[1]) / (math.dist(start, end) or 1)
        thick = _FINE * (2.2 + 2.6 * down + 0.5 * math.sin(number / 23 + phase))
        pen.line((start, end), fill=_INK, width=round(thick))
        radius = thick / 2
        pen.ellipse((end[0] - radius, end[1] - radius, end[0] + radius, end[1] + radius), fill=_INK)
