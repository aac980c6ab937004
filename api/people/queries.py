"""What may be looked up about people; nobody sees another agency."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, or_, select

from api.people.models import Agency, Official, Unit
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


async def devices(view: ReadTx, actor: Actor) -> Sequence[Device]:
    """List the actor's devices; an administrator also sees those that wait in the agency."""
    mine = col(Device.official_id) == actor.id
    waiting = (col(Device.agency_id) == actor.agency_id) & (
        col(Device.state) == DeviceState.PENDING
    )
    visible = or_(mine, waiting) if Role.ADMINISTRATOR in actor.roles else mine
    statement = select(Device).where(visible).order_by(col(Device.id)).limit(500)
    return (await view.session.exec(statement)).all()
