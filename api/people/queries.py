"""What may be looked up about people; nobody sees another agency."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from api.people import acting
from api.people.acting import DelegationState, Power, Scope
from api.people.models import Agency, Delegation, Official, Unit
from core import sessions
from core.actor import Actor, Role
from core.db import ReadTx
from core.devices import DeviceState
from core.errors import NotFound
from core.sessions import Device, Principal


@dataclass(frozen=True, slots=True)
class Colleague:
    """An official with unit and roles."""

    id: UUID
    full_name: str
    position: str
    unit: str
    roles: list[Role]


async def official(view: ReadTx, actor: Actor, official_id: UUID) -> Official:
    """Return an official of the actor's agency."""
    found = await view.session.get(Official, official_id)
    if found is None or found.agency_id != actor.agency_id:
        raise NotFound(id=str(official_id))
    return found


async def directory(view: ReadTx, agency_id: UUID) -> list[Colleague]:
    """List everybody who works for an agency, by name."""
    statement = (
        select(Official, Unit.name, Principal.roles)
        .join(Unit, col(Unit.id) == col(Official.unit_id))
        .join(Principal, col(Principal.official_id) == col(Official.id))
        .where(Official.agency_id == agency_id, col(Principal.closed_at).is_(None))
        .order_by(col(Official.full_name), col(Official.id))
    )
    rows = (await view.session.exec(statement)).all()
    return [
        Colleague(o.id, o.full_name, o.position, unit, [Role(role) for role in roles])
        for o, unit, roles in rows
    ]


async def myself(view: ReadTx, actor: Actor) -> Colleague:
    """Return the actor as colleagues see them."""
    statement = (
        select(Official, Unit.name)
        .join(Unit, col(Unit.id) == col(Official.unit_id))
        .where(Official.id == actor.id)
    )
    me, unit = (await view.session.exec(statement)).one()
    return Colleague(me.id, me.full_name, me.position, unit, sorted(actor.roles))


async def with_role(view: ReadTx, agency_id: UUID, role: Role) -> list[Colleague]:
    """List those who have a role in an agency."""
    return [person for person in await directory(view, agency_id) if role in person.roles]


async def names(view: ReadTx, official_ids: Sequence[UUID]) -> dict[UUID, Official]:
    """Return officials by id, for sentences that name them."""
    statement = select(Official).where(col(Official.id).in_(set(official_ids)))
    return {found.id: found for found in (await view.session.exec(statement)).all()}


async def agency(view: ReadTx, agency_id: UUID) -> Agency:
    """Return an agency."""
    return await view.session.get_one(Agency, agency_id)


async def devices(view: ReadTx, actor: Actor, official_id: UUID | None = None) -> Sequence[Device]:
    """List the actor's devices; an administrator also sees those that wait in the agency.

    Administrators may name a colleague instead, whose device was lost.
    """
    if official_id is not None and official_id != actor.id:
        actor.must_be(Role.ADMINISTRATOR)
        colleague = await official(view, actor, official_id)
        return await _devices_where(view, col(Device.official_id) == colleague.id)
    mine = col(Device.official_id) == actor.id
    waiting = (col(Device.agency_id) == actor.agency_id) & (
        col(Device.state) == DeviceState.PENDING
    )
    return await _devices_where(
        view, or_(mine, waiting) if Role.ADMINISTRATOR in actor.roles else mine
    )


async def at_own_device(view: ReadTx, owner: Actor, thumbprint: str) -> Actor:
    """Return an official at the device with this key, if it is an approved one of theirs."""
    device = await sessions.device_by_key(view, thumbprint)
    if device is None or device.official_id != owner.id:
        return owner
    return replace(owner, device_id=device.id) if device.state is DeviceState.APPROVED else owner


async def _devices_where(view: ReadTx, visible: ColumnElement[bool]) -> Sequence[Device]:
    statement = select(Device).where(visible).order_by(col(Device.id)).limit(500)
    return (await view.session.exec(statement)).all()


# --- who acts for whom ----------------------------------------------------------------------


async def delegation(view: ReadTx, actor: Actor, delegation_id: UUID) -> Delegation:
    """Return a delegation that the actor gave or got; an administrator sees the agency's."""
    statement = select(Delegation).where(Delegation.id == delegation_id, _known_to(actor))
    found = (await view.session.exec(statement)).first()
    if found is None:
        raise NotFound(id=str(delegation_id))
    return found


