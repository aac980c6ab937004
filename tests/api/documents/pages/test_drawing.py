"""Pictures of pages for phones."""

from io import BytesIO
from math import ceil
from pathlib import Path

import pytest
from PIL import Image

from api.documents.pages.drawing import LARGEST_THUMBNAIL, THUMBNAIL, WIDTHS, render_page
from core.errors import NotFound
from tests.api.documents.pages.test_reading import with_note
from tests.support.pdfs import raw_pdf, size_of, written


@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_is_drawn_as_wide_as_asked(tmp_path: Path, width: int) -> None:
    picture = render_page(written(tmp_path / "a.pdf", ["Một"]), 0, width)

    assert picture.startswith(b"\xff\xd8")
    assert size_of(picture) == (width, ceil(width * 841.89 / 595.28 - 0.01))


def test_a_page_is_drawn_from_its_own_content(tmp_path: Path) -> None:
    path = tmp_path / "red.pdf"
    path.write_bytes(raw_pdf(b"1 0 0 rg 0 0 612 792 re f"))

    with Image.open(BytesIO(render_page(path, 0, 320))) as image:
        red, green, blue = image.getpixel((240, 300))  # type: ignore[misc]

    assert red > 240
    assert max(green, blue) < 15


@pytest.mark.parametrize("kind", ["/FreeText", "/Widget"])
def test_annotations_and_signatures_are_drawn(tmp_path: Path, kind: str) -> None:
    plain = render_page(written(tmp_path / "a.pdf", ["Một"]), 0, 320)

    assert render_page(with_note(tmp_path / "a.pdf", b"shown", kind), 0, 320) != plain


@pytest.mark.parametrize("size", [(10_000_000, 10_000_000), (1, 10_000_000), (1, 1), (0, 0)])
def test_a_page_of_any_size_is_drawn_within_bounds(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "huge.pdf"
    path.write_bytes(raw_pdf(b"0 0 1 1 re f", size))

    width, height = size_of(render_page(path, 0, 320))

    assert width <= 320
    assert height <= 320 * 4


def test_a_page_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        render_page(written(tmp_path / "a.pdf", ["Một"]), 1, 320)


def test_only_the_offered_widths_are_drawn(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="481"):
        render_page(written(tmp_path / "a.pdf", ["Một"]), 0, 481)


def test_the_thumbnail_of_any_page_is_small(tmp_path: Path) -> None:
    noise = Image.effect_noise((1240, 1754), 120).convert("RGB")
    noise.save(tmp_path / "noise.pdf", "PDF", resolution=150)

    assert len(render_page(tmp_path / "noise.pdf", 0, THUMBNAIL)) <= LARGEST_THUMBNAIL
