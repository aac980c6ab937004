"""What may happen to a document, in every order that anybody could try."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from api.documents.errors import (
    NotYetRead,
    SealerIsSigner,
    Secret,
    WrongCosigners,
    WrongState,
    WrongValidity,
)
from api.documents.rules import (
    BEGIN,
    FINAL,
    LEAST_CONFIDENCE,
    MOST_COSIGNERS,
    MOVES,
    STAMPS,
    Direction,
    Force,
    Move,
    PageState,
    State,
    TextState,
    Urgency,
    Validity,
    after,
    may_be_spread,
    must_be_a_force,
    must_be_in,
    must_be_known,
    must_not_be_secret,
    must_not_have_signed,
    must_sign_once,
    reading_state,
    text_state,
)
from core.ids import new_id

INCOMING = {State.REGISTERED, State.DIRECTED, State.RESOLVED}
BEFORE = {
    State.DIRECTED: Move.DIRECT,
    State.RESOLVED: Move.RESOLVE,
    State.SIGNED: Move.SIGN,
    State.NUMBERED: Move.NUMBER,
    State.SEALED: Move.SEAL,
    State.ISSUED: Move.ISSUE,
}


class AnyLife(RuleBasedStateMachine):
    """Tries every move at every moment."""

    @initialize(direction=st.sampled_from(Direction))
    def begin(self, direction: Direction) -> None:
        self.direction = direction
        self.state = BEGIN[direction]
        self.made: list[Move] = []

    @rule(move=st.sampled_from(Move))
    def try_to(self, move: Move) -> None:
        with suppress(WrongState):
            self.state = after(self.state, move)
            self.made.append(move)

    @invariant()
    def stays_on_its_side(self) -> None:
        assert (self.state in INCOMING) == (self.direction is Direction.INCOMING)

    @invariant()
    def is_where_its_last_move_led(self) -> None:
        if self.state in BEFORE:
            assert self.made[-1] is BEFORE[self.state]

    @invariant()
    def is_issued_only_after_signature_number_and_seal(self) -> None:
        if self.state is State.ISSUED:
            assert self.made[-5:] == [Move.SUBMIT, Move.SIGN, Move.NUMBER, Move.SEAL, Move.ISSUE]


TestAnyLife = AnyLife.TestCase


def reachable_from(start: State) -> set[State]:
    found = {start}
    while True:
        more = {target for (state, _), target in MOVES.items() if state in found} - found
        if not more:
            return found
        found |= more


def test_every_state_can_be_reached() -> None:
    assert set().union(*map(reachable_from, BEGIN.values())) == set(State)


def test_every_move_leads_somewhere() -> None:
    assert {move for _, move in MOVES} == set(Move)


def test_only_what_is_done_is_final() -> None:
    assert frozenset({State.RESOLVED, State.ISSUED}) == FINAL


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", Move)
def test_every_pair_is_in_the_table_or_refused(state: State, move: Move) -> None:
    if (state, move) in MOVES:
        assert after(state, move) is MOVES[state, move]
    else:
        with pytest.raises(WrongState) as refusal:
            after(state, move)
        assert refusal.value.facts == {"state": state, "move": move}


@pytest.mark.parametrize("level", ["", "Thường", "none", " không "])
def test_open_documents_pass(level: str) -> None:
    must_not_be_secret(level, "12/QĐ-BTNMT", ["Về việc bảo mật thông tin"])


@pytest.mark.parametrize(
    ("level", "symbol", "words", "stamp", "found"),
    [
        ("Mật", "", (), None, "declared_level"),
        ("TUYỆT MẬT", "", (), None, "declared_level"),
        ("cấp 7", "", (), None, "declared_level"),
        ("", "05-M/BC-BTNMT", (), None, "symbol"),
        ("", "", ("Kính gửi", "TỐI MẬT"), None, "stamp"),
        ("", "", (), "mật", "stamp"),
    ],
)
def test_secret_documents_do_not(
    level: str, symbol: str, words: tuple[str, ...], stamp: str | None, found: str
) -> None:
    with pytest.raises(Secret) as refusal:
        must_not_be_secret(level, symbol, words, stamp)

    assert refusal.value.facts == {"found": found}


def test_a_held_document_is_not_spread() -> None:
    must_be_known(held=False)

    with pytest.raises(NotYetRead):
        must_be_known(held=True)


def test_nobody_signs_and_seals() -> None:
    signer, clerk = new_id(), new_id()

    must_not_have_signed([signer, None], clerk)

    with pytest.raises(SealerIsSigner):
        must_not_have_signed([None, signer], signer)


@given(st.booleans())
def test_a_file_is_read_when_every_page_is(has_text: bool) -> None:  # noqa: FBT001
    assert (text_state(has_text=has_text) is TextState.READ) == has_text


def test_a_document_elsewhere_is_refused() -> None:
    must_be_in(State.NUMBERED, State.NUMBERED)

    with pytest.raises(WrongState) as refusal:
        must_be_in(State.SEALED, State.NUMBERED)

    assert refusal.value.facts == {"state": "sealed", "needs": "numbered"}


def test_the_urgency_is_stamped_in_the_decrees_words() -> None:
    stamped = {urgency.value: STAMPS[urgency] for urgency in Urgency}

    assert stamped == {
        "normal": "", "urgent": "KHẨN", "very_urgent": "THƯỢNG KHẨN", "flash": "HỎA TỐC",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("pages", "state"),
    [
        ("", TextState.READ),
        ("read read", TextState.READ),
        ("read unreadable", TextState.UNREADABLE),
        ("unreadable", TextState.UNREADABLE),
        ("waiting", TextState.NOT_YET_READ),
        ("waiting waiting", TextState.NOT_YET_READ),
        ("waiting read", TextState.BEING_READ),
        ("unreadable waiting", TextState.BEING_READ),
    ],
)
def test_a_file_is_as_far_as_its_pages(pages: str, state: TextState) -> None:
    assert reading_state(map(PageState, pages.split())) is state


@pytest.mark.parametrize("state", TextState)
def test_what_was_read_surely_may_be_spread(state: TextState) -> None:
    assert LEAST_CONFIDENCE == 60
    assert may_be_spread(state, [60, 99]) is (state is TextState.READ)
    assert may_be_spread(state, []) is (state is TextState.READ)
    assert not may_be_spread(state, [99, 59])


FIRST, DAY, LAST = date(2026, 1, 1), date(2026, 6, 1), date(2027, 1, 1)
PARTLY, SUSPENDED = Validity.PARTLY_ENDED, Validity.SUSPENDED


@pytest.mark.parametrize(
    ("force", "holds"),
    [
        (Force(), None),
        (Force(noted=SUSPENDED), SUSPENDED),
        (Force(since=FIRST), Validity.IN_FORCE),
        (Force(since=DAY), Validity.IN_FORCE),
        (Force(since=LAST), Validity.NOT_YET),
        (Force(since=LAST, noted=SUSPENDED), Validity.NOT_YET),
        (Force(until=LAST), Validity.IN_FORCE),
        (Force(until=DAY), Validity.ENDED),
        (Force(since=FIRST, until=FIRST, noted=PARTLY), Validity.ENDED),
        (Force(since=FIRST, until=LAST, noted=PARTLY), PARTLY),
        (Force(since=FIRST, noted=SUSPENDED), SUSPENDED),
    ],
)
def test_what_holds_on_a_day(force: Force, holds: Validity | None) -> None:
    assert force.on(DAY) is holds


@pytest.mark.parametrize(
    "force", [Force(), Force(FIRST), Force(FIRST, DAY), Force(None, DAY, PARTLY),
              Force(noted=SUSPENDED)],
)  # fmt: skip
def test_what_can_be_said_of_the_time_in_which_a_document_holds(force: Force) -> None:
    must_be_a_force(force)


@pytest.mark.parametrize(
    "force",
    [Force(DAY, FIRST), Force(DAY, DAY), Force(noted=Validity.ENDED),
     Force(FIRST, LAST, Validity.IN_FORCE), Force(noted=Validity.NOT_YET)],
)  # fmt: skip
def test_what_cannot_be_said_of_it(force: Force) -> None:
    with pytest.raises(WrongValidity):
        must_be_a_force(force)


def test_everybody_signs_a_paper_once_and_it_has_room_for_so_many() -> None:
    signer, others = new_id(), [new_id() for _ in range(MOST_COSIGNERS + 1)]
    must_sign_once(signer, [])
    must_sign_once(signer, others[:MOST_COSIGNERS])

    for cosigners in ([signer], [others[0], others[0]], others):
        with pytest.raises(WrongCosigners):
            must_sign_once(signer, cosigners)
