"""What was written stands on the paper, in the layout of Decree 30/2020."""

import unicodedata
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from api.documents.pages.drawing import render_page
from api.documents.pages.reading import inspect, read_text
from api.documents.paper import Box, fonts, write_decision, write_letter
from api.documents.paper.errors import DoesNotFit
from tests.support.papers import decision_page, letter

TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
SMALL = "".join(
    unicodedata.normalize("NFC", vowel + tone) for vowel in "aăâeêioôơuưy" for tone in TONES
)
LETTERS = f"{SMALL}đ{SMALL.upper()}Đ"
MOTTO = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc"


def words_of(path: Path) -> list[str]:
    return " ".join(read_text(path)).split()


def words_in(path: Path, page: int, box: Box) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    try:
        return document[page].get_textpage().get_text_bounded(*box).split()  # type: ignore[no-any-return]
    finally:
        document.close()


def darkest_in(path: Path, page: int, box: Box) -> int:
    """Return the darkest value (0 is black) inside a box of a drawn page."""
    with Image.open(BytesIO(render_page(path, page, 1620))) as picture:
        scale = picture.width / 595.28
        left, bottom, right, top = (edge * scale for edge in box)
        low, high = picture.height - bottom, picture.height - top
        area = picture.convert("L").crop(
            (int(left) + 2, int(high) + 2, int(right) - 2, int(low) - 2)
        )
        return int(area.getextrema()[0])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "font", [fonts.UPRIGHT, fonts.BOLD, fonts.ITALIC, fonts.BOLD_ITALIC], ids=lambda path: path.stem
)
def test_every_cut_has_every_vietnamese_letter(font: Path) -> None:
    known = TTFont(font).getBestCmap()

    assert [sign for sign in LETTERS if ord(sign) not in known] == []
    assert font.stat().st_size < 400_000


def test_the_licence_of_the_fonts_lies_beside_them() -> None:
    licence = (fonts.UPRIGHT.parent / "OFL.txt").read_text()

    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "Reserved Font Name Liberation" in licence


def test_every_vietnamese_letter_is_read_back(tmp_path: Path) -> None:
    spaced = " ".join(LETTERS)

    write_letter(letter(body=[spaced]), tmp_path / "a.pdf")

    assert spaced in " ".join(words_of(tmp_path / "a.pdf"))


def test_a_decision_holds_all_that_was_ordered(tmp_path: Path) -> None:
    page = decision_page()

    written = write_decision(page, tmp_path / "a.pdf")

    text = " ".join(words_of(tmp_path / "a.pdf"))
    for part in (*page["grounds"], *page["articles"][:2], *page["recipients"], page["signer"]):
        assert part in text
    for part in (page["agency"].upper(), "QUYẾT ĐỊNH:", "Điều 3. Chánh", "KT. BỘ TRƯỞNG"):
        assert part in text
    assert text.count("./.") == 1
    assert written["pages"] == 1
    assert inspect(tmp_path / "a.pdf")["has_text"]


def test_agency_and_motto_stand_side_by_side(tmp_path: Path) -> None:
    write_decision(decision_page(), tmp_path / "a.pdf")

    assert " ".join(words_in(tmp_path / "a.pdf", 0, (290, 745, 560, 790))) == MOTTO
    assert words_in(tmp_path / "a.pdf", 0, (80, 745, 285, 790))[:2] == ["BỘ", "TÀI"]


@pytest.mark.parametrize("room", ["number", "date", "signature"])
def test_the_rooms_for_number_date_and_signature_are_blank(tmp_path: Path, room: str) -> None:
    written = write_decision(decision_page(), tmp_path / "a.pdf")
    page = written["signature_page" if room == "signature" else "head_page"]

    assert darkest_in(tmp_path / "a.pdf", page, written[room]) > 250  # type: ignore[literal-required]


def test_the_number_has_its_room_right_behind_its_word(tmp_path: Path) -> None:
    left, bottom, right, top = write_decision(decision_page(), tmp_path / "a.pdf")["number"]

    assert words_in(tmp_path / "a.pdf", 0, (left - 30, bottom, left, top)) == ["Số:"]
    assert right - left > 100


def test_the_seal_covers_the_left_third_of_the_signature(tmp_path: Path) -> None:
    written = write_decision(decision_page(), tmp_path / "a.pdf")

    signature, seal = written["signature"], written["seal"]
    assert seal[2] == pytest.approx(signature[0] + (signature[2] - signature[0]) / 3, abs=0.02)
    assert seal[2] - seal[0] == pytest.approx(36 * 72 / 25.4, abs=0.02)
    assert seal[3] - seal[1] == pytest.approx(36 * 72 / 25.4, abs=0.02)


