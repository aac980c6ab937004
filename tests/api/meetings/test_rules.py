"""What a meeting allows, and what no sequence of moves can break."""

from uuid import uuid4

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from api.meetings.errors import NoSuchPage, NotYourPart, WrongPeople, WrongState
from api.meetings.rules import (
    BEGIN,
    FINAL,
    HEARD,
    MOVES,
    PRESENTS,
    RIGHTS,
    Act,
    Move,
    Part,
    State,
    after,
    may,
    must_be_a_meeting,
    must_be_allowed,
    must_be_in_session,
    must_have_page,
)

CHAIR, SECRETARY, MEMBER = uuid4(), uuid4(), uuid4()


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", Move)
def test_every_move_is_made_as_the_table_says_or_refused(state: State, move: Move) -> None:
    if (state, move) in MOVES:
        assert after(state, move) is MOVES[state, move]
    else:
        with pytest.raises(WrongState):
            after(state, move)


def test_every_state_can_be_reached_and_every_move_is_used() -> None:
    assert set(MOVES.values()) | {BEGIN} == set(State)
    assert {move for _, move in MOVES} == set(Move)
    assert {State.CLOSED, State.CANCELLED} == FINAL


class AnyLife(RuleBasedStateMachine):
    """Whatever happens to a meeting: nobody presents before it was invited and opened."""

    def __init__(self) -> None:
        super().__init__()
        self.state = BEGIN
        self.accepted: list[Move] = []

    @rule(move=st.sampled_from(Move))
    def happen(self, move: Move) -> None:
        before = self.state
        try:
            self.state = after(before, move)
        except WrongState:
            assert (before, move) not in MOVES
        else:
            self.accepted.append(move)

    @invariant()
    def runs_only_after_invitation_and_opening(self) -> None:
        if self.state is State.IN_SESSION:
            assert self.accepted[:2] == [Move.INVITE, Move.OPEN]

    @invariant()
    def is_opened_at_most_once(self) -> None:
        assert self.accepted.count(Move.OPEN) <= 1


TestAnyLife = AnyLife.TestCase


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("part", Part)
@pytest.mark.parametrize("presents", [False, True])
def test_every_act_is_allowed_as_the_table_says(act: Act, part: Part, presents: bool) -> None:  # noqa: FBT001
    allowed = part in RIGHTS[act] or (presents and act in PRESENTS)

    assert may(act, part, presents=presents) is allowed
    if allowed:
        must_be_allowed(act, part, presents=presents)
    else:
        with pytest.raises(NotYourPart):
            must_be_allowed(act, part, presents=presents)


def test_the_rights_are_these() -> None:
    guests = {act for act in Act if may(act, Part.GUEST, presents=False)}
    members = {act for act in Act if may(act, Part.MEMBER, presents=False)}
    presenters = {act for act in Act if may(act, Part.MEMBER, presents=True)}

    assert guests == members == set()
    assert presenters == {Act.TURN_PAGE, Act.HAND_OVER}
    assert {act for act in Act if may(act, Part.SECRETARY, presents=False)} == set(Act)
    assert {act for act in Act if may(act, Part.CHAIR, presents=False)} == set(Act) - {
        Act.TURN_PAGE
    }


@pytest.mark.parametrize("state", State)
def test_pages_turn_only_in_session(state: State) -> None:
    if state is State.IN_SESSION:
        must_be_in_session(state)
    else:
        with pytest.raises(WrongState):
            must_be_in_session(state)


def test_the_room_is_heard_from_the_invitation_on() -> None:
    assert set(State) - HEARD == {State.DRAFT, State.CANCELLED}


def test_a_meeting_has_one_chair_and_one_secretary() -> None:
    must_be_a_meeting([(CHAIR, Part.CHAIR), (SECRETARY, Part.SECRETARY), (MEMBER, Part.MEMBER)])


@pytest.mark.parametrize(
    "people",
    [
        [(SECRETARY, Part.SECRETARY)],
        [(CHAIR, Part.CHAIR)],
        [(CHAIR, Part.CHAIR), (MEMBER, Part.CHAIR), (SECRETARY, Part.SECRETARY)],
        [(CHAIR, Part.CHAIR), (SECRETARY, Part.SECRETARY), (MEMBER, Part.SECRETARY)],
        [(CHAIR, Part.CHAIR), (SECRETARY, Part.SECRETARY), (CHAIR, Part.MEMBER)],
        [],
    ],
)
def test_anything_else_is_no_meeting(people: list[tuple[object, Part]]) -> None:
    with pytest.raises(WrongPeople):
        must_be_a_meeting(people)  # type: ignore[arg-type]


def test_pages_count_from_zero() -> None:
    must_have_page(0, 1)
    must_have_page(4, 5)
    for page, pages in ((-1, 5), (5, 5), (0, 0)):
        with pytest.raises(NoSuchPage):
            must_have_page(page, pages)
