"""Who acts for whom: pure rules over delegations; the tables are the specification.

The forms are those of signing on behalf (NĐ 30/2020, Điều 13): a deputy signs for the head (KT.),
one signs for a collective (TM.), by written authority (TUQ.), by standing order (TL.). No power is
handed on: a chain counts only where the second link is the deputy of whoever holds a TL.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from api.people.errors import (
    DelegationOverlaps,
    DelegationToOneself,
    NotYourDelegation,
    WrongDelegationState,
    WrongTerms,
)
from core.clock import is_ahead


class Form(StrEnum):
    """In what right somebody acts for another."""

    KT = "kt"
    TM = "tm"
    TUQ = "tuq"
    TL = "tl"


class Scope(StrEnum):
    """In what somebody acts for another."""

    SIGN = "sign"
    TASKS = "tasks"
    MEETINGS = "meetings"
    ALL = "all"


class DelegationState(StrEnum):
    """Where a delegation stands; whether its time has come is judged, not stored."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REVOKED = "revoked"


class DelegationMove(StrEnum):
    """What can happen to a delegation."""

    CONFIRM = "confirm"
    REVOKE = "revoke"


#    from                      move                    to
MOVES = {
    (DelegationState.PROPOSED, DelegationMove.CONFIRM): DelegationState.IN_FORCE,
    (DelegationState.PROPOSED, DelegationMove.REVOKE):  DelegationState.REVOKED,
    (DelegationState.IN_FORCE, DelegationMove.REVOKE):  DelegationState.REVOKED,
}  # fmt: skip

