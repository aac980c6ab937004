"""What a meeting allows, and what no sequence of moves can break."""

from contextlib import suppress
from enum import StrEnum
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from api.meetings.errors import NoSuchPage, NotYourPart, WrongPeople, WrongState
from api.meetings.rules import (
    BEGIN,
    FINAL,
    HEARD,
    IN_PREPARATION,
    MOVES,
    OF_THE_RECORD,
    OPEN_TO_CHANGE,
    PREPARES,
    PRESENTS,
    RIGHTS,
    VOTERS,
    Act,
    Form,
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
EVERYBODYS = {Act.ANSWER, Act.CHECK_IN, Act.ASK_FLOOR, Act.NOTE, Act.SEE}
SEATED = {Act.VOTE, Act.NOTE_SHARED, Act.GIVE_OPINION, Act.HEAR_RECORDING}
#: The rights as the rulebook has them: part -> what it may do without presenting.
RULEBOOK = {
    Part.CHAIR: set(Act) - {Act.TURN_PAGE, Act.POINT, Act.WRITE_MINUTES, Act.WRITE_TEXT},
    Part.SECRETARY: set(Act)
    - {Act.APPROVE, Act.POINT, Act.VOTE, Act.GIVE_OPINION, Act.REVIEW_MINUTES, Act.RECORD},
    Part.MEMBER: EVERYBODYS | SEATED | {Act.COMMENT_MINUTES},
    Part.DELEGATE: EVERYBODYS | SEATED,
    Part.GUEST: EVERYBODYS,
}


def test_every_state_can_be_reached_and_every_move_is_used() -> None:
    assert set(MOVES.values()) | {BEGIN} == set(State)
    assert {move for _, move in MOVES} == set(Move)
    assert {State.ARCHIVED, State.CANCELLED} == FINAL


def test_a_room_is_silent_before_the_invitation_and_after_a_cancellation() -> None:
    assert set(State) - HEARD == {*IN_PREPARATION, *FINAL}


class AnyLife(RuleBasedStateMachine):
    """Whatever happens to a meeting: none is held uninvited, and none is called off once begun."""

    def __init__(self) -> None:
        super().__init__()
        self.state = BEGIN
        self.made: list[Move] = []

    @rule(move=st.sampled_from(Move))
    def happen(self, move: Move) -> None:
        before = self.state
        try:
            self.state = after(before, move)
        except WrongState:
            assert (before, move) not in MOVES
        else:
            assert before not in FINAL
            self.made.append(move)

    @invariant()
    def begins_only_after_the_invitation_and_only_once(self) -> None:
        if Move.OPEN in self.made:
            before = self.made[: self.made.index(Move.OPEN)]
            assert before[:2] == [Move.APPROVE, Move.INVITE]
            assert before[-1] is Move.CHECK_IN
            assert self.made.count(Move.OPEN) == 1
            assert self.state is not State.CANCELLED

    @invariant()
    def is_closed_only_after_it_began(self) -> None:
        assert self.state is not State.CLOSED or Move.OPEN in self.made

    @invariant()
    def is_in_recess_between_a_pause_and_its_end(self) -> None:
        breaks = self.made.count(Move.PAUSE) - self.made.count(Move.RESUME)
        assert breaks in {0, 1}
        if Move.CLOSE not in self.made:
            assert (self.state is State.RECESS) == bool(breaks)

    @invariant()
    def is_signed_only_after_a_review(self) -> None:
        if Move.SIGN in self.made:
            assert self.made[self.made.index(Move.SIGN) - 1] is Move.REVIEW


class AnyBallot(RuleBasedStateMachine):
    """A ballot without a meeting ends without ever having been in session."""

    def __init__(self) -> None:
        super().__init__()
        self.state = BEGIN
        self.seen = {BEGIN}

    @rule(move=st.sampled_from(Move))
    def happen(self, move: Move) -> None:
        with suppress(WrongState):
            self.state = after(self.state, move, Form.BALLOT)
            self.seen.add(self.state)

    @invariant()
    def is_never_in_session(self) -> None:
        assert not self.seen & {State.CHECKIN_OPEN, State.IN_SESSION, State.RECESS}


def test_a_ballot_gets_from_the_invitation_to_signed_minutes() -> None:
    state = State.INVITED
    for move in (Move.CLOSE, Move.WRITE, Move.REVIEW, Move.SIGN, Move.ARCHIVE):
        state = after(state, move, Form.BALLOT)

    assert state is State.ARCHIVED


TestAnyLife = AnyLife.TestCase
TestAnyBallot = AnyBallot.TestCase


@pytest.mark.parametrize("state", State)
def test_pages_are_shown_only_while_the_meeting_runs(state: State) -> None:
    if state is State.IN_SESSION:
        must_be_in_session(state)
    else:
        with pytest.raises(WrongState):
            must_be_in_session(state)


def test_the_table_of_rights_knows_every_act() -> None:
    assert set(RIGHTS) == set(Act)
    assert set(RULEBOOK) == set(Part)


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("part", Part)
@pytest.mark.parametrize("presents", [True, False])
def test_a_part_may_do_what_the_rulebook_says(act: Act, part: Part, *, presents: bool) -> None:
    presenters = {Act.TURN_PAGE, Act.HAND_OVER, Act.POINT} if presents else set[Act]()
    allowed = act in RULEBOOK[part] | presenters

    assert may(act, part, presents=presents) is allowed

    if allowed:
        must_be_allowed(act, part, presents=presents)
    else:
        with pytest.raises(NotYourPart) as refusal:
            must_be_allowed(act, part, presents=presents)
        assert refusal.value.facts == {"act": act}


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("part", Part)
def test_whom_the_secretary_lets_write_may_write_the_text_and_nothing_more(
    act: Act, part: Part
) -> None:
    allowed = act in RULEBOOK[part] | {Act.WRITE_TEXT}

    assert may(act, part, writes=True) is allowed

    if allowed:
        must_be_allowed(act, part, writes=True)
    else:
        with pytest.raises(NotYourPart):
            must_be_allowed(act, part, writes=True)


def test_presenting_never_gives_power_over_the_meeting() -> None:
    assert Act.CHANGE_STATE not in PRESENTS
    assert Act.CHANGE_TABLE not in PRESENTS


def test_a_meeting_has_one_chair_one_secretary_and_others() -> None:
    must_be_a_meeting([(CHAIR, Part.CHAIR), (SECRETARY, Part.SECRETARY)])
    must_be_a_meeting([(SECRETARY, Part.SECRETARY), (MEMBER, Part.MEMBER), (CHAIR, Part.CHAIR)])


@pytest.mark.parametrize(
    "people",
    [
        [],
        [(CHAIR, Part.CHAIR)],
        [(SECRETARY, Part.SECRETARY)],
        [(CHAIR, Part.CHAIR), (CHAIR, Part.SECRETARY)],
        [(CHAIR, Part.CHAIR), (SECRETARY, Part.SECRETARY), (MEMBER, Part.CHAIR)],
        [(CHAIR, Part.CHAIR), (SECRETARY, Part.SECRETARY), (MEMBER, Part.SECRETARY)],
        [(CHAIR, Part.CHAIR), (SECRETARY, Part.SECRETARY), (CHAIR, Part.MEMBER)],
        [(CHAIR, Part.CHAIR), (SECRETARY, Part.SECRETARY), *2 * [(MEMBER, Part.GUEST)]],
        [(CHAIR, Part.CHAIR), (MEMBER, Part.CHAIR), *2 * [(SECRETARY, Part.SECRETARY)]],
    ],
)
def test_other_companies_are_no_meeting(people: list[tuple[UUID, Part]]) -> None:
    with pytest.raises(WrongPeople):
        must_be_a_meeting(people)


@given(st.integers(-3, 12), st.integers(0, 10))
def test_pages_count_from_zero_to_the_last(page: int, pages: int) -> None:
    if page in range(pages):
        must_have_page(page, pages)
    else:
        with pytest.raises(NoSuchPage) as refusal:
            must_have_page(page, pages)
        assert refusal.value.facts == {"page": page, "pages": pages}


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("part", Part)
def test_a_reporter_proposes_papers_for_their_item_and_gains_nothing_else(
    act: Act, part: Part
) -> None:
    allowed = act in RULEBOOK[part] | {Act.PROPOSE_PAPER}

    assert may(act, part, reports=True) is allowed
    assert may(act, part) is (act in RULEBOOK[part])
    if allowed:
        must_be_allowed(act, part, reports=True)
    if act not in RULEBOOK[part]:
        with pytest.raises(NotYourPart):
            must_be_allowed(act, part)


#: what may happen -> while a meeting stands where, by whom, or by which moves
SETS: dict[str, tuple[frozenset[StrEnum], str]] = {
    "only who prepares it knows of it": (IN_PREPARATION, "draft approved"),
    "people, agenda and table may be changed": (
        OPEN_TO_CHANGE, "draft approved invited checkin_open in_session recess postponed",
    ),
    "who may hold a vote of their own": (VOTERS, "chair member"),
    "who prepares it": (PREPARES, "chair secretary"),
    "what becomes of its record": (OF_THE_RECORD, "write review return sign archive"),
}  # fmt: skip


@pytest.mark.parametrize("said", SETS)
def test_it_is_as_the_rulebook_says(said: str) -> None:
    held, names = SETS[said]

    assert held == set(names.split())
