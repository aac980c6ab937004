"""Secret votes as pure rules: ballots, archives, the steps of a key, what a result reveals."""

import json
import random
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.meetings.secrecy import archive, ballots
from api.meetings.secrecy.archive import Setup
from api.meetings.secrecy.errors import NotABallot, WrongSecrecy, WrongStep
from api.meetings.secrecy.rules import (
    FEW_BALLOTS,
    Secrecy,
    Step,
    must_be_at,
    must_be_secrecy,
    new_uuid,
    reveals,
    step_of,
)
from api.meetings.votes.rules import Rule

SETUP = Setup("1" * 14, '{"uuid":"11111111111111"}', "[]", '["2"]')
TEXTS = st.lists(st.text(min_size=1, max_size=40), unique=True, max_size=8)


@given(TEXTS, st.randoms())
def test_an_archive_has_the_same_bytes_however_its_ballots_came(
    texts: list[str], chance: random.Random
) -> None:
    mixed = texts[:]
    chance.shuffle(mixed)
    first, second = archive.opened(SETUP, 7), archive.opened(SETUP, 7)
    archive.add_ballots(first, texts)
    archive.add_ballots(second, mixed)

    content = first.content()

    assert content == second.content()
    assert sorted(archive.texts_of(content, archive.BALLOT)) == sorted(texts)
    assert archive.setup_of(content) == SETUP
    assert archive.head_of(content) == first.head == second.head


@given(TEXTS.filter(bool), st.integers(0))
def test_a_changed_text_is_not_what_its_name_says(texts: list[str], place: int) -> None:
    grown = archive.opened(SETUP, 7)
    archive.add_ballots(grown, texts)
    chosen = texts[place % len(texts)].encode()
    changed = bytes([chosen[0] ^ 1]) + chosen[1:]
    content = grown.content()
    at = content.rfind(chosen + bytes(-len(chosen) % 512))

    with pytest.raises(ValueError, match=r"."):
        list(archive.texts_of(content[:at] + changed + content[at + len(chosen) :], archive.BALLOT))


@given(st.binary(max_size=2000) | st.text(max_size=2000).map(str.encode))
def test_bytes_that_are_no_archive_are_refused(content: bytes) -> None:
    with pytest.raises((ValueError, StopIteration)):
        archive.setup_of(content)


@given(st.text(max_size=300) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner,
                                                                max_size=3),
).map(lambda value: json.dumps(value, separators=(",", ":"))))  # fmt: skip
def test_a_text_that_is_no_ballot_is_refused(text: str) -> None:
    with pytest.raises(NotABallot):
        ballots.read(text)


def test_a_step_begins_when_all_have_taken_the_one_before() -> None:
    nobody: list[set[Step]] = [set(), set()]
    one = [{Step.CERTIFICATE}, set()]
    both = [{Step.CERTIFICATE}, {Step.CERTIFICATE}]

    assert step_of(nobody, is_dealt=False, is_done=False) is Step.CERTIFICATE
    assert step_of(one, is_dealt=False, is_done=False) is Step.CERTIFICATE
    assert step_of(both, is_dealt=False, is_done=False) is Step.POLYNOMIAL
    assert step_of(both, is_dealt=True, is_done=False) is Step.OUTPUT
    assert step_of(both, is_dealt=True, is_done=True) is None


PEOPLE = [uuid4() for _ in range(11)]


@given(
    trustees=st.lists(st.sampled_from(PEOPLE), max_size=11),
    threshold=st.integers(0, 12),
    registrar=st.sampled_from(PEOPLE),
    weighted=st.booleans(),
)
def test_no_plan_lets_one_person_open_or_fill_a_box(
    trustees: list[UUID], threshold: int, registrar: UUID, *, weighted: bool
) -> None:
    is_sound = (
        2 <= threshold <= len(trustees) <= 9
        and len(set(trustees)) == len(trustees)
        and registrar not in trustees
        and not weighted
    )
    try:
        must_be_secrecy(Secrecy(tuple(trustees), threshold, registrar), Rule(weighted=weighted))
    except WrongSecrecy:
        assert not is_sound
    else:
        assert is_sound


@given(st.lists(st.integers(0, 9), min_size=2, max_size=4))
def test_a_result_reveals_where_few_voted_or_all_alike(counts: list[int]) -> None:
    why = reveals(counts)

    assert (why == "few_ballots") is (sum(counts) < FEW_BALLOTS)
    if why is None:
        assert sum(one > 0 for one in counts) > 1


def test_names_of_elections_do_not_repeat() -> None:
    names = {new_uuid() for _ in range(1000)}

    assert len(names) == 1000
    assert {len(one) for one in names} == {14}


# --- who keeps a vote secret ----------------------------------------------------------------

HANDS = tuple(UUID(int=number) for number in range(1, 11))
REGISTRAR = UUID(int=99)


def plan(hands: int = 3, threshold: int = 2, **changed: Any) -> Secrecy:
    return replace(Secrecy(HANDS[:hands], threshold, REGISTRAR), **changed)


@pytest.mark.parametrize(("trustees", "threshold"), [(2, 2), (3, 2), (3, 3), (9, 2), (9, 9)])
def test_two_to_nine_hold_the_key_and_two_to_all_of_them_open_it(
    trustees: int, threshold: int
) -> None:
    must_be_secrecy(plan(trustees, threshold), Rule())


@pytest.mark.parametrize(
    "bad",
    [
        plan(1, 1), plan(10, 2), plan(0, 0), plan(3, 1), plan(3, 4),
        plan(trustees=(HANDS[0], HANDS[0], HANDS[1])), plan(registrar_id=HANDS[0]),
    ],
)  # fmt: skip
def test_other_hands_would_keep_nothing_secret(bad: Secrecy) -> None:
    with pytest.raises(WrongSecrecy) as refusal:
        must_be_secrecy(bad, Rule())

    assert refusal.value.facts == {"why": "people"}


def test_a_weight_would_tell_which_class_a_voter_is_of() -> None:
    with pytest.raises(WrongSecrecy) as refusal:
        must_be_secrecy(plan(), Rule(weighted=True))

    assert refusal.value.facts == {"why": "weights"}


@pytest.mark.parametrize(
    ("now", "told"),
    [(Step.POLYNOMIAL, Step.POLYNOMIAL), (Step.OUTPUT, Step.OUTPUT), (None, "done")],
)
def test_nobody_speaks_before_or_after_their_turn(now: Step | None, told: str) -> None:
    must_be_at(Step.CERTIFICATE, Step.CERTIFICATE)
    with pytest.raises(WrongStep) as refusal:
        must_be_at(Step.CERTIFICATE, now)

    assert refusal.value.facts == {"step": told}


@pytest.mark.parametrize(
    ("counts", "why"),
    [
        ([3, 1], "few_ballots"), ([4, 0], "few_ballots"), ([0, 0], "few_ballots"),
        ([5, 0], "unanimous"), ([0, 9, 0], "unanimous"), ([4, 1], None), ([3, 3, 3], None),
    ],
)  # fmt: skip
def test_few_votes_or_one_answer_tell_who_voted_what(counts: list[int], why: str | None) -> None:
    assert reveals(counts) == why
