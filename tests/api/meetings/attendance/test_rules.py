"""Who counts as present, decided on plain values."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.meetings.attendance.errors import NotThisWay
from api.meetings.attendance.rules import (
    CODE_LIVES,
    CODE_SHOWN,
    COME_AND_GO,
    Quorum,
    Voter,
    Way,
    is_shown,
    must_come_this_way,
    quorum,
)
from api.meetings.rules import Form, State
from core.ids import new_id

PEOPLE = [new_id() for _ in range(4)]
VOTERS = st.lists(
    st.builds(
        Voter,
        official_id=st.sampled_from(PEOPLE),
        weight=st.integers(1, 9),
        delegate_id=st.one_of(st.none(), st.sampled_from(PEOPLE)),
    ),
    unique_by=lambda one: one.official_id,
)


@given(VOTERS, st.sets(st.sampled_from(PEOPLE)), st.integers(1, 100))
def test_a_quorum_can_be_recomputed_from_what_is_told(
    voters: Sequence[Voter], here: set[UUID], percent: int
) -> None:
    counted = quorum(voters, here, percent=percent)

    assert 0 <= counted.present <= counted.entitled == len(voters)
    assert counted.weight_present <= counted.weight_entitled == sum(v.weight for v in voters)
    enough = bool(voters) and Fraction(counted.present, len(voters)) >= Fraction(percent, 100)
    assert counted.is_met == enough


NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
BY_FORM = {
    Form.IN_PERSON: {Way.CODE},
    Form.ONLINE: {Way.REMOTE},
    Form.HYBRID: {Way.CODE, Way.REMOTE},
    Form.BALLOT: set(),
}


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("way", Way)
def test_one_checks_in_as_the_meeting_is_held(form: Form, way: Way) -> None:
    if way in BY_FORM[form]:
        must_come_this_way(form, way)
    else:
        with pytest.raises(NotThisWay) as refusal:
            must_come_this_way(form, way)
        assert refusal.value.facts == {"form": form, "way": way}


def test_a_code_lives_for_thirty_seconds_and_is_replaced_before() -> None:
    assert (timedelta(seconds=30), timedelta(seconds=20)) == (CODE_LIVES, CODE_SHOWN)
    assert is_shown(NOON, NOON)
    assert is_shown(NOON, NOON + CODE_LIVES - TICK)
    assert not is_shown(NOON, NOON + CODE_LIVES)
    assert not is_shown(NOON, NOON - TICK)


def test_people_come_and_go_while_the_doors_are_open() -> None:
    assert {State.CHECKIN_OPEN, State.IN_SESSION, State.RECESS} == COME_AND_GO


def test_whoever_is_here_counts_and_so_does_their_delegate() -> None:
    one, two, three, delegate = PEOPLE
    voters = [Voter(one, 5), Voter(two, 3, delegate_id=delegate), Voter(three)]

    assert quorum(voters, {one}, percent=50) == Quorum(3, 1, 9, 5, 50)
    assert quorum(voters, {delegate}, percent=50) == Quorum(3, 1, 9, 3, 50)
    assert quorum(voters, {two, delegate, three}, percent=50) == Quorum(3, 2, 9, 4, 50)
    assert quorum(voters, set(), percent=50) == Quorum(3, 0, 9, 0, 50)


@pytest.mark.parametrize(
    ("entitled", "present", "percent", "met"),
    [(3, 2, 66, True), (3, 2, 67, False), (2, 1, 50, True), (4, 0, 0, True), (0, 0, 0, False)],
)
def test_a_quorum_is_met_when_the_share_is_reached(
    entitled: int, present: int, percent: int, *, met: bool
) -> None:
    assert Quorum(entitled, present, entitled, present, percent).is_met is met
