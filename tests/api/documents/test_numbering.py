"""How numbers and symbols are written, and when a series begins anew."""

from datetime import UTC, date, datetime

import pytest

from api.documents import numbering
from api.documents.errors import DateGoesBack, UnknownType
from api.documents.types import type_of, types


@pytest.mark.parametrize(("number", "written"), [(1, "01"), (9, "09"), (10, "10"), (1234, "1234")])
def test_a_number_below_ten_takes_a_zero(number: int, written: str) -> None:
    assert numbering.padded(number) == written


def test_a_typed_document_bears_its_type() -> None:
    symbol = numbering.symbol_of(type_of("decision"), agency="BTNMT", unit="Văn phòng Bộ")

    assert symbol == "QĐ-BTNMT"


def test_a_letter_bears_the_unit_that_wrote_it() -> None:
    symbol = numbering.symbol_of(type_of("official_letter"), agency="BTNMT", unit="Văn phòng Bộ")

    assert symbol == "BTNMT-VP"


@pytest.mark.parametrize(
    ("unit", "letters"),
    [
        ("Văn phòng", "VP"),
        ("Văn phòng Bộ", "VP"),
        ("Vụ Pháp chế", "PC"),
        ("Vụ Tổ chức cán bộ", "TCCB"),
        ("Cục Đất đai", "ĐĐ"),
        ("Phòng số 2", "S"),
        ("Bộ", "B"),
    ],
)
def test_a_unit_has_letters(unit: str, letters: str) -> None:
    assert numbering.letters_of(unit) == letters


def test_each_type_has_a_series_of_its_own() -> None:
    names = {numbering.series_of(kind) for kind in types().values()}

    assert len(names) == len(types()) == 36
    assert numbering.ARRIVALS not in names


def test_letters_have_no_abbreviation() -> None:
    without = {code for code, kind in types().items() if kind.letters is None}

    assert without == {"official_letter", "official_personal_letter", "law"}


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(UnknownType):
        type_of("novel")


@pytest.mark.parametrize(
    ("moment", "year"),
    [
        (datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC), 2026),
        (datetime(2026, 12, 31, 17, 0, tzinfo=UTC), 2027),
    ],
)
def test_the_year_turns_at_midnight_in_viet_nam(moment: datetime, year: int) -> None:
    assert numbering.year_of(moment) == year


def test_a_date_never_goes_back() -> None:
    numbering.must_not_go_back(date(2026, 1, 5), date(2026, 1, 5))

    with pytest.raises(DateGoesBack):
        numbering.must_not_go_back(date(2026, 1, 5), date(2026, 1, 4))