def test_a_long_decision_is_signed_on_its_last_page_which_is_numbered(tmp_path: Path) -> None:
    articles = [f"Giao đơn vị thứ {n} thực hiện. " + "Nội dung chi tiết. " * 30 for n in range(9)]

    written = write_decision(decision_page(articles=articles), tmp_path / "a.pdf")

    pages = read_text(tmp_path / "a.pdf")
    assert written["head_page"] == 0
    assert written["signature_page"] == written["pages"] - 1 == len(pages) - 1 > 1
    assert [page.split()[0] for page in pages[1:]] == [str(n) for n in range(2, len(pages) + 1)]
    assert "Lê Minh Đức" in pages[-1]
    assert "./." in pages[-1]


@pytest.mark.parametrize("count", range(0, 26, 5))
def test_the_signature_never_stands_alone_on_a_page(tmp_path: Path, count: int) -> None:
    articles = ["Một dòng."] * (10 + count)

    write_decision(decision_page(articles=articles), tmp_path / "a.pdf")

    assert "./." in read_text(tmp_path / "a.pdf")[-1]


def test_articles_that_are_numbered_already_keep_their_numbers(tmp_path: Path) -> None:
    write_decision(decision_page(articles=["Điều 7. Bãi bỏ.", "Thi hành."]), tmp_path / "a.pdf")

    text = " ".join(words_of(tmp_path / "a.pdf"))
    assert "Điều 7. Bãi bỏ." in text
    assert "Điều 2. Thi hành./." in text


def test_where_nothing_is_decided_there_are_no_articles(tmp_path: Path) -> None:
    page = decision_page(kind="Thông báo", authority="", grounds=[], articles=["Ý kiến kết luận."])

    write_decision(page, tmp_path / "a.pdf")

    text = " ".join(words_of(tmp_path / "a.pdf"))
    assert "THÔNG BÁO Về việc" in text
    assert "Điều 1." not in text


def test_a_letter_of_ours_says_what_it_is_about_under_its_number(tmp_path: Path) -> None:
    page = decision_page(
        kind="", authority="", grounds=[], summary="góp ý dự thảo", addressees=["Bộ Tài chính"]
    )

    written = write_decision(page, tmp_path / "a.pdf")

    text = " ".join(words_of(tmp_path / "a.pdf"))
    assert "V/v góp ý dự thảo" in text
    assert "Kính gửi: Bộ Tài chính" in text
    assert darkest_in(tmp_path / "a.pdf", 0, written["number"]) > 250


def test_a_finished_letter_carries_number_date_and_urgency(tmp_path: Path) -> None:
    pages = write_letter(letter(urgency="HỎA TỐC"), tmp_path / "a.pdf")

    text = " ".join(words_of(tmp_path / "a.pdf"))
    for part in ("Số: 1245/BTC-HCSN", "Hà Nội, ngày 18 tháng 11 năm 2026", "HỎA TỐC"):
        assert part in text
    assert pages == 1


def test_a_letter_of_several_pages_says_how_many(tmp_path: Path) -> None:
    body = ["Đề nghị các cơ quan rà soát. " * 40] * 8

    pages = write_letter(letter(body=body), tmp_path / "a.pdf")

    assert pages == len(read_text(tmp_path / "a.pdf")) > 2


def test_equal_orders_give_equal_bytes(tmp_path: Path) -> None:
    write_decision(decision_page(), tmp_path / "a.pdf")
    write_letter(letter(), tmp_path / "between.pdf")
    write_decision(decision_page(), tmp_path / "b.pdf")

    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_more_recipients_than_the_page_is_high_are_written_smaller(tmp_path: Path) -> None:
    recipients = [f"Ủy ban nhân dân tỉnh thứ {number};" for number in range(63)]

    write_decision(decision_page(recipients=recipients), tmp_path / "a.pdf")

    assert recipients[-1] in " ".join(words_of(tmp_path / "a.pdf"))


SIGNS = st.sampled_from(f"{LETTERS}abcXYZ019.,;:()/-<&>\"' ")


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.lists(st.text(SIGNS, max_size=80), max_size=5))
def test_any_text_is_written_and_read_back(tmp_path: Path, articles: list[str]) -> None:
    write_decision(decision_page(authority="", articles=articles), tmp_path / "a.pdf")

    read = "".join(words_of(tmp_path / "a.pdf"))
    for text in articles[:-1]:
        assert "".join(text.split()) in read


@pytest.mark.parametrize(
    "text", ["x" * 300, "\x00\ufffe\u200b", "😀", "<b>&amp;</b><font size=999>", "a\u0301\u0302"]
)
def test_odd_text_breaks_nothing(tmp_path: Path, text: str) -> None:
    page = decision_page(agency=text, summary=text, articles=[text] * 2, recipients=[text])

    assert write_decision(page, tmp_path / "a.pdf")["pages"] >= 1


@pytest.mark.parametrize("part", ["agency", "signer"])
def test_a_head_or_foot_higher_than_a_page_is_refused(tmp_path: Path, part: str) -> None:
    with pytest.raises(DoesNotFit):
        write_decision(decision_page(**{part: "dài " * 3000}), tmp_path / "a.pdf")
