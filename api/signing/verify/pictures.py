"""What a reader sees: the pages as they were signed against the pages as they are now.

The third judge, and a program of its own (pdfium): an attack that makes one parser see other
objects than another must deceive both. Places that may change are left out of the comparison.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import IO, Self

import pypdfium2
from PIL import Image, ImageChops, ImageDraw

from api.documents.pages.opening import shown_page
from api.signing.verify.rules import Place, Rect
from api.signing.verify.scale import Box, Scale
from core.errors import AppError

#: So many pages are drawn for one file; a page has at most so many pixels.
MOST = 400
_PIXELS = 700_000
#: So many pictures are held at once: 2 MB each.
_REMEMBERED = 16
#: Of 255: what differs less is the rounding of soft edges.
_TOLERANCE = 40
_INK = 160
#: So much of what was printed may vanish below a field that somebody added.
_MAY_VANISH = 0.02
_MARGIN = 2
Masks = Mapping[int, Sequence[Rect]]


class Unseen(Exception):
    """A revision cannot be drawn."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """Where pages may differ: in fields that were there, and in fields that were added."""

    filled: Masks = field(default_factory=dict)
    added: Masks = field(default_factory=dict)


@dataclass
class Gallery:
    """Compares the pages of a file at the ends of its revisions.

    Attributes:
        stream: the whole file.
        size: how long it is.
        left: how many pages may still be drawn.
    """

    stream: IO[bytes]
    size: int
    left: int = MOST
    _drawn: dict[int, "_Sheet"] = field(default_factory=dict, init=False, repr=False)

    def differences(self, end: int, allowed: Allowed) -> list[Place]:
        """Name the pages that look different from those of the revision that ended at `end`.

        Raises:
            Unseen: one of the two revisions cannot be drawn.
        """
        try:
            with closing(self._opened(end)) as old, closing(self._opened(self.size)) as new:
                return list(self._between(old, new, allowed))
        except (pypdfium2.PdfiumError, AppError, OSError, ValueError) as broken:
            raise Unseen from broken

    def _between(
        self, old: pypdfium2.PdfDocument, new: pypdfium2.PdfDocument, allowed: Allowed
    ) -> Iterator[Place]:
        both = min(len(old), len(new))
        for number in range(both):
            self.left -= 1 if number in self._drawn else 2
            if self.left >= 0:
                yield from _page(_Sheet.of(old, number), self._now(new, number), number, allowed)
        yield from (Place(page=number) for number in range(both, max(len(old), len(new))))

    def _now(self, new: pypdfium2.PdfDocument, number: int) -> "_Sheet":
        """Return a page as it is now; every signature is held against the same picture."""
        if number not in self._drawn:
            sheet = _Sheet.of(new, number)
            if len(self._drawn) >= _REMEMBERED:
                return sheet
            self._drawn[number] = sheet
        return self._drawn[number]

    def _opened(self, end: int) -> pypdfium2.PdfDocument:
        self.stream.seek(0)
        return pypdfium2.PdfDocument(self.stream.read(end))


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One page as it is seen."""

    picture: Image.Image
    scale: Scale

    @classmethod
    def of(cls, document: pypdfium2.PdfDocument, number: int) -> Self:
        with shown_page(document, number) as page:
            width, height = page.get_size()
            factor = min(1.0, (_PIXELS / max(width * height, 1.0)) ** 0.5)
            picture = page.render(scale=factor).to_pil().convert("RGB")
            return cls(picture, Scale.of(page, picture.size))


def _page(before: "_Sheet", after: "_Sheet", number: int, allowed: Allowed) -> Iterator[Place]:
    if before.picture.size != after.picture.size:
        yield Place(page=number)
        return
    added = allowed.added.get(number, ())
    for rect in added:
        if _has_vanished(before, after, before.scale.box(rect)):
            yield Place(page=number, rect=rect)
    masks = [before.scale.box(rect) for rect in (*allowed.filled.get(number, ()), *added)]
    box = _difference(before, after, masks)
    if box is not None:
        yield Place(page=number, rect=before.scale.rect(box))


def _difference(before: _Sheet, after: _Sheet, masks: Sequence[Box]) -> Box | None:
    """Return where two pictures differ, beside what may."""
    difference = ImageChops.difference(before.picture, after.picture)
    pen = ImageDraw.Draw(difference)
    for left, top, right, bottom in masks:
        corners = (left - _MARGIN, top - _MARGIN, right + _MARGIN, bottom + _MARGIN)
        pen.rectangle(corners, fill=(0, 0, 0))
    bands = [band.point(_beyond_tolerance) for band in difference.split()]
    return ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2]).getbbox()


def _has_vanished(before: _Sheet, after: _Sheet, box: Box) -> bool:
    """Tell whether print has vanished below a field that was added: white may cover it."""
    older, newer = (sheet.picture.convert("L").crop(box) for sheet in (before, after))
    ink = older.point(_is_ink)
    gone = ImageChops.multiply(ink, ImageChops.invert(newer.point(_is_ink)))
    printed, vanished = ink.histogram()[255], gone.histogram()[255]
    return printed > 0 and vanished > printed * _MAY_VANISH


def _beyond_tolerance(value: float) -> int:
    return 255 if value > _TOLERANCE else 0


def _is_ink(value: float) -> int:
    return 255 if value < _INK else 0
