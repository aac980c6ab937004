"""A draft on its way to the leader's SIM."""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlmodel import select

from api import background, wiring
from api.documents import drafting
from api.documents.contents import Content, Draft
from api.documents.paper.sandboxed import write_decision
from api.people.models import Official
from api.signing import flows, service
from api.signing.asking import Wanted
from api.signing.models import SignatureRequest
from api.signing.mssp.simulated import SimulatedMssp
from api.signing.mssp.simulated_ca import SimulatedCa, _new_key
from api.signing.pdf.certificate import Mechanism
from api.signing.rules import State
from api.wiring import Engines
from core.actor import Actor
from core.ids import new_id
from core.worker import RunAgain, Worker
from tests.support.clock import Clock
from tests.support.ministry import Ministry, Person
from tests.support.step_up import step_up_for

PHONE = "84900000001"


def operator(engines: Engines) -> SimulatedMssp:
    """Return the operator that the engines ask."""
    mssp = engines.signing.mssp
    assert isinstance(mssp, SimulatedMssp)
    return mssp


async def give_number(engines: Engines, ministry: Ministry, phone: str) -> None:
    """Give the leader a phone number."""
    async with engines.db.begin() as tx:
        leader = await tx.session.get_one(Official, ministry.leader.id)
        leader.phone_number = phone
        tx.session.add(leader)


async def enrol(engines: Engines, ministry: Ministry, *, phone: str = PHONE) -> None:
    """Give the leader a SIM and the agency a seal, both trusted."""
    await give_number(engines, ministry, phone)
    seal = wiring.simulated_parts(engines.settings, clock=engines.db.clock).seal
    mssp = operator(engines)
    _hand_out(mssp.ca, sim=f"sim-{phone}", magic="sim-magic", seal=str(ministry.leader.agency_id))
    if phone == PHONE:
        await mssp.enrol(phone, name=ministry.leader.full_name, organization="Bộ")
    await seal.issue(ministry.leader.agency_id, "Bộ Tài nguyên và Môi trường")
    mssp.ca.export_trust(engines.settings.trust)


def _hand_out(ca: SimulatedCa, **labels: str) -> None:
    """Lay keys ready for an authority that has none yet: making them takes longer than signing."""
    ca.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for role, label in labels.items():
        key = ca.folder / f"{label}.key"
        if not key.exists():
            key.write_bytes(_key_of(role))


@cache
def _key_of(role: str) -> bytes:
    return _new_key(Mechanism.RSA_PKCS1_SHA256)


async def submitted(
    engines: Engines,
    ministry: Ministry,
    *,
    content: Content | None = None,
    cosigners: tuple[Person, ...] = (),
    **wanted: Any,
) -> SignatureRequest:
    """Draft a decision and put it before the leader, after those who initial it."""
    document_id = await drafted(engines, ministry, content, cosigners)
    asked = Wanted(ministry.leader.id, **wanted)
    async with engines.db.begin() as tx:
        return await service.submit(tx, ministry.officer.actor, document_id, asked)


async def drafted(
    engines: Engines,
    ministry: Ministry,
    content: Content | None = None,
    cosigners: tuple[Person, ...] = (),
) -> UUID:
    """Draft a decision for the leader, on a paper of its own if none is given."""
    draft = replace(_draft(ministry), cosigner_ids=tuple(one.id for one in cosigners))
    content = content or await _written(engines, ministry, draft)
    async with engines.db.begin() as tx:
        document = await drafting.keep(
            tx, ministry.officer.actor, new_id(), draft=draft, content=content
        )
    return document.id


async def written(engines: Engines, ministry: Ministry, title: str | None = None) -> Content:
    """Return a paper that drafts may share; equal words make equal bytes."""
    draft = _draft(ministry)
    return await _written(engines, ministry, replace(draft, title=title or draft.title))


def _draft(ministry: Ministry) -> Draft:
    return Draft(
        type_code="decision",
        title="Về việc phê duyệt kết quả",
        articles=("Phê duyệt kết quả.",),
        recipients=("Lưu: VT",),
        signer_id=ministry.leader.id,
    )


async def _written(engines: Engines, ministry: Ministry, draft: Draft) -> Content:
    async with engines.db.read() as view:
        sheet = await drafting.sheet(view, ministry.officer.actor, draft)
    async with engines.desk.space() as space:
        layout = await engines.sandbox.run(write_decision, sheet, space / "decision.pdf")
        stored = await engines.blobs.put_file(space / "decision.pdf")
    return Content(
        stored.sha256, stored.size, layout["pages"], texts=["Phê duyệt kết quả"],
        layout=dict(layout),
    )  # fmt: skip


async def consent(
    engines: Engines, ministry: Ministry, request_id: UUID, person: Person | None = None
) -> None:
    """Let somebody, the leader if nobody else, say yes from a device."""
    step_up = await step_up_for(engines, request_id)
    signer = _on_device(person or ministry.leader)
    async with engines.db.begin() as tx:
        await service.consent(tx, signer, request_id, step_up=step_up)


async def give_sim(engines: Engines, person: Person, phone: str) -> None:
    """Give somebody a SIM of their own; its operator is set up by `enrol`."""
    async with engines.db.begin() as tx:
        official = await tx.session.get_one(Official, person.id)
        official.phone_number = phone
        tx.session.add(official)
    mssp = operator(engines)
    _hand_out(mssp.ca, **{phone: f"sim-{phone}"})
    await mssp.enrol(phone, name=person.full_name, organization="Bộ")


async def initial(engines: Engines, person: Person, request_id: UUID) -> None:
    """Let somebody initial from a device."""
    step_up = await step_up_for(engines, request_id)
    async with engines.db.begin() as tx:
        await service.initial(tx, _on_device(person), request_id, step_up=step_up)


def _on_device(person: Person) -> Actor:
    actor = person.actor
    return Actor(actor.id, actor.agency_id, actor.roles, device_id=new_id())


async def reach(engines: Engines, clock: Clock, request_id: UUID, state: State) -> None:
    """Let a consented request go on until it is in a state."""
    while (await the_request(engines, request_id)).state is not state:
        try:
            assert await flows.step(engines.signing, request_id)
        except RunAgain as later:
            clock.tick(later.after)


async def work(engines: Engines, clock: Clock, *, rounds: int = 8, step: int = 5) -> None:
    """Let the jobs run, and time pass between them."""
    worker = Worker(engines.db, background.handlers(engines))
    for _ in range(rounds):
        await worker.run_due()
        clock.tick(timedelta(seconds=step))


async def the_request(engines: Engines, request_id: UUID | None = None) -> SignatureRequest:
    """Return a request as it stands; the only one when none is named."""
    statement: Any = select(SignatureRequest)
    if request_id is not None:
        statement = statement.where(SignatureRequest.id == request_id)
    async with engines.db.read() as view:
        found: SignatureRequest = (await view.session.exec(statement)).one()
        return found
