"""Who may sign what, in what right, and what the paper says of it (NĐ 30/2020, Điều 13)."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import select

from api.people import acting, queries
from api.people.acting import Form, Power
from api.people.models import Delegation, Official
from core.actor import Role
from core.db import ReadTx


@dataclass(frozen=True, slots=True)
class Signatory:
    """An official who may sign, and in what right.

    Attributes:
        principal_id: for whom; None for oneself.
        form: of the power by which it is for another.
        head: the position whose power it is, the principal's or one's own.
        capacity: the lines above the name: `KT. BỘ TRƯỞNG`, `THỨ TRƯỞNG`.
    """

    official: Official
    principal_id: UUID | None
    form: Form | None
    head: str
    capacity: tuple[str, ...]


async def signatory(
    view: ReadTx,
    agency_id: UUID,
    signer_id: UUID,
    *,
    type_code: str,
    principal_id: UUID | None = None,
) -> Signatory | None:
    """Return in what right an official may sign a type of document now, if at all.

    Args:
        view: where to look.
        agency_id: whose document it is.
        signer_id: who is to sign.
        type_code: of the document.
        principal_id: for whom, where several would do.
    """
    for found in await signatories(view, agency_id, type_code=type_code):
        if found.official.id == signer_id and principal_id in {None, found.principal_id}:
            return found
    return None


async def signatories(view: ReadTx, agency_id: UUID, *, type_code: str) -> list[Signatory]:
    """List who may sign a type of document now, each in every right they have, the first best.

    A leader who is the head's deputy signs as such (KT.) before they sign for themselves.
    """
    people = await queries.directory(view, agency_id)
    leaders = {person.id for person in people if Role.LEADER in person.roles}
    officials = await queries.names(view, [person.id for person in people])
    powers = await _powers_among(view, agency_id, officials)
    agency = await queries.agency(view, agency_id)
    found: list[Signatory] = []
    for person in people:
        chains = acting.chains(powers, signer_id=person.id, type_code=type_code, now=view.now)
        rights = [chain for chain in chains if chain[0].principal_id in leaders]
        rights += [()] if person.id in leaders else []
        ordered = sorted(rights, key=acting.rank)
        found += [_signatory(officials, agency.name, person.id, chain) for chain in ordered]
    return found


async def _powers_among(
    view: ReadTx, agency_id: UUID, working: Mapping[UUID, Official]
) -> list[Power]:
    ours = select(Delegation).where(Delegation.agency_id == agency_id, queries.in_force(view.now))
    given = (await view.session.exec(ours)).all()
    known = working.keys()
    return [queries.power_of(one) for one in given if {one.principal_id, one.delegate_id} <= known]


def _signatory(
    officials: Mapping[UUID, Official], agency: str, signer_id: UUID, chain: tuple[Power, ...]
) -> Signatory:
    signer = officials[signer_id]
    principal = officials[chain[0].principal_id] if chain else signer
    lines = [line for power in chain for line in _lines(power, agency, officials)]
    return Signatory(
        official=signer,
        principal_id=chain[0].principal_id if chain else None,
        form=chain[0].form if chain else None,
        head=principal.position,
        capacity=(*lines, signer.position.upper()),
    )


def _lines(power: Power, agency: str, officials: Mapping[UUID, Official]) -> list[str]:
    """Return what the paper says of a power; who signs for a collective does so for its head."""
    head = officials[power.principal_id].position.upper()
    if power.form is Form.TM:
        return [f"TM. {agency.upper()}", f"KT. {head}"]
    return [f"{power.form.upper()}. {head}"]
