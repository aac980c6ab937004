"""How votes are counted, decided on plain values: a result that anybody can recount."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.meetings.rules import State as MeetingState
from api.meetings.votes.errors import NoSuchChoice, WrongVoteState
from api.meetings.votes.rules import (
    FINAL,
    HELD_IN,
    MOST_CHOICES,
    Ballot,
    Base,
    Electorate,
    Move,
    Result,
    Rule,
    State,
    after,
    digest_of,
    must_be_a_choice,
    tally,
)
from core.ids import new_id

YES, NO, ABSTAIN = range(3)


RULES = st.builds(
    Rule,
    quorum_percent=st.integers(0, 100),
    base=st.sampled_from(Base),
    numerator=st.integers(1, 3),
    denominator=st.integers(3, 5),
    more_than=st.booleans(),
    weighted=st.booleans(),
    abstention=st.sampled_from([None, ABSTAIN]),
)
BALLOTS = st.lists(st.builds(Ballot, st.uuids(), st.integers(0, 2), st.integers(1, 9)), max_size=12)


@given(
    ballots=BALLOTS, rule=RULES, absent=st.integers(0, 5), silent=st.integers(0, 5),
    by_ballot=st.booleans(),
)  # fmt: skip
def test_a_result_is_what_a_naive_recount_of_the_list_gives(
    ballots: Sequence[Ballot], rule: Rule, absent: int, silent: int, *, by_ballot: bool
) -> None:
    present = len(ballots) + silent
    cast = sum(one.weight for one in ballots)
    frozen = Electorate(present + absent, present, cast + silent + absent, cast + silent)

    result = tally(ballots, 3, frozen, rule, by_ballot=by_ballot)

    worth = [(one.choice, one.weight if rule.weighted else 1) for one in ballots]
    counts = [sum(worth_ for choice, worth_ in worth if choice == one) for one in range(3)]
    whole = {
        Base.FOR_AND_AGAINST: sum(counts) - (counts[ABSTAIN] if rule.abstention else 0),
        Base.CAST: sum(counts),
        Base.PRESENT: frozen.weight_present if rule.weighted else frozen.present,
        Base.ENTITLED: frozen.weight_entitled if rule.weighted else frozen.entitled,
    }[rule.base]
    took_part = len(ballots) if by_ballot else present
    met = frozen.entitled > 0 and 100 * took_part >= rule.quorum_percent * frozen.entitled
    needed = Fraction(rule.numerator, rule.denominator) * whole
    winners = [
        one for one in range(3)
        if one != rule.abstention and counts[one]
        and (counts[one] > needed if rule.more_than else counts[one] >= needed)
    ]  # fmt: skip
    assert (list(result.counts), result.base, result.quorum_met) == (counts, whole, met)
    assert result.adopted == (winners[0] if met and len(winners) == 1 else None)


@given(st.lists(st.builds(Ballot, st.uuids(), st.integers(0, 2), st.integers(1, 9)), min_size=1,
                unique_by=lambda one: one.mandate_id),
       st.randoms(), RULES)  # fmt: skip
def test_a_digest_tells_every_change_of_the_list_and_no_change_of_its_order(
    ballots: list[Ballot], chance: Any, rule: Rule
) -> None:
    frozen = Electorate(20, 15, 99, 90)
    digest = digest_of(ballots, frozen, rule)
    mixed = ballots[:]
    chance.shuffle(mixed)

    assert digest_of(mixed, frozen, rule) == digest
    changed = replace(ballots[0], choice=(ballots[0].choice + 1) % 3)
    for other in (ballots[1:], [*ballots, Ballot(new_id(), YES, 1)], [changed, *ballots[1:]]):
        assert digest_of(other, frozen, rule) != digest
    assert digest_of(ballots, replace(frozen, present=14), rule) != digest


def test_a_choice_stands_on_the_ballot() -> None:
    for choice in range(3):
        must_be_a_choice(choice, 3)
    for choice in (-1, 3):
        with pytest.raises(NoSuchChoice) as refusal:
            must_be_a_choice(choice, 3)
        assert refusal.value.facts == {"choice": choice, "choices": 3}


def test_a_refused_move_says_where_the_vote_stands() -> None:
    with pytest.raises(WrongVoteState) as refusal:
        after(State.PUBLISHED, Move.ANNUL)

    assert refusal.value.facts == {"state": State.PUBLISHED, "move": Move.ANNUL}
    assert {State.PUBLISHED, State.ANNULLED} == FINAL


def test_votes_are_opened_in_session_and_ballots_without_a_meeting_while_invited() -> None:
    assert {False: {MeetingState.IN_SESSION}, True: {MeetingState.INVITED}} == HELD_IN
    assert MOST_CHOICES == 12


def test_more_than_half_of_those_present_adopts_unless_another_rule_is_set() -> None:
    assert Rule() == Rule(50, Base.PRESENT, 1, 2, more_than=True, weighted=False, abstention=None)
    assert Rule(numerator=2, denominator=3).share == Fraction(2, 3)


def ballots(*choices: int, weight: int = 1) -> list[Ballot]:
    return [Ballot(UUID(int=at), choice, weight) for at, choice in enumerate(choices)]


TEN = Electorate(entitled=10, present=6, weight_entitled=20, weight_present=12)


@pytest.mark.parametrize(
    ("choices", "rule", "base", "adopted"),
    [
        ([YES] * 3 + [NO] * 2, Rule(), 6, None),
        ([YES] * 4 + [NO] * 2, Rule(), 6, YES),
        ([YES] * 3 + [NO] * 3, Rule(more_than=False), 6, None),
        ([YES] * 3 + [NO] * 2, Rule(more_than=False), 6, YES),
        ([YES] * 2 + [NO], Rule(base=Base.CAST), 3, YES),
        ([YES] * 5, Rule(base=Base.ENTITLED), 10, None),
        ([YES] * 6, Rule(base=Base.ENTITLED), 10, YES),
        ([YES, ABSTAIN, ABSTAIN], Rule(base=Base.FOR_AND_AGAINST, abstention=ABSTAIN), 1, YES),
        ([ABSTAIN] * 3, Rule(base=Base.FOR_AND_AGAINST, abstention=ABSTAIN), 0, None),
        ([ABSTAIN] * 6, Rule(abstention=ABSTAIN), 6, None),
        ([], Rule(base=Base.CAST), 0, None),
    ],
)
def test_a_choice_is_adopted_by_its_share_of_the_base(
    choices: list[int], rule: Rule, base: int, adopted: int | None
) -> None:
    result = tally(ballots(*choices), 3, TEN, rule, by_ballot=False)

    counts = tuple(choices.count(one) for one in range(3))
    assert result == Result(counts, len(choices), base, quorum_met=True, adopted=adopted)


def test_votes_are_counted_where_they_are_weighted_and_persons_where_not() -> None:
    heavy = [*ballots(YES, weight=9), Ballot(UUID(int=8), NO, 1), Ballot(UUID(int=9), NO, 1)]

    by_person = tally(heavy, 2, TEN, Rule(base=Base.CAST), by_ballot=False)
    by_weight = tally(heavy, 2, TEN, Rule(weighted=True), by_ballot=False)

    assert by_person == Result((1, 2), 3, 3, quorum_met=True, adopted=NO)
    assert by_weight == Result((9, 2), 11, 12, quorum_met=True, adopted=YES)
    assert tally(heavy, 2, TEN, Rule(weighted=True, base=Base.ENTITLED), by_ballot=False).base == 20


@pytest.mark.parametrize(
    ("cast", "percent", "by_ballot", "met"),
    [
        (1, 60, False, True),  # six of ten are there, whoever casts
        (6, 61, False, False),
        (5, 50, True, True),
        (4, 50, True, False),
        (0, 0, True, True),
    ],
)
def test_a_quorum_is_of_those_who_are_there_or_of_those_who_sent_a_ballot(
    cast: int, percent: int, *, by_ballot: bool, met: bool
) -> None:
    rule = Rule(quorum_percent=percent, base=Base.CAST)

    result = tally(ballots(*[YES] * cast), 2, TEN, rule, by_ballot=by_ballot)

    assert result.quorum_met is met
    assert result.adopted == (YES if met and cast else None)


def test_a_quorum_is_counted_in_hundredths_of_many() -> None:
    many = Electorate(entitled=1000, present=599, weight_entitled=1000, weight_present=599)

    assert not tally([], 2, many, Rule(quorum_percent=60), by_ballot=False).quorum_met
    assert tally([], 2, many, Rule(quorum_percent=59), by_ballot=False).quorum_met


def test_what_nobody_chose_is_never_adopted() -> None:
    anything = Rule(base=Base.CAST, numerator=0, more_than=False)

    assert tally(ballots(YES), 3, TEN, anything, by_ballot=False).adopted == YES


def test_where_nobody_may_vote_nothing_is_adopted() -> None:
    nobody = Electorate(entitled=0, present=0, weight_entitled=0, weight_present=0)

    result = tally([], 2, nobody, Rule(quorum_percent=0), by_ballot=False)

    assert result == Result((0, 0), 0, 0, quorum_met=False, adopted=None)


def test_two_choices_with_a_majority_are_none() -> None:
    rule = Rule(numerator=1, denominator=3, base=Base.CAST)

    assert tally(ballots(YES, YES, NO, NO), 2, TEN, rule, by_ballot=False).adopted is None


def test_the_published_list_is_hashed_as_sorted_json() -> None:
    listed = [Ballot(UUID(int=2), YES, 1), Ballot(UUID(int=1), NO, 3)]
    told = (
        '{"ballots":[["00000000-0000-0000-0000-000000000001",1,3],'
        '["00000000-0000-0000-0000-000000000002",0,1]],'
        '"electorate":{"entitled":10,"present":6,"weight_entitled":20,"weight_present":12},'
        '"rule":{"abstention":null,"base":"present","denominator":2,"more_than":true,'
        '"numerator":1,"quorum_percent":50,"weighted":false}}'
    )

    assert digest_of(listed, TEN, Rule()) == sha256(told.encode()).hexdigest()
