"""How long minutes may be, and who may be let write them."""

from uuid import UUID, uuid4

import pytest

from api.meetings.rules import Part
from api.meetings.writing.errors import TooLong, WrongWriters
from api.meetings.writing.rules import (
    MOST_BYTES,
    MOST_CHARACTERS,
    MOST_PIECES,
    ROOT,
    meeting_of,
    must_be_short,
    must_be_writers,
    name_of,
)

SOME = UUID(int=7)


def test_the_name_of_a_text_leads_back_to_its_meeting() -> None:
    meeting_id = uuid4()

    assert name_of(meeting_id) == f"minutes:{meeting_id}"
    assert meeting_of(name_of(meeting_id)) == meeting_id
    assert ROOT == "minutes"


@pytest.mark.parametrize(
    "name", ["", "minutes", "minutes:", "minutes:x", f"room:{SOME}", f"minutes:{SOME.hex}"]
)
def test_other_names_lead_nowhere(name: str) -> None:
    assert meeting_of(name) is None


def test_a_text_is_as_long_as_it_may_be_and_no_longer() -> None:
    assert (MOST_CHARACTERS, MOST_BYTES, MOST_PIECES) == (200_000, 2_097_152, 200)
    must_be_short(MOST_CHARACTERS, MOST_BYTES)
    with pytest.raises(TooLong) as too_long:
        must_be_short(MOST_CHARACTERS + 1, 0)
    assert too_long.value.facts == {"most": MOST_CHARACTERS}
    with pytest.raises(TooLong) as too_large:
        must_be_short(0, MOST_BYTES + 1)
    assert too_large.value.facts == {"most": MOST_BYTES}


def test_only_who_reads_the_minutes_can_be_let_write() -> None:
    seats = {part: uuid4() for part in Part}
    parts = {official_id: part for part, official_id in seats.items()}

    must_be_writers([], parts)
    must_be_writers([one for part, one in seats.items() if part is not Part.GUEST], parts)
    for wrong in (seats[Part.GUEST], uuid4()):
        with pytest.raises(WrongWriters):
            must_be_writers([seats[Part.MEMBER], wrong], parts)
