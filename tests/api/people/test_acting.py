"""Who may act for whom, and what no set of delegations can break."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from api.people.acting import (
    FINAL,
    MOVES,
    TERMS,
    DelegationMove,
    DelegationState,
    Form,
    Power,
    Scope,
    acting_for,
    after,
    chains,
    must_keep_terms,
    must_not_be_over,
    must_not_be_own,
    must_not_overlap,
    overlap,
    rank,
    scope_of,
    scopes_covering,
)
from api.people.errors import (
    DelegationOverlaps,
    DelegationToOneself,
    NotYourDelegation,
    WrongDelegationState,
    WrongTerms,
)
from core.clock import FARTHEST

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
HEAD, DIRECTOR, DEPUTY, OTHER = (UUID(int=number) for number in range(1, 5))
PEOPLE = (HEAD, DIRECTOR, DEPUTY, OTHER)
TYPES = ("decision", "report")


def power(principal: UUID = HEAD, delegate: UUID = DEPUTY, **changed: Any) -> Power:
    values: dict[str, Any] = {"form": Form.KT, "scope": Scope.ALL, "since": NOON}
    return Power(principal, delegate, **(values | changed))


@st.composite
def powers(draw: st.DrawFn) -> Power:
    since = NOON + draw(st.integers(-3, 3)) * DAY
    until = draw(st.none() | st.integers(1, 4).map(lambda days: since + days * DAY))
    return Power(
        principal_id=draw(st.sampled_from(PEOPLE)),
        delegate_id=draw(st.sampled_from(PEOPLE)),
        form=draw(st.sampled_from(Form)),
        scope=draw(st.sampled_from(Scope)),
        since=since,
        until=until,
        types=draw(st.frozensets(st.sampled_from(TYPES))),
        state=draw(st.sampled_from(DelegationState)),
    )


MANY = st.lists(powers(), max_size=8)


def test_every_move_is_used_and_what_is_revoked_stays_so() -> None:
    assert {move for _, move in MOVES} == set(DelegationMove)
    assert {DelegationState.REVOKED} == FINAL


class AnyDelegation(RuleBasedStateMachine):
    """Whatever happens to a proposed delegation: it is in force only once confirmed."""

    def __init__(self) -> None:
        super().__init__()
        self.state = DelegationState.PROPOSED
        self.made: list[DelegationMove] = []

    @rule(move=st.sampled_from(DelegationMove))
    def happen(self, move: DelegationMove) -> None:
        try:
            self.state = after(self.state, move)
        except WrongDelegationState:
            return
        self.made.append(move)

    @invariant()
    def is_in_force_only_between_confirmation_and_revocation(self) -> None:
        in_force = self.state is DelegationState.IN_FORCE
        assert in_force == (self.made == [DelegationMove.CONFIRM])


TestAnyDelegation = AnyDelegation.TestCase


def test_a_power_holds_from_its_first_moment_until_just_before_its_end() -> None:
    one = power(until=NOON + DAY)

    held = [one.holds_at(at) for at in (NOON - TICK, NOON, NOON + DAY - TICK, NOON + DAY)]

    assert held == [False, True, True, False]


@pytest.mark.parametrize("state", [DelegationState.PROPOSED, DelegationState.REVOKED])
def test_what_is_not_in_force_gives_nothing(state: DelegationState) -> None:
    assert acting_for([power(state=state)], delegate_id=DEPUTY, scope=Scope.ALL, now=NOON) == set()


def test_outside_its_scope_a_power_gives_nothing() -> None:
    given = [power(scope=Scope.MEETINGS)]

    def acts_in(scope: Scope) -> bool:
        return bool(acting_for(given, delegate_id=DEPUTY, scope=scope, now=NOON))

    assert [scope for scope in Scope if acts_in(scope)] == [Scope.MEETINGS]
    assert scopes_covering(Scope.TASKS) == {Scope.TASKS, Scope.ALL}


@given(MANY, st.sampled_from(PEOPLE), st.sampled_from(Scope))
def test_nobody_acts_at_second_hand(given: list[Power], somebody: UUID, scope: Scope) -> None:
    for principal in acting_for(given, delegate_id=somebody, scope=scope, now=NOON):
        assert any(
            (one.principal_id, one.delegate_id) == (principal, somebody) and one.holds_at(NOON)
            for one in given
        )


def test_no_written_authority_is_handed_on() -> None:
    written: dict[str, Any] = {"form": Form.TUQ, "scope": Scope.SIGN}
    given = [power(HEAD, DIRECTOR, **written), power(DIRECTOR, DEPUTY, **written)]

    (chain,) = chains(given, signer_id=DEPUTY, type_code="report", now=NOON)

    assert [one.principal_id for one in chain] == [DIRECTOR]


def test_the_deputy_of_whoever_signs_by_order_may_sign() -> None:
    order = power(HEAD, DIRECTOR, form=Form.TL, scope=Scope.SIGN, types=frozenset({"report"}))
    deputy = power(DIRECTOR, DEPUTY)

    assert (order, deputy) in chains(
        [order, deputy], signer_id=DEPUTY, type_code="report", now=NOON
    )
    assert chains([order, deputy], signer_id=DEPUTY, type_code="decision", now=NOON) == [(deputy,)]


def test_an_order_passes_to_nobody_but_the_deputy_of_whoever_holds_it_and_never_back() -> None:
    order = power(HEAD, DIRECTOR, form=Form.TL, scope=Scope.SIGN)

    for deputy in (power(OTHER, DEPUTY), power(DIRECTOR, HEAD), power(HEAD, DEPUTY)):
        found = chains([order, deputy], signer_id=deputy.delegate_id, type_code="report", now=NOON)
        assert found == [(deputy,)]


@given(MANY, st.sampled_from(PEOPLE), st.sampled_from(TYPES))
def test_a_chain_has_one_link_or_an_order_and_its_deputy(
    given: list[Power], signer: UUID, type_code: str
) -> None:
    for chain in chains(given, signer_id=signer, type_code=type_code, now=NOON):
        assert chain[-1].delegate_id == signer
        assert all(link.holds_at(NOON) and link.lets_sign(type_code) for link in chain)
        assert [link.form for link in chain[:-1]] in ([], [Form.TL])
        if len(chain) > 1:
            assert chain[-1].form is Form.KT
            assert chain[0].delegate_id == chain[1].principal_id
            assert chain[0].principal_id != signer


def test_a_deputy_signs_as_such_before_anything_else() -> None:
    rights = [(power(form=form),) for form in (Form.TL, Form.TUQ, Form.KT, Form.TM)]

    forms = [chain[0].form if chain else None for chain in sorted([*rights, ()], key=rank)]

    assert forms == [Form.KT, None, Form.TM, Form.TUQ, Form.TL]


#: What keeps to the terms of every form.
KEPT: dict[str, Any] = {"basis": "15/QĐ-BTNMT", "own_unit": True, "now": NOON}
WHOLE: dict[str, Any] = {"scope": Scope.SIGN, "until": NOON + DAY, "types": frozenset({"report"})}


@pytest.mark.parametrize("form", Form)
def test_a_delegation_that_keeps_to_everything_is_good_in_every_form(form: Form) -> None:
    must_keep_terms(power(form=form, **WHOLE), **KEPT)


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize(
    ("needed", "changed", "otherwise"),
    [
        ("until", {"until": None}, {}),
        ("types", {"types": frozenset()}, {}),
        ("scope", {"scope": Scope.TASKS}, {}),
        ("basis", {}, {"basis": None}),
        ("own_unit", {}, {"own_unit": False}),
    ],
)
def test_each_form_asks_what_its_terms_say(
    form: Form, needed: str, changed: dict[str, Any], otherwise: dict[str, Any]
) -> None:
    terms = TERMS[form]
    asked = {
        "until": terms.ends,
        "types": terms.named_types,
        "scope": Scope.TASKS not in terms.scopes,
        "basis": terms.in_writing,
        "own_unit": terms.own_unit,
    }
    one = power(form=form, **(WHOLE | changed))

    if asked[needed]:
        with pytest.raises(WrongTerms) as refusal:
            must_keep_terms(one, **(KEPT | otherwise))
        assert refusal.value.facts["needs"] == needed
    else:
        must_keep_terms(one, **(KEPT | otherwise))


def test_only_what_is_signed_for_needs_types() -> None:
    must_keep_terms(power(form=Form.TUQ, scope=Scope.TASKS, until=NOON + DAY), **KEPT)
    with pytest.raises(WrongTerms):
        must_keep_terms(power(form=Form.TUQ, scope=Scope.ALL, until=NOON + DAY), **KEPT)


@pytest.mark.parametrize(
    "changed",
    [
        {"since": NOON - TICK},
        {"until": NOON},
        {"since": NOON + DAY, "until": NOON + DAY},
        {"since": NOON + FARTHEST + TICK},
        {"until": NOON + FARTHEST + TICK},
    ],
)
def test_no_delegation_begins_in_the_past_or_ends_before_it_begins_or_never(
    changed: dict[str, Any],
) -> None:
    with pytest.raises(WrongTerms):
        must_keep_terms(power(**changed), **KEPT)


def test_what_has_run_out_is_not_confirmed_any_more() -> None:
    one = power(until=NOON + DAY)

    must_not_be_over(one, NOON + DAY - TICK)

    with pytest.raises(WrongTerms):
        must_not_be_over(one, NOON + DAY)


def test_nobody_acts_for_themselves() -> None:
    with pytest.raises(DelegationToOneself):
        must_keep_terms(power(HEAD, HEAD), **KEPT)


@given(powers(), powers())
def test_overlap_is_mutual_and_means_one_moment_one_pair_and_one_power(
    one: Power, other: Power
) -> None:
    assert overlap(one, other) == overlap(other, one)
    ends = [moment for moment in (one.until, other.until) if moment]
    begin = max(one.since, other.since)
    together = not ends or begin < min(ends)
    same = (one.principal_id, one.delegate_id) == (other.principal_id, other.delegate_id)
    shares = any(one.covers(scope) and other.covers(scope) for scope in Scope)
    sign_same = not one.types or not other.types or bool(one.types & other.types)
    assert overlap(one, other) == (together and same and shares and sign_same)


def test_a_power_is_not_given_twice_unless_it_was_taken_back() -> None:
    one = power(until=NOON + DAY)

    must_not_overlap(one, [power(since=NOON + DAY), power(state=DelegationState.REVOKED)])

    for state in (DelegationState.PROPOSED, DelegationState.IN_FORCE):
        with pytest.raises(DelegationOverlaps):
            must_not_overlap(one, [power(state=state)])


def test_a_change_of_rights_takes_somebody_who_does_not_gain() -> None:
    must_not_be_own(OTHER, [HEAD, None])

    with pytest.raises(NotYourDelegation):
        must_not_be_own(HEAD, [HEAD, None])


def test_facts_fall_into_scopes_by_their_first_word() -> None:
    names = ("tasks.assigned", "documents.registered", "signing.requested", "meeting.invited")

    assert scope_of("tasks.assigned.again") is Scope.TASKS
    scopes = [scope_of(name) for name in (*names, "people.session_ended")]

    assert scopes == [Scope.TASKS, Scope.TASKS, Scope.SIGN, Scope.MEETINGS, Scope.ALL]
