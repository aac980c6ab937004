"""Use-cases of delegations: each function is one transaction's worth of work.

A principal who leads gives a delegation at once. What an administrator enters waits until the
principal, or another administrator, confirms it; nobody enters or confirms what they gain by.
"""

from uuid import UUID

from api.people import acting, queries
from api.people.acting import DelegationMove, DelegationState, Mandate
from api.people.events import (
    DelegationEvent,
    DelegationGiven,
    DelegationProposed,
    DelegationRevoked,
)
from api.people.models import Delegation, Official
from core import sessions
from core.actor import Actor, Role
from core.db import Tx
from core.errors import NotFound, Stale


async def delegate(tx: Tx, actor: Actor, delegation_id: UUID, mandate: Mandate) -> Delegation:
    """Let a leader give a delegation of their own, or an administrator enter one."""
    own = mandate.principal_id == actor.id
    actor.must_be(Role.LEADER if own else Role.ADMINISTRATOR)
    if not own:
        acting.must_not_be_own(actor.id, [mandate.delegate_id])
    principal = await _working(tx, actor, mandate.principal_id)
    other = await _working(tx, actor, mandate.delegate_id)
    given = _entered(tx, actor, delegation_id, mandate)
    power = queries.power_of(given)
    own_unit = principal.unit_id == other.unit_id
    acting.must_keep_terms(power, basis=mandate.basis, own_unit=own_unit, now=tx.now)
    await tx.session.refresh(principal, with_for_update=True)  # or two at once would not meet
    acting.must_not_overlap(power, await queries.powers_of(tx, principal.id))
    tx.session.add(given)
    tx.audit(actor, "people.delegate", given.id, form=given.form, scope=given.scope)
    _tell(tx, actor, given, DelegationGiven if own else DelegationProposed)
    return given


async def confirm(
    tx: Tx, actor: Actor, delegation_id: UUID, *, version: int | None = None
) -> Delegation:
    """Let the principal, or another administrator, put into force what one has entered."""
    given = await _locked(tx, actor, delegation_id, version)
    if actor.id != given.principal_id:
        actor.must_be(Role.ADMINISTRATOR)
    acting.must_not_be_own(actor.id, [given.made_by, given.delegate_id])
    acting.must_not_be_over(queries.power_of(given), tx.now)
    _advance(tx, given, DelegationMove.CONFIRM)
    given.confirmed_by, given.confirmed_at = actor.id, tx.now
    tx.audit(actor, "people.confirm_delegation", given.id)
    _tell(tx, actor, given, DelegationGiven)
    return given


async def revoke(
    tx: Tx, actor: Actor, delegation_id: UUID, *, version: int | None = None
) -> Delegation:
    """Let the principal or an administrator take a delegation back, or the delegate lay it down."""
    given = await _locked(tx, actor, delegation_id, version)
    _advance(tx, given, DelegationMove.REVOKE)
    given.revoked_by, given.revoked_at = actor.id, tx.now
    tx.audit(actor, "people.revoke_delegation", given.id)
    _tell(tx, actor, given, DelegationRevoked)
    return given


def _entered(tx: Tx, actor: Actor, delegation_id: UUID, mandate: Mandate) -> Delegation:
    own = mandate.principal_id == actor.id
    return Delegation(
        id=delegation_id,
        agency_id=actor.agency_id,
        principal_id=mandate.principal_id,
        delegate_id=mandate.delegate_id,
        form=mandate.form,
        scope=mandate.scope,
        types=sorted(set(mandate.types)),
        basis=mandate.basis,
        since=mandate.since or tx.now,
        until=mandate.until,
        state=DelegationState.IN_FORCE if own else DelegationState.PROPOSED,
        made_by=actor.id,
        made_at=tx.now,
    )


def _advance(tx: Tx, given: Delegation, move: DelegationMove) -> None:
    """Move a delegation on, or refuse; the only place that changes a state."""
    given.state = acting.after(given.state, move)
    tx.session.add(given)


async def _working(tx: Tx, actor: Actor, official_id: UUID) -> Official:
    """Return an official of the agency whose account is open."""
    found = await queries.official(tx, actor, official_id)
    if await sessions.owner_of(tx, official_id) is None:
        raise NotFound(id=str(official_id))
    return found


async def _locked(tx: Tx, actor: Actor, delegation_id: UUID, version: int | None) -> Delegation:
    await queries.delegation(tx, actor, delegation_id)
    given = await tx.session.get_one(
        Delegation, delegation_id, with_for_update=True, populate_existing=True
    )
    if version is not None and version != given.version:
        raise Stale(version=given.version)
    return given


def _tell(tx: Tx, actor: Actor, given: Delegation, kind: type[DelegationEvent]) -> None:
    both = {given.principal_id, given.delegate_id}
    tx.emit(
        kind(
            delegation_id=given.id,
            principal_id=given.principal_id,
            delegate_id=given.delegate_id,
            by=actor.id,
            tells=tuple(sorted(both - {actor.id})),
        )
    )
