"""Every spelling of a document's number gives its one key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.lookup.analysis.numbers import key_of, keys_in
from api.lookup.analysis.text import fold

NUMBERS = {
    "187/QĐ-TTg": "187/qd-ttg",
    "15/2020/NĐ-CP": "15/2020/nd-cp",
    "45/2019/QH14": "45/2019/qh14",
    "66.20/2026/NQ-CP": "66.20/2026/nq-cp",
    "236/QĐ-BCĐ138/CP": "236/qd-bcd138-cp",
    "01/2012/NQLT/CP- BCHTWĐTN": "1/2012/nqlt-cp-bchtwdtn",
    "72/2025/NQLT/UBTVQH15-CP-ĐCTUBTWMTTQVN": "72/2025/nqlt-ubtvqh15-cp-dctubtwmttqvn",
    "1094/BTNMT-VP": "1094/btnmt-vp",
    "12a/TB-BLĐTB&XH": "12a/tb-bldtb-xh",
}
SPELLINGS = {
    "as printed": lambda number: number,
    "without diacritics": fold,
    "with blanks": lambda number: fold(number).replace("/", " ").replace("-", " "),
    "with dashes": lambda number: number.replace("/", "-"),
    "with underscores": lambda number: number.replace("/", "_"),
    "with blanks around": lambda number: number.replace("-", " - ").replace("/", " / "),
    "with a zero before": lambda number: f"0{number}",
    "said before": lambda number: f"số {number}",
    "with a long dash": lambda number: number.replace("-", "–"),
    "in capitals": str.upper,
}


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_gives_the_one_key(number: str, spelling: str) -> None:
    assert key_of(SPELLINGS[spelling](number)) == NUMBERS[number]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_found_inside_a_sentence(number: str) -> None:
    sentence = f"theo {number.lower()} ngày 5 tháng 2 về việc phân công"

    assert NUMBERS[number] in keys_in(sentence)[0]


@pytest.mark.parametrize(
    "query", ["qd 187 ttg", "QĐ số 187 TTg", "quyết định số 187/QĐ-TTg", "QĐ-TTg 187", "187qđ ttg"]
)
def test_a_number_behind_its_type_gives_the_same_key(query: str) -> None:
    assert "187/qd-ttg" in keys_in(query)[0]


def test_two_numbers_are_two_groups() -> None:
    first, second = keys_in("187/QĐ-TTg và 15/2020/NĐ-CP")

    assert "187/qd-ttg" in first
    assert "15/2020/nd-cp" in second


@pytest.mark.parametrize("text", ["", "không số", "2024", "187", "5/2024", "////", "\x00"])
def test_what_has_no_letters_beside_its_digits_is_no_number(text: str) -> None:
    assert key_of(text) is None


@given(st.text())
def test_any_text_has_few_keys(text: str) -> None:
    assert sum(map(len, keys_in(text))) <= 64
