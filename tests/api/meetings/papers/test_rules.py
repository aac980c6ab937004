"""What the agenda and its table allow, decided on plain values."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.meetings.papers.errors import WrongAgenda, WrongItemState, WrongPaperState
from api.meetings.papers.rules import (
    ItemMove,
    ItemState,
    Paper,
    PaperMove,
    PaperState,
    item_after,
    may_read,
    must_be_a_tree,
    paper_after,
)
from api.meetings.rules import PREPARES, Part
from core.ids import new_id


@given(st.lists(st.one_of(st.none(), st.integers(-1, 8)), max_size=8))
def test_an_agenda_is_a_tree_of_three_levels_in_reading_order(parents: list[int | None]) -> None:
    def depth(place: int) -> int:
        parent = parents[place]
        if parent is None:
            return 1
        return 99 if parent not in range(place) else depth(parent) + 1

    if all(depth(place) <= 3 for place in range(len(parents))):
        must_be_a_tree(parents)
    else:
        with pytest.raises(WrongAgenda):
            must_be_a_tree(parents)


ME, ITEM = new_id(), new_id()
IDS = st.sampled_from([ME, new_id()])


@given(
    state=st.sampled_from(PaperState),
    laid_by=IDS,
    circle=st.one_of(st.none(), st.sets(IDS)),
    item_guests=st.sets(IDS),
    item_id=st.sampled_from([None, ITEM, new_id()]),
    active=st.sampled_from([None, ITEM]),
    part=st.sampled_from(Part),
)
def test_nobody_outside_the_circle_and_no_guest_away_from_their_item_reads(
    state: PaperState, laid_by: UUID, circle: set[UUID] | None, item_guests: set[UUID],
    item_id: UUID | None, active: UUID | None, part: Part,
) -> None:  # fmt: skip
    judged = Paper(state, laid_by, circle, item_id, item_guests)

    reads = may_read(judged, ME, part, active_item_id=active)

    if part in PREPARES:
        assert reads
    elif state is PaperState.STAGED:
        assert reads == (laid_by == ME)
    elif reads:
        assert circle is None or ME in circle
        assert part is not Part.GUEST or (item_id == active is not None and ME in item_guests)


@pytest.mark.parametrize(
    ("parents", "place"),
    [([0], 0), ([None, 2, 1], 1), ([None, -1], 1), ([None, 0, 1, 2], 3), ([None, 0, 1, 1, 3], 4)],
)
def test_the_first_item_that_stands_wrongly_is_named(parents: list[int | None], place: int) -> None:
    with pytest.raises(WrongAgenda) as refusal:
        must_be_a_tree(parents)

    assert refusal.value.facts == {"place": place}


def test_an_agenda_may_be_three_deep_and_as_wide_as_it_likes() -> None:
    must_be_a_tree([])
    must_be_a_tree([None, 0, 1, 1, 0, None, 5])


def test_a_refused_move_says_where_it_stands() -> None:
    with pytest.raises(WrongItemState) as refusal:
        item_after(ItemState.CONCLUDED, ItemMove.BEGIN)
    assert refusal.value.facts == {"state": "concluded", "move": "begin"}
    with pytest.raises(WrongPaperState) as refusal_:
        paper_after(PaperState.STAGED, PaperMove.RENEW)
    assert refusal_.value.facts == {"state": "staged", "move": "renew"}


LAID = Paper(PaperState.PUBLISHED, laid_by=new_id())
OF_ITEM = Paper(PaperState.PUBLISHED, LAID.laid_by, item_id=ITEM, item_guests={ME})


@pytest.mark.parametrize(
    ("paper", "part", "active", "reads"),
    [
        (LAID, Part.MEMBER, None, True),
        (LAID, Part.DELEGATE, None, True),
        (LAID, Part.GUEST, None, False),
        (LAID, Part.CHAIR, None, True),
        (OF_ITEM, Part.GUEST, ITEM, True),
        (OF_ITEM, Part.GUEST, None, False),
        (OF_ITEM, Part.GUEST, new_id(), False),
        (OF_ITEM, Part.MEMBER, None, True),
        (replace(OF_ITEM, item_guests=set()), Part.GUEST, ITEM, False),
        (replace(OF_ITEM, item_id=None), Part.GUEST, None, False),
        (replace(OF_ITEM, circle=set()), Part.GUEST, ITEM, False),
        (replace(LAID, circle=set()), Part.MEMBER, None, False),
        (replace(LAID, circle={ME}), Part.MEMBER, None, True),
        (replace(LAID, circle=set()), Part.SECRETARY, None, True),
        (replace(LAID, state=PaperState.STAGED), Part.MEMBER, None, False),
        (replace(LAID, state=PaperState.STAGED, laid_by=ME), Part.MEMBER, None, True),
        (replace(LAID, state=PaperState.STAGED), Part.SECRETARY, None, True),
        (replace(LAID, state=PaperState.STAGED), Part.CHAIR, None, True),
    ],
)
def test_a_paper_is_read_by_those_it_is_for(
    paper: Paper, part: Part, active: UUID | None, *, reads: bool
) -> None:
    assert may_read(paper, ME, part, active_item_id=active) is reads
