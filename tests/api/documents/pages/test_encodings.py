"""Text in TCVN3 and VNI is read as it is seen; what is lost is said to be lost."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.documents.pages.encodings import _tcvn3, _vni, mended
from api.documents.pages.reading import inspect, read_text
from tests.support import pdfs

LEGACY = {"TCVN3": _tcvn3(), "VNI": _vni()}
#: Every vowel with every tone stands somewhere in here.
SENTENCES = (
    "căn cứ nghị định số ba mươi của chính phủ về công tác văn thư",
    "đề nghị các đơn vị báo cáo kết quả thực hiện nhiệm vụ được giao trước ngày mười lăm",
    "phê duyệt kế hoạch sử dụng đất, bảo đảm khả năng cung cấp nước sạch ở vùng ven biển",
    "ủy ban nhân dân tỉnh chịu trách nhiệm kiểm tra, xử lý những vướng mắc của người dân",
    "nghĩa vụ gửi hồ sơ lưu trữ; mẫu số một kèm theo; giữ gìn vệ sinh; ổn định kỹ thuật",
)
TEXTS = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=5).map(". ".join)


def written(text: str, encoding: str) -> str:
    """Write Unicode text as a typist of the nineties did."""
    codes = {letter: code for code, letter in LEGACY[encoding].items()}
    return "".join(codes.get(letter, letter) for letter in unicodedata.normalize("NFC", text))


@pytest.mark.parametrize("encoding", LEGACY)
@given(text=TEXTS)
def test_what_was_typed_comes_back(encoding: str, text: str) -> None:
    legacy = written(text, encoding)

    read = mended(legacy)

    assert (read.text, read.is_legacy, read.is_broken) == (text, True, False)


@given(TEXTS)
def test_unicode_stays_as_it_is(text: str) -> None:
    for form in (text, text.upper(), text.title()):
        assert mended(form).text == form
        assert not mended(form).is_legacy


@given(st.text(max_size=400))
def test_any_text_gets_an_answer(text: str) -> None:
    read = mended(text)

    assert read.is_legacy or read.text == text


@pytest.mark.parametrize(
    "text",
    [
        "The quick brown fox jumps over the lazy dog, again and again, every day of the week",
        (
            "Décret n° 30 du président à l'égard des préfets, où « l'État » délègue ses compétences"
            " générales: arrêtés, décisions, procès-verbaux, contrôlés à Paris"
        ),
        "12.345,67 8.901,23 4.567,89",
    ],
)
def test_other_languages_are_left_alone(text: str) -> None:
    assert mended(text) == (text, False, False)


def test_signs_that_a_font_keeps_for_itself_are_a_broken_layer() -> None:
    assert mended("\ue012\ue044\ue081 \ue031\ue032 \ufffd\ufffd").is_broken


LINES = [
    "căn cứ nghị định số ba mươi của chính phủ về công tác văn thư",
    "đề nghị các đơn vị báo cáo kết quả thực hiện nhiệm vụ được giao",
]


@pytest.mark.parametrize("encoding", LEGACY)
def test_a_file_of_before_is_read_in_unicode(tmp_path: Path, encoding: str) -> None:
    path = pdfs.written(tmp_path / "old.pdf", [written(line, encoding) for line in LINES])

    assert read_text(path) == ["\n".join(LINES)]
    assert inspect(path)["has_text"]


def test_a_stamp_in_the_capitals_of_before_is_found(tmp_path: Path) -> None:
    lines = [written(line, "TCVN3") for line in ["tuyệt mật", *LINES]]

    assert inspect(pdfs.written(tmp_path / "old.pdf", lines))["stamp"] == "tuyệt mật"


def test_a_page_whose_text_layer_is_broken_is_left_to_ocr(tmp_path: Path) -> None:
    path = pdfs.written(tmp_path / "broken.pdf", ["\ue012\ue044\ue081 \ue031\ue032"])

    assert (inspect(path)["unread"], read_text(path)) == ([0], [""])
