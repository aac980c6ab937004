"""What a phone is told of a refusal: the facts by which it explains it to a person."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from api.documents import numbering
from api.inbox import rules as inbox
from api.inbox.errors import OneWay
from api.meetings import rules as meetings
from api.people import acting
from api.people import rules as people
from api.people.acting import Form, Power, Scope
from api.signing import rules as signing
from api.tasks import rules as tasks
from core.errors import AppError
from push import rules as push
from push.rules import Delivery, Precedence, Urgency
from realtime import positions

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HEAD, DEPUTY, OTHER = (UUID(int=number) for number in range(1, 4))


def power(**changed: Any) -> Power:
    values: dict[str, Any] = {"form": Form.KT, "scope": Scope.ALL, "since": NOON}
    return Power(HEAD, DEPUTY, **(values | changed))


def keeps_terms(given: Power, **changed: Any) -> None:
    values: dict[str, Any] = {"basis": "12/QĐ-BTNMT", "own_unit": True, "now": NOON}
    acting.must_keep_terms(given, **(values | changed))


REFUSALS: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
    "a new attempt beside a good one": (
        lambda: signing.must_have_ended_badly(signing.State.EMBEDDED),
        {"state": "embedded", "move": "try_anew"},
    ),
    "paper without a number": (
        lambda: signing.on_paper(None, "QĐ", "Hà Nội", date(2026, 1, 5)),
        {"state": "unnumbered", "move": "number"},
    ),
    "paper without a day": (
        lambda: signing.on_paper(1, "QĐ", "Hà Nội", None),
        {"state": "unnumbered", "move": "number"},
    ),
    "presenting before the meeting": (
        lambda: meetings.must_be_in_session(meetings.State.INVITED),
        {"state": "invited", "move": "present"},
    ),
    "another's part of a task": (
        lambda: tasks.must_stand_for({HEAD}, actor_id=OTHER, acts_for={DEPUTY}, move="accept"),
        {"move": "accept"},
    ),
    "a date that goes back": (
        lambda: numbering.must_not_go_back(date(2026, 1, 5), date(2026, 1, 4)),
        {"last_on": "2026-01-05", "today": "2026-01-04"},
    ),
    "one device too many": (
        lambda: people.must_have_room(people.MOST_DEVICES),
        {"most": people.MOST_DEVICES},
    ),
    "a kind nobody is told of": (lambda: inbox.must_be_known("no.such"), {"kind": "no.such"}),
    "a delegation from the past": (
        lambda: keeps_terms(power(since=NOON - DAY)),
        {"form": "kt", "needs": "since"},
    ),
    "a delegation that ends before it begins": (
        lambda: acting.must_not_be_over(power(until=NOON - DAY), NOON),
        {"form": "kt", "needs": "until"},
    ),
    "a deputy of another unit": (
        lambda: keeps_terms(power(), own_unit=False),
        {"form": "kt", "needs": "own_unit"},
    ),
    "an alert that is chosen away": (
        lambda: push.must_be_a_choice("people.device_revoked", Delivery.DIGEST),
        {"kind": "people.device_revoked"},
    ),
    "an alert that is muted": (
        lambda: push.must_be_mutable("people.device_revoked", None, NOON),
        {"kind": "people.device_revoked"},
    ),
    "a mute that ends now": (
        lambda: push.must_be_mutable("tasks.assigned", NOON, NOON),
        {"where": "body.until"},
    ),
}


@pytest.mark.parametrize("which", REFUSALS)
def test_a_refusal_names_what_was_wrong(which: str) -> None:
    refused, facts = REFUSALS[which]

    with pytest.raises(AppError) as refusal:
        refused()

    assert refusal.value.facts == facts


def test_a_page_is_asked_for_from_one_side_only() -> None:
    inbox.must_go_one_way(None, None)
    inbox.must_go_one_way("a", None)
    inbox.must_go_one_way(None, "b")

    with pytest.raises(OneWay):
        inbox.must_go_one_way("a", "b")


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ({}, {}, True),
        ({"scope": Scope.ALL}, {"scope": Scope.TASKS}, True),
        ({"scope": Scope.TASKS}, {"scope": Scope.ALL}, True),
        ({"scope": Scope.TASKS}, {"scope": Scope.MEETINGS}, False),
        ({}, {"types": frozenset({"a"})}, True),
        ({"types": frozenset({"a"})}, {"types": frozenset({"b"})}, False),
        ({"types": frozenset({"a"})}, {"types": frozenset({"a", "b"})}, True),
        ({"until": NOON + DAY}, {"since": NOON + DAY}, False),
        ({"until": NOON + 2 * DAY}, {"since": NOON + DAY}, True),
    ],
)
def test_delegations_meet_in_scope_types_and_time(
    one: dict[str, Any], other: dict[str, Any], *, meet: bool
) -> None:
    assert acting.overlap(power(**one), power(**other)) is meet
    assert acting.overlap(power(**other), power(**one)) is meet


@pytest.mark.parametrize(
    ("kind", "urgency", "place"),
    [
        ("tasks.assigned", Urgency.NORMAL, Precedence.NORMAL),
        ("tasks.assigned", Urgency.URGENT, Precedence.SOON),
        ("tasks.assigned", Urgency.VERY_URGENT, Precedence.AT_ONCE),
        ("tasks.assigned", Urgency.FLASH, Precedence.FLASH),
        ("people.device_revoked", Urgency.NORMAL, Precedence.AT_ONCE),
    ],
)
def test_the_more_urgent_goes_first(kind: str, urgency: Urgency, place: Precedence) -> None:
    assert push.precedence(kind, urgency) is place


def test_the_code_on_both_screens_comes_from_the_last_bytes_of_the_digest() -> None:
    assert signing.verification_code(bytes.fromhex("ff" * 28 + "00003039")) == "2345"
    assert signing.verification_code(bytes(32)) == "0000"


def test_what_is_stepped_up_for_is_one_request_and_one_paper() -> None:
    assert signing.subject_of(UUID(int=7), "00ff") == UUID(int=7).bytes + b"\x00\xff"


def test_an_extract_never_ends_in_a_blank_before_its_dots() -> None:
    shown = signing.sim_text("Quyết định", f"{'a' * 28} {'b' * 40}", "0042")

    assert f"{'a' * 28}…" in shown
    assert len(shown) <= signing.SIM_TEXT_LENGTH


def test_a_unit_of_two_words_keeps_its_kind() -> None:
    assert numbering.letters_of("Văn phòng") == "VP"
    assert numbering.letters_of("Vụ Bộ") == "V"


def test_a_new_listener_is_open_and_not_yet_live() -> None:
    heard = positions.Listening("room:1", "e", 7)

    assert (heard.stream, heard.epoch, heard.position, heard.acked) == ("room:1", "e", 7, 7)
    assert (heard.live, heard.replaying, heard.open) == (False, False, True)


@pytest.mark.parametrize(
    ("start", "found", "expected"),
    [
        ("head", positions.Found("e", 9), (9, None)),
        ("snapshot", positions.Found("e", 9), (9, None)),
        (("e", 4), positions.Found("e", 9, kept_after=5), (4, None)),
        (("e", 4), positions.Found("e", 9, kept_after=6), (9, "trimmed")),
        (("e", 3), positions.Found("e", 9, kept_after=4), (9, "too_many")),
        (("e", 10), positions.Found("e", 9), (9, "epoch")),
        (("f", 4), positions.Found("e", 9, kept_after=5), (9, "epoch")),
    ],
)
def test_a_phone_goes_on_where_it_can(
    start: Any, found: positions.Found, expected: tuple[int, str | None]
) -> None:
    assert positions.starting_point(start, found, most=5) == expected
