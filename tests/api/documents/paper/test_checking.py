"""The QR code on a paper of ours: a reader of codes reads it, from the page as it is seen."""

from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageFilter

from api.documents.paper import attach, write_decision, write_letter
from tests.support.papers import decision_page, letter
from tests.support.pdfs import written

SHORT = "http://localhost:8000/v/ZlXyaIxxDBjjR63MvgYx0g"
LONG = "https://van-phong-dien-tu.bo-tai-nguyen-va-moi-truong.example.vn/v/_-XyaIxxDBjjR63MvgYx0g"


def drawn(path: Path, page: int = 0, *, dots: int = 150) -> Image.Image:
    document = pypdfium2.PdfDocument(path)
    try:
        picture: Image.Image = document[page].render(scale=dots / 72).to_pil()
        return picture
    finally:
        document.close()


def read(picture: Image.Image) -> list[str]:
    return [each.text for each in zxingcpp.read_barcodes(picture)]


@pytest.mark.parametrize("address", [SHORT, LONG])
def test_the_code_is_read_from_the_page(tmp_path: Path, address: str) -> None:
    write_decision(decision_page(checked_at=address), tmp_path / "a.pdf")

    assert read(drawn(tmp_path / "a.pdf")) == [address]


def test_the_code_is_read_from_a_poor_copy(tmp_path: Path) -> None:
    write_decision(decision_page(checked_at=SHORT), tmp_path / "a.pdf")
    copy = drawn(tmp_path / "a.pdf", dots=200).convert("L").filter(ImageFilter.GaussianBlur(1))

    assert read(copy.rotate(4, expand=True, fillcolor=255)) == [SHORT]


def test_only_the_first_page_shows_it_and_an_annex_leaves_it_there(tmp_path: Path) -> None:
    page = decision_page(checked_at=SHORT, articles=["Một điều dài. " * 60] * 8)
    write_decision(page, tmp_path / "a.pdf")
    written(tmp_path / "annex.pdf", ["Phụ lục"])
    count = attach(tmp_path / "a.pdf", tmp_path / "annex.pdf", tmp_path / "whole.pdf")

    found = [read(drawn(tmp_path / "whole.pdf", number)) for number in range(count)]

    assert count > 2
    assert found == [[SHORT], *([] for _ in range(count - 1))]


def test_a_paper_without_an_address_shows_none(tmp_path: Path) -> None:
    write_decision(decision_page(), tmp_path / "a.pdf")
    write_letter(letter(), tmp_path / "b.pdf")

    assert read(drawn(tmp_path / "a.pdf")) == read(drawn(tmp_path / "b.pdf")) == []


def test_the_code_stands_in_the_margin_where_nothing_else_is(tmp_path: Path) -> None:
    without = write_decision(decision_page(), tmp_path / "a.pdf")
    with_code = write_decision(decision_page(checked_at=SHORT), tmp_path / "b.pdf")

    assert with_code == without