async def delegations(view: ReadTx, actor: Actor) -> Sequence[Delegation]:
    """List the delegations that the actor gave or got, or the agency's, the newest first."""
    statement = select(Delegation).where(_known_to(actor)).order_by(col(Delegation.id).desc())
    return (await view.session.exec(statement.limit(500))).all()


def _known_to(actor: Actor) -> ColumnElement[bool]:
    ours = col(Delegation.agency_id) == actor.agency_id
    if Role.ADMINISTRATOR in actor.roles:
        return ours
    given, got = col(Delegation.principal_id) == actor.id, col(Delegation.delegate_id) == actor.id
    return and_(ours, or_(given, got))


def power_of(given: Delegation) -> Power:
    """Return what a delegation gives, as the rules look at it."""
    return Power(
        principal_id=given.principal_id,
        delegate_id=given.delegate_id,
        form=given.form,
        scope=given.scope,
        since=given.since,
        until=given.until,
        types=frozenset(given.types),
        state=given.state,
    )


async def powers_of(view: ReadTx, principal_id: UUID) -> list[Power]:
    """Return every power that an official ever gave."""
    statement = select(Delegation).where(Delegation.principal_id == principal_id)
    return [power_of(given) for given in (await view.session.exec(statement)).all()]


def in_force(now: datetime) -> ColumnElement[bool]:
    """Return the condition under which a delegation holds; `Power.holds_at` says the same."""
    until = col(Delegation.until)
    return and_(
        col(Delegation.state) == DelegationState.IN_FORCE,
        col(Delegation.since) <= now,
        or_(until.is_(None), until > now),
    )


def principals_of(
    official_id: UUID | ColumnElement[UUID], scope: Scope, now: datetime
) -> SelectOfScalar[UUID]:
    """Return the select of those for whom an official acts in a scope.

    Whoever's account is closed has nothing left to give.
    """
    return (
        select(Delegation.principal_id)
        .join(Principal, col(Principal.official_id) == col(Delegation.principal_id))
        .where(Delegation.delegate_id == official_id, in_force(now))
        .where(col(Delegation.scope).in_(acting.scopes_covering(scope)))
        .where(col(Principal.closed_at).is_(None))
        .correlate_except(Delegation, Principal)  # the official may be a column of an outer select
    )


async def ended_for(view: ReadTx, since: datetime) -> Sequence[UUID]:
    """Return whose delegations have run out by themselves after a moment."""
    until = col(Delegation.until)
    over = select(Delegation.delegate_id).where(
        col(Delegation.state) == DelegationState.IN_FORCE, until > since, until <= view.now
    )
    return list(dict.fromkeys((await view.session.exec(over)).all()))


async def next_end(view: ReadTx) -> datetime | None:
    """Return when the next delegation runs out by itself."""
    until = col(Delegation.until)
    ahead = select(func.min(until)).where(
        col(Delegation.state) == DelegationState.IN_FORCE, until > view.now
    )
    return (await view.session.exec(ahead)).one()


async def acts_for(view: ReadTx, official_id: UUID, scope: Scope) -> frozenset[UUID]:
    """Return for whom an official acts in a scope now; `principals_of` selects the same."""
    got = (
        select(Delegation)
        .join(Principal, col(Principal.official_id) == col(Delegation.principal_id))
        .where(Delegation.delegate_id == official_id, col(Principal.closed_at).is_(None))
    )
    powers = [power_of(one) for one in (await view.session.exec(got)).all()]
    return acting.acting_for(powers, delegate_id=official_id, scope=scope, now=view.now)


async def deputies_of(view: ReadTx, official_id: UUID, scope: Scope = Scope.ALL) -> list[UUID]:
    """Return who acts for an official in a scope now, the longest-standing first."""
    statement = (
        select(Delegation.delegate_id)
        .join(Principal, col(Principal.official_id) == col(Delegation.delegate_id))
        .where(Delegation.principal_id == official_id, in_force(view.now))
        .where(col(Delegation.scope).in_(acting.scopes_covering(scope)))
        .where(col(Principal.closed_at).is_(None))
        .order_by(col(Delegation.since), col(Delegation.id))
    )
    return list(dict.fromkeys((await view.session.exec(statement)).all()))
