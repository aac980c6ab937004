"""From points on a page to pixels of its picture and back, turned and cut pages included."""

from ctypes import byref, c_int
from dataclasses import dataclass
from typing import Self

import pypdfium2
from pypdfium2 import raw

from api.signing.verify.rules import Rect

Box = tuple[int, int, int, int]
#: pdfium answers in whole pixels: ask for a picture so many times as large.
_FINE = 1000
_REACH = 1000.0


@dataclass(frozen=True, slots=True)
class Scale:
    """An affine map: x' = a x + c y + e, y' = b x + d y + f."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    @classmethod
    def of(cls, page: pypdfium2.PdfPage, size: tuple[int, int]) -> Self:
        """Read the map of a page that is drawn so many pixels wide and high."""
        (e, f), (right, below), (above_x, above_y) = (
            _to_pixels(page, size, *point) for point in ((0, 0), (_REACH, 0), (0, _REACH))
        )
        return cls(
            a=(right - e) / _REACH,
            b=(below - f) / _REACH,
            c=(above_x - e) / _REACH,
            d=(above_y - f) / _REACH,
            e=e,
            f=f,
        )

    def box(self, rect: Rect) -> Box:
        """Return the pixels of a rectangle."""
        left, bottom, right, top = rect
        xs, ys = zip(*(self._forth(x, y) for x, y in ((left, bottom), (right, top))), strict=True)
        return round(min(xs)), round(min(ys)), round(max(xs)), round(max(ys))

    def rect(self, box: Box) -> Rect:
        """Return the rectangle of some pixels."""
        left, top, right, bottom = box
        xs, ys = zip(*(self._back(x, y) for x, y in ((left, top), (right, bottom))), strict=True)
        return round(min(xs), 1), round(min(ys), 1), round(max(xs), 1), round(max(ys), 1)

    def _forth(self, x: float, y: float) -> tuple[float, float]:
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    def _back(self, x: float, y: float) -> tuple[float, float]:
        area = self.a * self.d - self.b * self.c
        x, y = x - self.e, y - self.f
        return (self.d * x - self.c * y) / area, (self.a * y - self.b * x) / area


def _to_pixels(
    page: pypdfium2.PdfPage, size: tuple[int, int], x: float, y: float
) -> tuple[float, float]:
    across, down = c_int(), c_int()
    wide, high = (length * _FINE for length in size)
    raw.FPDF_PageToDevice(page, 0, 0, wide, high, 0, x, y, byref(across), byref(down))
    return across.value / _FINE, down.value / _FINE
