"""Filled fields that lie, and honest numbers at the wrong time."""

from typing import Any

from api.signing.pdf.revision import Revision
from tests.corpus.on_pages import update
from tests.corpus.specimens import Forgery
from tests.support.forgers import TRUE_NUMBER, Attack, _fill
from tests.support.signed_papers import LAYOUT

#: The value, and what is drawn in its place.
LIES = {
    "other-number": (TRUE_NUMBER, "999/QĐ-BTNMT"),
    "other-symbol": (TRUE_NUMBER, "123/QĐ-BTC"),
    "clause": (TRUE_NUMBER, "Điều 1: 900.000 đồng"),
    "nothing": (TRUE_NUMBER, ""),
    "one-digit": (TRUE_NUMBER, "124/QĐ-BTNMT"),
    "blank-behind": (TRUE_NUMBER, TRUE_NUMBER + " "),
    "value-empty": ("", TRUE_NUMBER),
    "value-blank": (" ", TRUE_NUMBER),
}
#: What is drawn before the number.
INKS = {
    "white-first": b"1 1 1 rg 0 0 200 18 re f ",
    "black-first": b"0 g 0 0 200 18 re f ",
    "same-state": b"q Q ",
    "comment": b"% \n",
    "moved": b"1 0 0 1 3 0 cm ",
}
NUMBERS = (TRUE_NUMBER, "1/QĐ-BTNMT", "999/QĐ-BTNMT", "124/QĐ-BTNMT", "12/TB-BTNMT", "0")
_BOX = LAYOUT.number
GUILTY = {"page": 0, "rect": [_BOX.left, _BOX.bottom, _BOX.right, _BOX.top]}


def fill(value: str, shown: str, ink: bytes = b"") -> Attack:
    """Fill the number with a value and draw something, after some ink."""

    def change(writer: Revision) -> None:
        _fill(writer, value=value, shown=shown, before=ink)

    return update(change)


def lies() -> list[Forgery]:
    """Return every way in which the number shows something else than its value."""
    texts = {name: fill(*pair) for name, pair in LIES.items()}
    inks = {name: fill(TRUE_NUMBER, TRUE_NUMBER, ink) for name, ink in INKS.items()}
    guilty: dict[str, Any] = GUILTY | {"reason": "number_field_forged"}
    return [Forgery(name, attack, guilty) for name, attack in (texts | inks).items()]


def fills() -> list[Forgery]:
    """Return honest fillings, which are none after the seal."""
    return [
        Forgery(f"{place}", fill(number, number), {"signature": "Dau_CoQuan"})
        for place, number in enumerate(NUMBERS)
        if number != TRUE_NUMBER
    ]
