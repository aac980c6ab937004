"""What signing allows, and what no sequence of moves can break."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from api.signing.errors import (
    NotTheSigner,
    NotYourTurn,
    WrongDeadline,
    WrongState,
    WrongSteps,
)
from api.signing.rules import (
    BEGIN,
    FINAL,
    MAY_TRY_ANEW,
    MOVES,
    SIGNING,
    SIM_TEXT_LENGTH,
    TIME_TO_SIGN,
    Asked,
    Move,
    Order,
    Part,
    State,
    after,
    is_too_late,
    missing,
    must_be_asked_for,
    must_be_signer,
    must_be_their_turn,
    must_have_ended_badly,
    must_initial_once,
    must_leave_time,
    on_paper,
    open_turns,
    signing_turns,
    sim_text,
    times_to_remind,
    turns,
    verification_code,
)

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
GOOD = {State.EMBEDDED, State.INITIALLED}
WAY = [Move.CONSENT, Move.PREPARE, Move.DISPATCH, Move.KEEP, Move.EMBED]
#: One PIN for a list: a remote key signs what the SIM has released.
WAY_IN_A_LIST = [Move.CONSENT, Move.PREPARE, Move.RELEASE, Move.EMBED]


def test_signing_takes_consent_preparation_a_prompt_a_signature_and_its_embedding() -> None:
    state = BEGIN
    for move in WAY:
        state = after(state, move)

    assert state is State.EMBEDDED


def test_every_state_can_be_reached_and_every_move_is_used() -> None:
    assert set(MOVES.values()) | {BEGIN} == set(State)
    assert {move for _, move in MOVES} == set(Move)


def test_the_states_that_end() -> None:
    assert MAY_TRY_ANEW | GOOD | {State.DECLINED, State.SUPERSEDED} == FINAL


def test_what_the_sim_has_signed_is_embedded_unless_the_document_went_back() -> None:
    ways = [move for state, move in MOVES if state is State.SIGNED]

    assert ways == [Move.EMBED, Move.SUPERSEDE]


def test_a_document_that_goes_back_ends_whatever_is_not_over() -> None:
    assert {state for state, move in MOVES if move is Move.SUPERSEDE} == set(State) - FINAL


def test_initials_ask_no_operator() -> None:
    assert after(BEGIN, Move.INITIAL) is State.INITIALLED
    assert State.INITIALLED in FINAL


class AnyLife(RuleBasedStateMachine):
    """Whatever happens to a request: one prompt at most, and a signature only after it."""

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
    def prompts_at_most_once(self) -> None:
        assert self.accepted.count(Move.DISPATCH) <= 1

    @invariant()
    def has_a_signature_only_after_the_prompt(self) -> None:
        if Move.KEEP in self.accepted:
            assert self.accepted.index(Move.DISPATCH) < self.accepted.index(Move.KEEP)

    @invariant()
    def is_embedded_only_by_the_whole_way(self) -> None:
        if self.state is State.EMBEDDED:
            assert self.accepted in (WAY, WAY_IN_A_LIST)


TestAnyLife = AnyLife.TestCase


def test_only_the_signer_signs() -> None:
    signer = uuid4()
    must_be_signer(signer, signer)
    with pytest.raises(NotTheSigner):
        must_be_signer(signer, uuid4())


@pytest.mark.parametrize("state", State)
def test_only_what_ended_badly_is_tried_anew(state: State) -> None:
    if state in MAY_TRY_ANEW:
        must_have_ended_badly(state)
    else:
        with pytest.raises(WrongState):
            must_have_ended_badly(state)


@pytest.mark.parametrize("asked", Part)
@pytest.mark.parametrize("wanted", Part)
def test_nobody_signs_what_they_are_to_initial_nor_the_other_way_round(
    asked: Part, wanted: Part
) -> None:
    if asked is wanted:
        must_be_asked_for(asked, wanted)
    else:
        with pytest.raises(WrongState) as refusal:
            must_be_asked_for(asked, wanted)
        assert refusal.value.facts == {"state": asked, "move": wanted}


def test_in_free_order_all_initial_at_once_and_in_fixed_order_one_after_the_other() -> None:
    assert turns(3, Order.FREE) == [1, 1, 1]
    assert turns(3, Order.FIXED) == [1, 2, 3]
    assert turns(0, Order.FIXED) == []


@given(st.integers(1, 9), st.lists(st.integers(1, 9)))
def test_it_is_nobodys_turn_while_somebody_before_waits(turn: int, waiting: list[int]) -> None:
    if min(waiting, default=9) < turn:
        with pytest.raises(NotYourTurn):
            must_be_their_turn(turn, waiting)
    else:
        must_be_their_turn(turn, waiting)


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=40)))
def test_reminders_come_daily_and_never_at_or_after_the_deadline(time: timedelta) -> None:
    moments = times_to_remind(NOON, NOON + time)

    assert moments == [NOON + timedelta(days=day) for day in range(1, len(moments) + 1)]
    assert all(moment < NOON + time for moment in moments)
    assert NOON + timedelta(days=len(moments) + 1) >= NOON + time


def test_a_reminder_comes_even_shortly_before_the_deadline() -> None:
    day, tick = timedelta(days=1), timedelta(microseconds=1)

    assert times_to_remind(NOON, NOON + day) == []
    assert times_to_remind(NOON, NOON + day + tick) == [NOON + day]


def test_a_deadline_lies_ahead() -> None:
    must_leave_time(NOON + timedelta(microseconds=1), NOON)
    with pytest.raises(WrongDeadline):
        must_leave_time(NOON, NOON)


def test_the_last_moment_is_already_too_late() -> None:
    assert timedelta(minutes=5) == TIME_TO_SIGN
    assert not is_too_late(NOON, NOON + TIME_TO_SIGN - timedelta(microseconds=1))
    assert is_too_late(NOON, NOON + TIME_TO_SIGN)


def test_the_code_is_four_digits_of_the_digest() -> None:
    assert verification_code(bytes(28) + (12_340_007).to_bytes(4)) == "0007"
    assert verification_code(bytes(32)) == "0000"


@given(st.binary(min_size=32, max_size=32))
def test_every_digest_has_a_code_of_four_digits(digest: bytes) -> None:
    code = verification_code(digest)

    assert len(code) == 4
    assert code.isdecimal()


@given(st.text(max_size=300))
def test_what_the_sim_shows_fits_it(title: str) -> None:
    shown = sim_text("Quyết định", title, "1234")

    assert len(shown) <= SIM_TEXT_LENGTH
    assert shown.endswith(" Mã 1234")


def test_a_short_title_is_shown_whole_and_a_long_one_is_marked_as_cut() -> None:
    assert sim_text("Quyết định", "Ban hành quy chế", "0042") == (
        "Quyết định: Ban hành quy chế Mã 0042"
    )
    assert sim_text("Quyết định", "a" * 30, "0042") == f"Quyết định: {'a' * 30} Mã 0042"
    assert sim_text("Quyết định", "a" * 31, "0042") == f"Quyết định: {'a' * 29}… Mã 0042"


@pytest.mark.parametrize(
    ("number", "day", "shown"),
    [
        (7, date(2026, 1, 5), ("07/QĐ-BTNMT", "Hà Nội, ngày 05 tháng 01 năm 2026")),
        (10, date(2026, 2, 10), ("10/QĐ-BTNMT", "Hà Nội, ngày 10 tháng 02 năm 2026")),
        (123, date(2026, 3, 31), ("123/QĐ-BTNMT", "Hà Nội, ngày 31 tháng 3 năm 2026")),
        (9, date(2026, 12, 9), ("09/QĐ-BTNMT", "Hà Nội, ngày 09 tháng 12 năm 2026")),
    ],
)
def test_number_and_date_are_written_as_the_decree_wants(
    number: int, day: date, shown: tuple[str, str]
) -> None:
    assert on_paper(number, "QĐ-BTNMT", "Hà Nội", day) == shown


@pytest.mark.parametrize(("number", "day"), [(None, date(2026, 1, 5)), (1, None)])
def test_what_has_no_number_cannot_be_written(number: int | None, day: date | None) -> None:
    with pytest.raises(WrongState):
        on_paper(number, "QĐ-BTNMT", "Hà Nội", day)


@pytest.mark.parametrize(
    ("order", "after_", "expected"),
    [(Order.FREE, 0, [1, 1, 1]), (Order.FREE, 2, [3, 3, 3]), (Order.FIXED, 2, [3, 4, 5])],
)
def test_those_who_sign_come_after_those_who_initial_and_the_signer_last(
    order: Order, after_: int, expected: list[int]
) -> None:
    assert signing_turns(2, order, after=after_) == expected
    assert signing_turns(0, order, after=after_) == [after_ + 1]


def test_nobody_initials_twice_or_what_they_sign() -> None:
    first, second, third = uuid4(), uuid4(), uuid4()
    must_initial_once([first, second], [third])
    for initials in ([first, first], [first, third]):
        with pytest.raises(WrongSteps):
            must_initial_once(initials, [third])


def sign(turn: int, state: State, place: int = 0) -> Asked:
    return Asked(Part.SIGN, turn, state, place)


def test_a_signature_is_missing_until_its_newest_attempt_is_in_the_file() -> None:
    failed, embedded = sign(1, State.FAILED, 1), sign(1, State.EMBEDDED, 1)
    waiting = sign(1, State.REQUESTED)

    assert missing([failed, waiting]) == [failed, waiting]
    assert missing([failed, embedded, waiting]) == [waiting]
    assert missing([embedded, sign(1, State.EMBEDDED)]) == []
    assert missing([Asked(Part.INITIAL, 1, State.REQUESTED)]) == []


@pytest.mark.parametrize("state", State)
def test_a_turn_is_open_until_it_is_decided(state: State) -> None:
    initial = [Asked(Part.INITIAL, 1, state)]
    signature = [sign(2, state)]

    assert open_turns(initial) == ([] if state in FINAL else [1])
    assert open_turns(signature) == ([] if state is State.EMBEDDED else [2])
    assert sorted(open_turns([*initial, *signature])) == [
        *open_turns(initial), *open_turns(signature),
    ]  # fmt: skip


def test_a_file_is_held_from_its_empty_signature_until_it_is_signed() -> None:
    assert {State.PREPARED, State.DISPATCHED, State.SIGNED} == SIGNING
