"""A stamp is known alone on its line, however worn; words in a sentence are none."""

import unicodedata
from collections.abc import Callable
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.documents.secrecy import (
    SecrecyLevel,
    declared,
    marked_in_symbol,
    may_hold_stamp,
    stamp_in,
    typed_in,
)

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
STAMPS = {
    "MẬT": SecrecyLevel.SECRET,
    "TỐI MẬT": SecrecyLevel.TOP_SECRET,
    "TUYỆT MẬT": SecrecyLevel.UTMOST_SECRET,
}
FORMS: tuple[Form, ...] = ("NFC", "NFD", "NFKC", "NFKD")
FRAMES = (
    "-" * 300 + "{}" + "=" * 300,
    "{}",
    "  {}  ",
    "| {} |",
    "[{}]",
    "- {} -",
    "***{}***",
    "{}.",
)
FILLER = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=30)


def without_marks(text: str) -> str:
    return "".join(
        sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign)
    )


def spaced(text: str) -> str:
    return "  ".join(" ".join(unicodedata.normalize("NFC", word)) for word in text.split())


@given(
    st.sampled_from(sorted(STAMPS)),
    st.sampled_from(FORMS),
    st.sampled_from(FRAMES),
    st.sampled_from([str, without_marks, spaced]),
    FILLER,
    FILLER,
)
def test_a_stamp_is_found_in_every_shape_between_any_lines(
    stamp: str, form: Form, frame: str, worn: Callable[[str], str], before: str, after: str
) -> None:
    line = frame.format(unicodedata.normalize(form, worn(stamp)))

    found = stamp_in(f"{before}\n{line}\n{after}")

    assert found is STAMPS[stamp]
    assert may_hold_stamp(line)


@pytest.mark.parametrize(("stamp", "level"), STAMPS.items())
def test_each_stamp_names_its_level(stamp: str, level: SecrecyLevel) -> None:
    assert stamp_in(f"BỘ TÀI NGUYÊN\n{stamp}\nSố: 1/QĐ") is level


def test_the_highest_of_several_stamps_counts() -> None:
    assert stamp_in("MẬT\nTUYỆT MẬT\nTỐI MẬT") is SecrecyLevel.UTMOST_SECRET


@pytest.mark.parametrize(
    "line", ["MÂT", "MẠT", "TÔI MẬT", "TUYÊT MAT", "M\u200bẬT", "MẬT", "ＭẬＴ"]
)
def test_marks_may_be_lost_and_invisible_signs_hide_nothing(line: str) -> None:
    assert stamp_in(line) is not None


@pytest.mark.parametrize(
    "line", ["Độ mật: Tối mật", "MỨC ĐỘ MẬT: TOI MAT", "Dấu chỉ độ mật - tối mật"]
)
def test_a_line_that_declares_the_level_counts(line: str) -> None:
    assert stamp_in(line) is SecrecyLevel.TOP_SECRET


@pytest.mark.parametrize(
    "line",
    [
        "bí mật", "BÍ MẬT NHÀ NƯỚC", "CỤC BẢO MẬT", "Mật", "mật", "Mật ong", "MẬT ONG", "MẮT",
        "MẶT", "MÁT", "TÔI MẮT", "Trường hợp tài liệu đóng dấu MẬT thì", "MẬT: 01 bản", "1 MẬT 2",
        "THÔNG MẬT", "Độ mật:", "MỨC ĐỘ MẬT", "Độ mật: Thường", "", "MTA", "TUYỆT", "TỐI",
        "MẬT " * 30,
    ],
)  # fmt: skip
def test_other_words_are_no_stamp(line: str) -> None:
    assert stamp_in(line) is None


@given(st.text(max_size=300))
def test_any_text_gets_an_answer(text: str) -> None:
    assert stamp_in(text) in {None, *SecrecyLevel}


@given(st.text("MẬÂẠATỐÔI \n-|B", max_size=40))
def test_the_quick_look_misses_no_stamp(text: str) -> None:
    assert stamp_in(text) is None or may_hold_stamp(text)


@pytest.mark.parametrize(
    ("words", "level"),
    [
        ("Mật", SecrecyLevel.SECRET),
        ("TỐI  MẬT", SecrecyLevel.TOP_SECRET),
        ("toi_mat", SecrecyLevel.TOP_SECRET),
        ("tuyệt mật", SecrecyLevel.UTMOST_SECRET),
        ("", None),
        ("Thường", None),
        ("Không mật", None),
    ],
)
def test_a_declared_level_is_read_from_words(words: str, level: SecrecyLevel | None) -> None:
    assert declared(words) == level


@pytest.mark.parametrize("words", ["mạt lắm", "C", "4"])
def test_words_that_nobody_knows_are_not_taken_for_openness(words: str) -> None:
    with pytest.raises(ValueError, match=words):
        declared(words)


@pytest.mark.parametrize(
    ("symbol", "level"),
    [
        ("05-M/BC-BTNMT", SecrecyLevel.SECRET),
        ("12/QĐ-BTNMT-M", SecrecyLevel.SECRET),
        ("7/m", SecrecyLevel.SECRET),
        ("12/QĐ-BTNMT(TM)", SecrecyLevel.TOP_SECRET),
        ("3/TuM-VP", SecrecyLevel.UTMOST_SECRET),
    ],
)
def test_a_symbol_of_the_secret_series_names_its_level(symbol: str, level: SecrecyLevel) -> None:
    assert marked_in_symbol(symbol) is level


@pytest.mark.parametrize("symbol", ["17/QĐ-BTNMT", "17/BTNMT-VP", "120/TM-XNK", "88/QĐ-TTg", ""])
def test_an_ordinary_symbol_names_none(symbol: str) -> None:
    assert marked_in_symbol(symbol) is None


@pytest.mark.parametrize("stamp", STAMPS)
@pytest.mark.parametrize("head", ["{}: về việc", "[{}] Về việc", "({}) Về việc", "{} - Về việc"])
def test_a_stamp_typed_before_a_title_counts_as_one(stamp: str, head: str) -> None:
    assert typed_in(f"{head.format(stamp)} điều động cán bộ")


@pytest.mark.parametrize(
    "title", ["MẬT ĐỘ dân cư: báo cáo", "Bảo mật: quy chế", "Mật ong: xuất khẩu"]
)
def test_a_title_that_only_begins_alike_is_open(title: str) -> None:
    assert not typed_in(title)
