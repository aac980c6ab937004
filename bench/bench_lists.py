"""Many papers, one PIN: from the yes to the last signed file, beside the PDF work alone."""

import asyncio
import shutil
import tempfile
import time
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from sqlmodel import select

from api import background, migrations, wiring
from api.demo.authenticator import base64url
from api.documents.paper import signature
from api.people.factors.step_up import Shown, StepUp
from api.signing.dossier import flows as dossier
from api.signing.lists import service as lists
from api.signing.lists.models import SigningList
from api.signing.lists.rules import subject_of
from api.signing.models import SignatureRequest
from api.signing.pdf.layout import LEADER_FIELD
from api.signing.pdf.sandboxed import place_file_fields
from api.signing.pdf.signature import Look, embed, prepare
from api.signing.records import Shown as Page
from api.signing.rules import State
from api.wiring import Engines
from bench.harness import Report, is_quick, note
from core.actor import Actor
from core.config import Settings
from core.ids import new_id
from core.tokens import check_proof, make_proof
from core.worker import Worker
from tests.support.ministry import found
from tests.support.signing import PHONE, enrol, operator, submitted, written

PAPERS = 5 if is_quick() else 40
URL = "http://testserver/signing-lists"


def main() -> None:
    report = Report("lists")
    with tempfile.TemporaryDirectory(prefix="kg-bench-") as temporary:
        ours, alone = asyncio.run(_measure(Path(temporary)))
    report.add(
        f"{PAPERS} papers, one PIN: from the yes to the last signed file",
        "s",
        ours,
        goal="ours <= 20",
        against=("the PDF work alone, in one process", alone),
    )


async def _measure(folder: Path) -> tuple[float, float]:
    url = f"sqlite+aiosqlite:///{folder}/khonggiay.db"
    await asyncio.to_thread(migrations.upgrade, url)
    engines = wiring.assemble(Settings(data=folder, database_url=url))
    try:
        note(f"lists: putting {PAPERS} papers before a leader ...")
        leader, ids = await _submit_all(engines)
        made = await _gather(engines, leader, ids)
        return await _sign(engines, leader, made), await _alone(engines, folder, ids[0])
    finally:
        await engines.sandbox.close()
        await engines.db.dispose()


async def _submit_all(engines: Engines) -> tuple[Actor, list[UUID]]:
    ministry = await found(engines.db)
    await enrol(engines, ministry)
    paper = await written(engines, ministry)
    ids = [(await submitted(engines, ministry, content=paper)).id for _ in range(PAPERS)]
    leader = ministry.leader.actor
    return Actor(leader.id, leader.agency_id, leader.roles, device_id=new_id()), ids


async def _gather(engines: Engines, leader: Actor, ids: list[UUID]) -> SigningList:
    for request_id in ids:
        await dossier.keep_shown(engines.db, leader, request_id, Page(0, 480, "0" * 64))
    async with engines.db.begin() as tx:
        return await lists.gather(tx, leader, ids)


async def _sign(engines: Engines, leader: Actor, made: SigningList) -> float:
    """Say yes, and return how long it takes until every file is signed."""
    step_up, began = _proved(engines, made), time.perf_counter()
    async with engines.db.begin() as tx:
        await lists.consent(tx, leader, made.id, step_up=step_up)
    worker = asyncio.create_task(Worker(engines.db, background.handlers(engines)).run())
    try:
        async with asyncio.timeout(300), engines.db.commits() as committed:
            while not await _are_signed(engines):
                await committed.wait()
                committed.clear()
    finally:
        worker.cancel()
    if operator(engines).prompts() != 1:
        raise RuntimeError("more than one prompt")
    return time.perf_counter() - began


async def _are_signed(engines: Engines) -> bool:
    async with engines.db.read() as view:
        states = (await view.session.exec(select(SignatureRequest.state))).all()
    return all(state is State.EMBEDDED for state in states)


def _proved(engines: Engines, made: SigningList) -> StepUp:
    """Prove a device for just this list, as a request would bring it."""
    nonce, now = engines.door.nonce(), engines.db.clock()
    asked = base64url(sha256(subject_of(made.id, made.items) + nonce.encode()).digest())
    key = ec.generate_private_key(ec.SECP256R1())
    text = make_proof(key, "POST", URL, now=now, nonce=nonce, challenge=asked)
    return StepUp(engines.factors, check_proof(text, method="POST", url=URL, now=now), Shown())


async def _alone(engines: Engines, folder: Path, request_id: UUID) -> float:
    """Sign as many copies of the paper without database, sandbox, blobs, operator and evidence."""
    async with engines.db.read() as view:
        request = await view.session.get_one(SignatureRequest, request_id)
        file = await dossier.page_to_sign(
            engines.db, Actor(request.signer_id, request.agency_id), request_id, 0
        )
    await engines.blobs.fetch(file.sha256, folder / "paper.pdf")
    certificate = await operator(engines).certificate(PHONE)
    ca, image, began = operator(engines).ca, signature.draw("Trần Quốc Ánh"), time.perf_counter()
    for number in range(PAPERS):
        path = folder / f"{number}.pdf"
        shutil.copy(folder / "paper.pdf", path)
        place_file_fields(path, dict(file.layout or {}))
        look, now = Look(image=image), engines.db.clock()
        prepared = prepare(path, certificate, LEADER_FIELD, signing_time=now, look=look)
        raw = ca.sign(f"sim-{PHONE}", prepared.to_sign, prepared.mechanism)
        embed(path, prepared, certificate, raw)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
