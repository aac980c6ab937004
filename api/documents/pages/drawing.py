"""Pictures of pages for phones."""

from io import BytesIO
from itertools import chain
from pathlib import Path

import pypdfium2
from PIL import Image
from pypdfium2 import raw

from api.documents.pages.frames import framed
from api.documents.pages.opening import opened, page_of, shown_page
from api.documents.pages.sandboxed import DrawnScan

#: Pixels; the widths that phones may ask for.
THUMBNAIL, PHONE, TABLET = 320, 1080, 1620
WIDTHS = (THUMBNAIL, PHONE, TABLET)
#: No picture is higher than so many times its width, however long the page.
_TALLEST = 4
_QUALITY = 75
#: A list of documents shows many thumbnails over a slow line.
LARGEST_THUMBNAIL = 20 * 1024
_POORER = (60, 40, 25, 10, 1)
_POINTS_PER_INCH = 72
#: Signs of writing cannot be told on larger pictures either; A3 at 200 dots has 8 million.
_MOST_PIXELS = 16_000_000
#: Darker than this is ink; a page with less ink than one in so many pixels is blank.
_INK = 128
_SPECK = 20_000


def render_page(path: Path, index: int, width: int) -> bytes:
    """Return a page as JPEG, `width` pixels wide, with annotations and signatures drawn.

    Raises:
        NotFound: there is no such page.
    """
    if width not in WIDTHS:
        raise ValueError(width)
    with opened(path) as document, shown_page(document, index) as page:
        bitmap = page.render(scale=_scale(page.get_size(), width))
        picture = bitmap.to_pil().convert("RGB")
    drawn = _as_jpeg(picture, _QUALITY)
    if width != THUMBNAIL:
        return drawn
    smaller = (_as_jpeg(picture, quality) for quality in _POORER)
    candidates = chain((drawn,), smaller)
    return next((each for each in candidates if len(each) <= LARGEST_THUMBNAIL), drawn)


def _as_jpeg(picture: Image.Image, quality: int) -> bytes:
    written = BytesIO()
    picture.save(written, "JPEG", quality=quality)
    return written.getvalue()


def _scale(size: tuple[float, float], width: int) -> float:
    # pdfium rounds up: a hair less gives the very width.
    by_width = (width - 0.01) / max(size[0], 1.0)
    by_height = (width * _TALLEST - 0.01) / max(size[1], 1.0)
    return min(by_width, by_height)


def draw_for_reading(path: Path, index: int, dots: int, folder: Path) -> DrawnScan:
    """Draw a page for OCR into a folder: bare, as it is seen, and what stands in frames.

    Bare it is read best: the mark that a portal lays over a page hides words. The other pictures
    are looked at for stamps alone.
    """
    with opened(path) as document:
        with page_of(document, index) as page:
            has_annotations = bool(raw.FPDFPage_GetAnnotCount(page) > 0)
            bare = _picture(page, dots, draw_annots=False)
        seen = bare
        if has_annotations:
            with shown_page(document, index) as page:
                seen = _picture(page, dots, draw_annots=True)
    others = [framed(seen, dots), seen if has_annotations else None]
    stamped = [_saved(picture, folder / f"{n}.png") for n, picture in enumerate(others) if picture]
    grey = bare.convert("L")
    ink = sum(grey.histogram()[:_INK])
    is_blank = ink * _SPECK < grey.width * grey.height
    return {"is_blank": is_blank, "bare": _saved(grey, folder / "bare.png"), "stamped": stamped}


def _picture(page: pypdfium2.PdfPage, dots: int, *, draw_annots: bool) -> Image.Image:
    width, height = page.get_size()
    most = (_MOST_PIXELS / max(width * height, 1.0)) ** 0.5
    bitmap = page.render(scale=min(dots / _POINTS_PER_INCH, most), draw_annots=draw_annots)
    picture: Image.Image = bitmap.to_pil().convert("RGB")
    return picture


def _saved(picture: Image.Image, target: Path) -> str:
    picture.convert("L").save(target, "PNG", compress_level=1)
    return target.name
