"""What is written on copies and attachments, and when."""

from datetime import UTC, datetime

import pytest

from api.documents.errors import WrongState
from api.documents.rules import Direction, State
from api.signing.beside.errors import NotSealed, SignedAlready, TooMany, WrongPages
from api.signing.beside.rules import (
    MOST,
    WORDS,
    Form,
    must_all_be_sealed,
    must_be_copyable,
    must_be_numbered,
    must_fit,
    must_have_room,
    on_attachment,
    on_copy,
)

AT = datetime(2026, 11, 30, 7, 10, 21, 999, tzinfo=UTC)
THEN = "2026-11-30T14:10:21+07:00"


@pytest.mark.parametrize(
    ("form", "word"),
    [(Form.COPY, "Sao y"), (Form.RECOPY, "Sao lục"), (Form.EXTRACT, "Trích sao")],
)
def test_a_copy_names_its_form_the_agency_and_the_time_in_viet_nam(form: Form, word: str) -> None:
    assert on_copy(form, "Bộ Tài chính", AT) == [word, "Bộ Tài chính", THEN]
    assert set(WORDS) == set(Form)


@pytest.mark.parametrize(("number", "shown"), [(7, "07/QĐ-BTC"), (123, "123/QĐ-BTC")])
def test_an_attachment_names_the_number_and_the_time(number: int, shown: str) -> None:
    assert on_attachment(number, "QĐ-BTC", AT) == [shown, THEN]


@pytest.mark.parametrize(
    ("form", "pages"),
    [(Form.COPY, [0]), (Form.RECOPY, [1]), (Form.EXTRACT, []), (Form.EXTRACT, [1, 1])],
)
def test_pages_that_do_not_fit_the_form_are_refused(form: Form, pages: list[int]) -> None:
    with pytest.raises(WrongPages):
        must_fit(form, pages)


@pytest.mark.parametrize(
    ("form", "pages"), [(Form.COPY, []), (Form.RECOPY, []), (Form.EXTRACT, [2, 0])]
)
def test_pages_that_fit_the_form_pass(form: Form, pages: list[int]) -> None:
    must_fit(form, pages)


@pytest.mark.parametrize("form", [Form.COPY, Form.RECOPY])
def test_what_is_signed_is_not_copied_whole(form: Form) -> None:
    with pytest.raises(SignedAlready):
        must_be_copyable(form, Direction.INCOMING, State.REGISTERED, signed=True)
    must_be_copyable(Form.EXTRACT, Direction.INCOMING, State.REGISTERED, signed=True)
    must_be_copyable(form, Direction.INCOMING, State.REGISTERED, signed=False)


@pytest.mark.parametrize("state", [State.DRAFT, State.SIGNED, State.SEALED])
@pytest.mark.parametrize("direction", [Direction.OUTGOING, Direction.INTERNAL])
def test_what_is_ours_is_not_copied_before_it_is_issued(state: State, direction: Direction) -> None:
    for form in Form:
        with pytest.raises(WrongState):
            must_be_copyable(form, direction, state, signed=False)
    must_be_copyable(Form.EXTRACT, direction, State.ISSUED, signed=True)


def test_a_document_has_room_for_so_many_attachments() -> None:
    must_have_room(MOST - 1)
    with pytest.raises(TooMany):
        must_have_room(MOST)


@pytest.mark.parametrize("state", list(State))
def test_attachments_are_sealed_between_number_and_issue(state: State) -> None:
    if state in {State.NUMBERED, State.SEALED}:
        must_be_numbered(state)
    else:
        with pytest.raises(WrongState):
            must_be_numbered(state)


def test_one_attachment_without_a_seal_holds_up_the_issue() -> None:
    must_all_be_sealed([])
    must_all_be_sealed([True, True])
    with pytest.raises(NotSealed):
        must_all_be_sealed([True, False])
