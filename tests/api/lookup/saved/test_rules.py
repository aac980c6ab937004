"""What may be saved, and who is told: plain values."""

from uuid import UUID

import pytest

from api.lookup.saved.errors import AsksNothing, TooManySaved
from api.lookup.saved.rules import MOST_SAVED, must_ask_something, must_have_room, to_tell

ONE, OTHER = UUID(int=1), UUID(int=2)
RIVERS, FORESTS = UUID(int=11), UUID(int=12)


def test_one_search_more_than_the_most_is_refused() -> None:
    must_have_room(MOST_SAVED - 1)
    with pytest.raises(TooManySaved) as refusal:
        must_have_room(MOST_SAVED)

    assert refusal.value.facts == {"most": MOST_SAVED}
    assert MOST_SAVED == 100


@pytest.mark.parametrize(("words", "filters"), [(True, True), (True, False), (False, True)])
def test_words_or_a_filter_ask_something(*, words: bool, filters: bool) -> None:
    must_ask_something(has_words=words, has_filters=filters)


def test_a_search_that_asks_nothing_is_refused() -> None:
    with pytest.raises(AsksNothing):
        must_ask_something(has_words=False, has_filters=False)


def test_everybody_is_told_of_all_of_their_searches_at_once() -> None:
    told = to_tell({ONE: [FORESTS, RIVERS], OTHER: [RIVERS]}, (), None)

    assert told == {ONE: (RIVERS, FORESTS), OTHER: (RIVERS,)}


def test_nobody_is_told_twice_nor_of_what_they_did_themselves_nor_of_nothing() -> None:
    answered = {ONE: [RIVERS], OTHER: [FORESTS]}

    assert to_tell(answered, [ONE], None) == {OTHER: (FORESTS,)}
    assert to_tell(answered, (), OTHER) == {ONE: (RIVERS,)}
    assert to_tell({ONE: []}, (), None) == {}
