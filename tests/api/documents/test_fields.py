"""The fields of a document are proposed from its layout, with the place and how sure that is."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.documents.fields import Field, propose
from api.documents.words import PARTS, Box, Line

LEFT, RIGHT, WIDE = (500, 4500), (5200, 9500), (1000, 9000)
DECISION = (
    (LEFT, "ỦY BAN NHÂN DÂN"),
    (RIGHT, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
    (LEFT, "TỈNH PHÚ THỌ"),
    (RIGHT, "Độc lập - Tự do - Hạnh phúc"),
    (LEFT, "Số: 28/2023/QĐ-UBND"),
    (RIGHT, "Phú Thọ, ngày 21 tháng 12 năm 2023"),
    (WIDE, "QUYẾT ĐỊNH"),
    (WIDE, "Quy định hệ số điều chỉnh giá đất năm 2024"),
    (WIDE, "trên địa bàn tỉnh Phú Thọ"),
    (WIDE, "ỦY BAN NHÂN DÂN TỈNH PHÚ THỌ"),
    (WIDE, "Căn cứ Luật Đất đai ngày 29 tháng 11 năm 2013;"),
    (WIDE, "Căn cứ Nghị định số 44/2014/NĐ-CP ngày 15 tháng 5 năm 2014;"),
    (WIDE, "Điều 1. Phạm vi điều chỉnh"),
    (LEFT, "Nơi nhận:"),
    (RIGHT, "TM. ỦY BAN NHÂN DÂN"),
    (LEFT, "- Như Điều 3;"),
    (RIGHT, "KT. CHỦ TỊCH"),
    (RIGHT, "PHÓ CHỦ TỊCH"),
    (RIGHT, "Nguyễn Thanh Hải"),
)
LETTER = (
    (LEFT, "BỘ TÀI CHÍNH"),
    (LEFT, "CỤC QUẢN LÝ CÔNG SẢN"),
    (LEFT, "Sô: 5/QLCS-NV"),
    (LEFT, "V/v góp ý dự thảo Thông tư"),
    (LEFT, "về định mức"),
    (RIGHT, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
    (RIGHT, "Hà Nội, ngày 5 tháng 1"),
    (RIGHT, "năm 2026"),
    (LEFT, "HỎA TỐC"),
    (WIDE, "Kính gửi: Bộ Tài nguyên và Môi trường"),
)


def paper(rows: tuple[tuple[tuple[int, int], str], ...], confidence: int = 100) -> list[Line]:
    return [
        Line(text, confidence, Box(column[0], 300 * n, column[1], 300 * n + 200))
        for n, (column, text) in enumerate(rows)
    ]


def said(lines: list[Line]) -> dict[Field, str]:
    return {one.field: one.value for one in propose([(0, lines)])}


def test_a_decision_tells_all_its_fields() -> None:
    assert said(paper(DECISION)) == {
        Field.NUMBER: "28",
        Field.SYMBOL: "2023/QĐ-UBND",
        Field.ISSUED_ON: "2023-12-21",
        Field.ISSUER: "ỦY BAN NHÂN DÂN TỈNH PHÚ THỌ",
        Field.TYPE: "decision",
        Field.TITLE: "Quy định hệ số điều chỉnh giá đất năm 2024 trên địa bàn tỉnh Phú Thọ",
        Field.URGENCY: "normal",
        Field.SIGNER: "Nguyễn Thanh Hải",
    }


def test_a_letter_has_its_extract_below_its_number() -> None:
    assert said(paper(LETTER)) == {
        Field.NUMBER: "5",
        Field.SYMBOL: "QLCS-NV",
        Field.ISSUED_ON: "2026-01-05",
        Field.ISSUER: "CỤC QUẢN LÝ CÔNG SẢN",
        Field.TYPE: "official_letter",
        Field.TITLE: "góp ý dự thảo Thông tư về định mức",
        Field.URGENCY: "flash",
    }


def test_each_value_points_at_its_lines() -> None:
    lines = paper(DECISION)
    places = {one.field: one.box for one in propose([(0, lines)])}

    assert places[Field.NUMBER] == lines[4].box
    assert places[Field.ISSUED_ON] == lines[5].box
    assert places[Field.TITLE] == Box(1000, lines[7].box.top, 9000, lines[8].box.bottom)
    assert places[Field.SIGNER] == lines[18].box


def test_what_was_read_badly_is_less_sure() -> None:
    clear, dim = propose([(0, paper(DECISION))]), propose([(0, paper(DECISION, 50))])

    for bright, dark in zip(clear, dim, strict=True):
        if bright.box != Box(0, 0, 0, 0):
            assert dark.confidence <= bright.confidence // 2 + 1


def test_a_number_that_is_not_yet_given_leaves_its_symbol() -> None:
    rows = (*DECISION[:4], (LEFT, "Số:       /QĐ-BTNMT"), *DECISION[5:])

    assert Field.NUMBER not in said(paper(rows))
    assert said(paper(rows))[Field.SYMBOL] == "QĐ-BTNMT"


def test_what_others_are_numbered_is_not_its_number() -> None:
    rows = (*DECISION[:4], *DECISION[6:])

    assert Field.NUMBER not in said(paper(rows))


def test_a_law_that_is_cited_does_not_lend_its_date() -> None:
    cited = (WIDE, "Luật Tổ chức Chính phủ ngày 19 tháng 6 năm 2015;")
    rows = (*DECISION[:5], *DECISION[6:10], cited, *DECISION[10:])

    assert Field.ISSUED_ON not in said(paper(rows))


def test_a_symbol_without_its_number_stands_alone() -> None:
    rows = (*DECISION[:4], (LEFT, "/2025/QĐ-CTUBND"), *DECISION[5:])

    assert said(paper(rows))[Field.SYMBOL] == "2025/QĐ-CTUBND"
    assert said(paper(rows))[Field.ISSUER] == "ỦY BAN NHÂN DÂN TỈNH PHÚ THỌ"


def test_specks_and_types_are_no_names() -> None:
    rows = (*DECISION[:18], (RIGHT, "QUYẾT ĐỊNH"), (RIGHT, "ự Nà Ñ"), DECISION[18])

    assert said(paper(rows))[Field.SIGNER] == "Nguyễn Thanh Hải"


@pytest.mark.parametrize("name", ["Vũ Đức Đam", "Trương Hòa Bình", "NGUYỄN XUÂN PHÚC", "Hồ Ban"])
def test_a_family_is_no_agency(name: str) -> None:
    rows = (*DECISION[:18], (RIGHT, name))

    assert said(paper(rows))[Field.SIGNER] == name


@given(
    number=st.integers(1, 99999),
    symbol=st.sampled_from(["QĐ-BTNMT", "TTg-NN", "NQ-CP", "2025/TT-BTC", "BCĐ138-CP"]),
    word=st.sampled_from(["Số:", "Số", "Sô:", "SỐ :", "Só.", "Luật số:", "1W Số:", "' Số:"]),
    day=st.dates(date(1990, 1, 1), date(2050, 1, 1)),
)
def test_number_and_date_are_read_in_every_spelling(
    number: int, symbol: str, word: str, day: date
) -> None:
    rows = (
        (LEFT, f"{word} {number}/{symbol}"),
        (RIGHT, f"Hà Nội, ngày {day.day:02d} tháng {day.month} năm {day.year}"),
    )

    told = said(paper(rows))

    assert (told[Field.NUMBER], told[Field.SYMBOL]) == (str(number), symbol)
    assert told[Field.ISSUED_ON] == day.isoformat()


@given(st.lists(st.tuples(st.text(max_size=60), st.integers(0, PARTS), st.integers(0, 100))))
def test_any_lines_get_an_answer(rows: list[tuple[str, int, int]]) -> None:
    lines = [Line(text, sure, Box(0, at, PARTS, at)) for text, at, sure in rows]

    for one in propose([(0, lines), (1, lines)]):
        assert 0 <= one.confidence <= 100
        assert one.value


@pytest.mark.parametrize(
    "text", ["Sssss" * 20_000, "V/v " * 50_000, "A-" * 100_000, "ngay " * 50_000]
)
def test_long_lines_take_no_time(text: str) -> None:
    assert propose([(0, [Line(text, 100, Box(0, 0, PARTS, 10))])]) is not None
