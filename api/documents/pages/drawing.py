"""Pictures of pages for phones."""

from io import BytesIO
from pathlib import Path

from api.documents.pages.opening import opened, shown_page

#: Pixels; the widths that phones may ask for.
WIDTHS = (480, 960, 1440)
#: No picture is higher than so many times its width, however long the page.
_TALLEST = 4
_QUALITY = 75


def render_page(path: Path, index: int, width: int) -> bytes:
    """Return a page as JPEG, `width` pixels wide, with annotations and signatures drawn.

    Raises:
        NotFound: there is no such page.
    """
    if width not in WIDTHS:
        raise ValueError(width)
    with opened(path) as document, shown_page(document, index) as page:
        bitmap = page.render(scale=_scale(page.get_size(), width))
        picture = BytesIO()
        bitmap.to_pil().convert("RGB").save(picture, "JPEG", quality=_QUALITY)
        return picture.getvalue()


def _scale(size: tuple[float, float], width: int) -> float:
    # pdfium rounds up: a hair less gives the very width.
    by_width = (width - 0.01) / max(size[0], 1.0)
    by_height = (width * _TALLEST - 0.01) / max(size[1], 1.0)
    return min(by_width, by_height)