FINAL = frozenset(DelegationState) - {state for state, _ in MOVES}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a form asks of a delegation.

    Attributes:
        scopes: in what it may be given.
        own_unit: only to somebody of the principal's own unit: a deputy.
        ends: only until a day that is named.
        in_writing: only by a paper that is named.
        named_types: when it is for signing, only for types of documents that are named.
    """

    scopes: frozenset[Scope] = frozenset(Scope)
    own_unit: bool = False
    ends: bool = False
    in_writing: bool = False
    named_types: bool = False


TERMS = {
    Form.KT: Terms(own_unit=True),
    Form.TM: Terms(own_unit=True),
    Form.TUQ: Terms(ends=True, in_writing=True, named_types=True),
    Form.TL: Terms(scopes=frozenset({Scope.SIGN}), named_types=True),
}

#: Whose facts fall into which scope, by the first word of their names; the rest only into all.
_SCOPES = {
    "documents": Scope.TASKS,
    "meeting": Scope.MEETINGS,
    "signing": Scope.SIGN,
    "tasks": Scope.TASKS,
}


@dataclass(frozen=True, slots=True)
class Mandate:
    """What is to be given, as a person asks for it.

    Attributes:
        basis: the number and symbol of the paper that says so.
        since: from when; None means from now.
    """

    principal_id: UUID
    delegate_id: UUID
    form: Form
    scope: Scope
    types: Sequence[str] = ()
    basis: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Power:
    """What one delegation gives.

    Attributes:
        types: of documents; none named means all of them.
        until: the first moment at which it no longer holds; None while it is not taken back.
    """

    principal_id: UUID
    delegate_id: UUID
    form: Form
    scope: Scope
    since: datetime
    until: datetime | None = None
    types: frozenset[str] = frozenset()
    state: DelegationState = DelegationState.IN_FORCE

    def holds_at(self, now: datetime) -> bool:
        """Say whether it is in force at a moment."""
        in_time = self.since <= now and (self.until is None or now < self.until)
        return self.state is DelegationState.IN_FORCE and in_time

    def covers(self, scope: Scope) -> bool:
        """Say whether it gives anything in a scope."""
        return self.scope in {scope, Scope.ALL}

    def lets_sign(self, type_code: str) -> bool:
        """Say whether it lets a type of document be signed."""
        return self.covers(Scope.SIGN) and (not self.types or type_code in self.types)


def after(state: DelegationState, move: DelegationMove) -> DelegationState:
    """Return the state that `move` leads to, or refuse the move."""
    try:
        return MOVES[state, move]
    except KeyError:
        raise WrongDelegationState(state=state, move=move) from None


def scopes_covering(scope: Scope) -> frozenset[Scope]:
    """Return the scopes in which a delegation may be given so that it counts in `scope`."""
    return frozenset({scope, Scope.ALL})


def scope_of(fact: str) -> Scope:
    """Return the scope that a fact falls into, by its name."""
    return _SCOPES.get(fact.partition(".")[0], Scope.ALL)


def acting_for(
    powers: Iterable[Power], *, delegate_id: UUID, scope: Scope, now: datetime
) -> frozenset[UUID]:
    """Return for whom an official acts in a scope; only at first hand, whoever gave it to those."""
    return frozenset(
        power.principal_id
        for power in powers
        if power.delegate_id == delegate_id and power.covers(scope) and power.holds_at(now)
    )


def chains(
    powers: Collection[Power], *, signer_id: UUID, type_code: str, now: datetime
) -> list[tuple[Power, ...]]:
    """Return by which powers an official signs a type of document: one, or a TL. and its deputy.

    A chain starts at whoever the paper is signed for and ends at the signer.
    """
    usable = [p for p in powers if p.holds_at(now) and p.lets_sign(type_code)]
    mine = [power for power in usable if power.delegate_id == signer_id]
    found: list[tuple[Power, ...]] = [(power,) for power in mine]
    found += [(first, last) for last in mine for first in usable if _may_pass_on(first, last)]
    return found


def _may_pass_on(first: Power, last: Power) -> bool:
    """Say whether whoever holds a TL. lets their own deputy sign (13.4)."""
    is_link = first.delegate_id == last.principal_id and first.principal_id != last.delegate_id
    return is_link and first.form is Form.TL and last.form is Form.KT


def rank(chain: tuple[Power, ...]) -> tuple[int, list[UUID]]:
    """Return in what order rights to sign are taken: as deputy, for oneself, then the rest."""
    order = (Form.KT, None, Form.TM, Form.TUQ, Form.TL)
    form = chain[0].form if chain else None
    return order.index(form), [power.principal_id for power in chain]


def must_not_be_over(power: Power, now: datetime) -> None:
    """Refuse what ends before it begins, has ended already, or ends absurdly late."""
    if power.until is None:
        return
    if power.until <= power.since or not is_ahead(power.until, now):
        raise WrongTerms(form=power.form, needs="until")


def must_keep_terms(power: Power, *, basis: str | None, own_unit: bool, now: datetime) -> None:
    """Refuse a delegation that does not keep to what its form and time ask.

    Args:
        power: what is to be given.
        basis: the number and symbol of the paper that says so.
        own_unit: whether both work in one unit.
        now: the present moment.
    """
    terms = TERMS[power.form]
    if power.principal_id == power.delegate_id:
        raise DelegationToOneself
    if power.since != now and not is_ahead(power.since, now):
        raise WrongTerms(form=power.form, needs="since")
    must_not_be_over(power, now)
    kept = {
        "scope": power.scope in terms.scopes,
        "own_unit": own_unit or not terms.own_unit,
        "until": power.until is not None or not terms.ends,
        "basis": bool(basis) or not terms.in_writing,
        "types": bool(power.types) or not (terms.named_types and power.covers(Scope.SIGN)),
    }
    for needed, is_kept in kept.items():
        if not is_kept:
            raise WrongTerms(form=power.form, needs=needed)


def overlap(one: Power, other: Power) -> bool:
    """Say whether two delegations would give the same person the same power at one moment."""
    same_pair = (one.principal_id, one.delegate_id) == (other.principal_id, other.delegate_id)
    same_scope = one.covers(other.scope) or other.covers(one.scope)
    same_types = not one.types or not other.types or bool(one.types & other.types)
    same_time = _starts_before_end(one, other) and _starts_before_end(other, one)
    return same_pair and same_scope and same_types and same_time


def _starts_before_end(one: Power, other: Power) -> bool:
    return other.until is None or one.since < other.until


def must_not_overlap(power: Power, others: Iterable[Power]) -> None:
    """Refuse a delegation beside one that already gives part of it."""
    if any(other.state not in FINAL and overlap(power, other) for other in others):
        raise DelegationOverlaps


def must_not_be_own(actor_id: UUID, concerned: Collection[UUID | None]) -> None:
    """Refuse whoever would gain by it, or judge twice: a change of rights takes two persons."""
    if actor_id in concerned:
        raise NotYourDelegation
