"""How numbers, symbols and series are named: pure rules (NĐ 30/2020, Điều 15 and Phụ lục III)."""

from datetime import date, datetime

from api.documents.errors import DateGoesBack
from api.documents.types import DocumentType
from core.clock import day_in_vietnam

#: The one series of arrival numbers of an agency in a year.
ARRIVALS = "incoming"
#: Words that say what kind a unit is, and stay out of its letters (Vụ Pháp chế: PC).
_KINDS_OF_UNIT = frozenset({"vụ", "cục", "phòng", "ban", "tổng"})
#: Words that say whose a unit is (Văn phòng Bộ: VP).
_OWNERS = frozenset({"Bộ", "Sở"})


def year_of(moment: datetime) -> int:
    """Return the year of a series; it turns at 00:00 in Viet Nam."""
    return day_in_vietnam(moment).year


def series_of(kind: DocumentType) -> str:
    """Name the series in which documents of a type are numbered."""
    return f"outgoing:{kind.code}"


def padded(number: int) -> str:
    """Write a number as on paper: below 10 it takes a leading 0."""
    return f"{number:02d}"


def symbol_of(kind: DocumentType, *, agency: str, unit: str) -> str:
    """Return what follows the number: `QĐ-BTNMT`, or for letters `BTNMT-VP`."""
    return f"{kind.letters}-{agency}" if kind.letters else f"{agency}-{letters_of(unit)}"


def letters_of(unit: str) -> str:
    """Return the letters of a unit's name: Văn phòng is VP, Vụ Pháp chế is PC."""
    words = unit.split()
    if len(words) > 2 and words[0].lower() in _KINDS_OF_UNIT:  # noqa: PLR2004 - kind + name
        words = words[1:]
    if len(words) > 1 and words[-1] in _OWNERS:
        words = words[:-1]
    return "".join(word[0].upper() for word in words if word[0].isalpha())


def must_not_go_back(last_on: date, today: date) -> None:
    """Refuse a date before the last one of the series."""
    if today < last_on:
        raise DateGoesBack(last_on=last_on.isoformat(), today=today.isoformat())
