"""Pages as they were signed against pages as they are: what the eye would see."""

from io import BytesIO

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.signing.verify.pictures import Allowed, Gallery, Unseen
from api.signing.verify.rules import Place, Rect
from api.signing.verify.scale import Scale
from tests.support.revisions import begun, revised, stream

#: A page that is neither at the origin nor upright.
BOXES = "/MediaBox [0 0 400 600] /CropBox [20 30 380 580]"
INK = "0 0 0 rg 100 200 60 20 re f"


def paper(content: str, *, turned: int = 0) -> dict[int, str]:
    return {
        1: "<< /Type /Catalog /Pages 2 0 R >>",
        2: "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: f"<< /Type /Page /Parent 2 0 R {BOXES} /Rotate {turned} /Contents 4 0 R >>",
        4: stream(content),
        15: "<< >>",
    }


def compare(
    before: str, after: str, allowed: Allowed | None = None, turned: int = 0
) -> list[Place]:
    first = begun(paper(before, turned=turned))
    whole = revised(first, {4: stream(after)})
    gallery = Gallery(BytesIO(whole), len(whole))
    return gallery.differences(len(first), allowed or Allowed())


def holds(outer: Rect, inner: Rect) -> bool:
    left, bottom, right, top = outer
    return (
        left - 2 <= inner[0]
        and bottom - 2 <= inner[1]
        and inner[2] <= right + 2
        and inner[3] <= top + 2
    )


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_difference_is_told_in_the_points_of_the_page(turned: int) -> None:
    (found,) = compare("", INK, turned=turned)

    assert found.page == 0
    assert found.rect is not None
    assert holds((100, 200, 160, 220), found.rect)
    assert holds(found.rect, (102, 202, 158, 218))


def test_equal_pages_have_no_difference_however_they_are_written() -> None:
    assert compare(INK, f"q {INK} Q") == []


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_field_that_was_there_may_be_filled(turned: int) -> None:
    allowed = Allowed(filled={0: [(100, 200, 160, 220)]})

    assert compare("", INK, allowed, turned) == []
    assert compare("", f"{INK} 300 300 20 20 re f", allowed, turned) != []


def test_a_field_that_was_added_may_not_make_print_vanish() -> None:
    allowed = Allowed(added={0: [(90, 190, 200, 260)]})
    stamped = f"{INK} 1 0 0 rg 150 230 30 20 re f"
    covered = f"{INK} 1 1 1 rg 100 200 30 20 re f"

    assert compare(INK, stamped, allowed) == []
    assert compare(INK, covered, allowed) == [Place(page=0, rect=(90, 190, 200, 260))]


def test_a_page_that_came_or_went_is_told() -> None:
    first = begun(paper(INK))
    whole = revised(first, {2: "<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 >>"})

    assert Gallery(BytesIO(whole), len(whole)).differences(len(first), Allowed()) == [Place(page=1)]


def test_a_page_of_another_size_is_told() -> None:
    first = begun(paper(INK))
    page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 900 600] /Contents 4 0 R >>"
    whole = revised(first, {3: page})

    assert Gallery(BytesIO(whole), len(whole)).differences(len(first), Allowed()) == [Place(page=0)]


def test_what_cannot_be_drawn_is_said_so() -> None:
    with pytest.raises(Unseen):
        Gallery(BytesIO(b"%PDF-1.7\nnothing"), 16).differences(12, Allowed())


def test_no_more_pages_are_drawn_than_may_be() -> None:
    first = begun(paper(INK))
    whole = revised(first, {4: stream("")})
    gallery = Gallery(BytesIO(whole), len(whole), left=3)

    assert gallery.differences(len(first), Allowed()) != []
    assert gallery.differences(len(first), Allowed()) != [], "the page as it is now is drawn once"
    assert gallery.left == 0
    assert gallery.differences(len(first), Allowed()) == []


@given(
    x=st.floats(20, 300), y=st.floats(30, 500), wide=st.floats(2, 60), high=st.floats(2, 60),
    turned=st.sampled_from([0, 90, 180, 270]),
)  # fmt: skip
def test_a_rectangle_comes_back_from_the_picture(
    x: float, y: float, wide: float, high: float, turned: int
) -> None:
    document = pypdfium2.PdfDocument(begun(paper("", turned=turned)))
    page = document[0]
    try:
        scale = Scale.of(page, page.render(scale=2).to_pil().size)
    finally:
        page.close()
        document.close()

    back = scale.rect(scale.box((x, y, x + wide, y + high)))

    assert back == pytest.approx((x, y, x + wide, y + high), abs=0.6)
