"""Signing across the network: every step is noted before the next one is taken.

A flow can be run again from its start after a crash at any point: what was noted is not done
again, the operator is asked by our transaction and never prompts twice, and the raw signature is
kept before any work on the PDF.
"""

import asyncio
from base64 import b64encode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from api.documents import queries as documents
from api.documents import service as document_service
from api.documents.contents import Content
from api.documents.desk import Desk
from api.documents.models import Document, Revision
from api.documents.paper.sandboxed import seal_image, signature_image
from api.people import queries as people
from api.signing import service, steps
from api.signing.errors import NotVerified
from api.signing.longterm.events import StatusUnknown
from api.signing.models import SignatureRequest
from api.signing.mssp.port import Mssp, OperatorUnreachable, Signed, UnknownPhone
from api.signing.pdf import sandboxed
from api.signing.pdf.certificate import SignerCertificate
from api.signing.pdf.errors import (
    FieldMissing,
    FieldTaken,
    NotSignable,
    WrongCertificate,
    WrongRawSignature,
)
from api.signing.pdf.layout import NUMBER_FIELD, PERSON_FIELDS, SEAL_FIELD
from api.signing.pdf.prepared import Prepared
from api.signing.pdf.raw import check_raw
from api.signing.prompting import BUSY, Ended, Outcome, Prompt, ask, send, wait_or_end
from api.signing.remote.port import RemoteKeys
from api.signing.rules import FINAL, Move, State, is_too_late, on_paper
from api.signing.screening import Screen
from api.signing.seal.port import SealKeys
from api.signing.steps import Work
from api.signing.verify.sandboxed import report_on
from core.actor import Actor
from core.blobs.port import Blobs
from core.db import Database
from core.integrity import digest_of_head
from core.sandbox import Sandbox
from core.worker import RunAgain

#: What the signature itself says: of who signs beside, and of the signer.
_REASONS = ("Đồng ký", "Ký ban hành")
#: Asking again changes nothing: the request ends before any prompt.
_UNUSABLE = (UnknownPhone, WrongCertificate, NotVerified, NotSignable, FieldTaken, FieldMissing)


@dataclass(frozen=True, slots=True)
class Tools:
    """What signing works with."""

    db: Database
    blobs: Blobs
    sandbox: Sandbox
    desk: Desk
    mssp: Mssp
    seal: SealKeys
    trust: Path
    remote: RemoteKeys
    screen: Screen

    @asynccontextmanager
    async def copy_of(self, sha256: str) -> AsyncGenerator[Path]:
        """Give a copy of a blob to work on, gone afterwards."""
        async with self.desk.space() as space:
            path = space / "work.pdf"
            await self.blobs.fetch(sha256, path)
            yield path

    async def keep(self, path: Path, revision: Revision) -> Content:
        """Store a finished file; its texts are those of the revision before."""
        stored = await self.blobs.put_file(path)
        return Content(stored.sha256, stored.size, revision.pages)


# --- the person -----------------------------------------------------------------------------


async def collect(tools: Tools, payload: dict[str, Any]) -> None:
    """Take a consented request as far as it goes now; raises `RunAgain` while it waits."""
    request_id = UUID(payload["request_id"])
    while await step(tools, request_id):
        pass


async def step(tools: Tools, request_id: UUID) -> bool:
    """Take a request one step on; False where it has ended."""
    async with tools.db.read() as view:
        request = await steps.find(view, request_id)
        gone = await steps.is_withdrawn(view, request)
    if request.state in FINAL:
        return False
    if gone:
        async with tools.db.begin() as tx:
            await service.end_withdrawn(tx, request.document_id)
        return False
    await _STEPS[request.state](tools, request)
    return True


async def _prepare(tools: Tools, request: SignatureRequest) -> None:
    """Ask for the certificate first: one that cannot be used is refused before any prompt."""
    try:
        certificate = await tools.mssp.certificate(request.phone_number)
        await screened(tools, request.id, request.signer_id, request.phone_number, certificate)
        await prepare(tools, request, sandboxed.signer_as_json(certificate))
    except _UNUSABLE as refusal:
        await _end(tools, request, Move.FAIL, refusal.code)
    except OperatorUnreachable as away:
        late = is_too_late(request.consented_at or request.created_at, tools.db.clock())
        await _follow(tools, request, wait_or_end(away, late=late))


async def prepare(
    tools: Tools, request: SignatureRequest, signer: dict[str, Any], image: bytes | None = None
) -> None:
    """Make the file with the empty signature and note what has to be signed.

    What several sign is signed by one after the other: each signs what the one before has left,
    and waits while somebody else's signature is on its way into the file.
    """
    async with tools.db.read() as view:
        paper = await view.session.get_one(Revision, request.revision_id)
        base = await documents.latest_revision(view, request.document_id)
        if await steps.is_being_signed(view, request):
            raise RunAgain(BUSY)
    picture = image or await picture_of(tools, request.signer_id)
    async with tools.copy_of(base.sha256) as path:
        if base.id == paper.id:
            await tools.sandbox.run(sandboxed.place_file_fields, path, paper.layout)
        else:
            await _must_only_be_signed(tools, path, paper)
        moment = tools.db.clock().isoformat()
        field, reason = PERSON_FIELDS[request.place], _REASONS[request.place == 0]
        prepared = await tools.sandbox.run(
            sandboxed.prepare_file, path, signer, field, moment, picture, reason
        )
        work = await tools.blobs.put_file(path)
    pinned = not tools.screen.is_nobodys(request.phone_number)
    made = Work(base.sha256, work.sha256, prepared, signer, pinned)
    async with tools.db.begin() as tx:
        noted = await steps.note_prepared(tx, request.id, made)
    if not noted:
        raise RunAgain(BUSY)


async def _must_only_be_signed(tools: Tools, path: Path, paper: Revision) -> None:
    """Refuse a file that is not just the paper that was shown, with sound signatures behind it."""
    begins = await asyncio.to_thread(digest_of_head, path, paper.size)
    report = await verify(tools, path)
    if begins != paper.sha256 or report["verdict"] != "valid":
        raise NotVerified(reason=str(report["reason"]))


async def screened(
    tools: Tools,
    request_id: UUID,
    signer_id: UUID,
    phone_number: str,
    *certificates: SignerCertificate,
) -> None:
    """Refuse certificates that must not sign; warn the signer where nobody knows their status."""
    async with tools.db.read() as view:
        official = (await people.names(view, [signer_id]))[signer_id]
    known = [
        await tools.screen.must_pass(each, holder=official.full_name, phone_number=phone_number)
        for each in certificates
    ]
    if not all(known):
        async with tools.db.begin() as tx:
            tx.emit(StatusUnknown(request_id=request_id, signer_id=signer_id))


async def picture_of(tools: Tools, official_id: UUID) -> bytes:
    """Return the picture of an official's signature."""
    async with tools.db.read() as view:
        official = (await people.names(view, [official_id]))[official_id]
    picture: bytes = await tools.sandbox.run(signature_image, official.full_name)
    return picture


async def _dispatch(tools: Tools, request: SignatureRequest) -> None:
    """Note the prompt before it is sent; who notes it is the one who sends it."""
    async with tools.db.begin() as tx:
        noted = await steps.note_dispatched(tx, request.id)
    if noted is None:
        raise RunAgain(BUSY)
    if noted.state is State.DISPATCHED:
        await _follow(tools, noted, await send(tools.mssp, _prompt(noted)))


async def _ask_operator(tools: Tools, request: SignatureRequest) -> None:
    outcome = await ask(tools.mssp, _prompt(request), tools.db.clock())
    await _follow(tools, request, outcome)


async def _follow(tools: Tools, request: SignatureRequest, outcome: Outcome) -> None:
    match outcome:
        case Signed(raw):
            await _keep(tools, request, raw)
        case Ended(move, reason, code):
            await _end(tools, request, move, reason, code=code)
        case None:
            """The next step asks how far it is."""


async def _keep(tools: Tools, request: SignatureRequest, raw: bytes) -> None:
    signer = sandboxed.signer_from_json(request.signer or {})
    try:
        check_raw(_prepared(request), signer, raw)
    except WrongRawSignature as wrong:
        await _end(tools, request, Move.REJECT, wrong.code, raw_signature=b64encode(raw).decode())
        return
    async with tools.db.begin() as tx:
        await steps.note_signed(tx, request.id, raw)


async def _embed(tools: Tools, request: SignatureRequest) -> None:
    async with tools.db.read() as view:
        revision = await view.session.get_one(Revision, request.revision_id)
    async with tools.copy_of(request.work_sha256 or "") as path:
        await tools.sandbox.run(
            sandboxed.embed_file, path, request.prepared, request.signer, request.raw_signature
        )
        content = await tools.keep(path, revision)
    async with tools.db.begin() as tx:
        await steps.note_embedded(tx, request.id, content)


async def _end(
    tools: Tools, request: SignatureRequest, move: Move, reason: str, **evidence: Any
) -> None:
    async with tools.db.begin() as tx:
        await steps.note_failed(tx, request.id, move, str(reason), **evidence)


def _prompt(request: SignatureRequest) -> Prompt:
    prepared = _prepared(request)
    if request.transaction_id is None or request.dispatched_at is None:
        raise RuntimeError
    return Prompt(
        request.transaction_id, request.phone_number, prepared.to_sign, prepared.mechanism,
        request.display_text or "", request.dispatched_at,
    )  # fmt: skip


def _prepared(request: SignatureRequest) -> Prepared:
    return Prepared.from_json(request.prepared or {})


#: What is done next, by where a request stands.
_STEPS = {
    State.CONSENTED: _prepare,
    State.PREPARED: _dispatch,
    State.DISPATCHED: _ask_operator,
    State.SIGNED: _embed,
}


# --- time, and other changes ----------------------------------------------------------------


async def supersede(db: Database, payload: dict[str, Any]) -> None:
    """End what still waits for a document that went back to its drafter."""
    async with db.begin() as tx:
        document_id = UUID(payload["body"]["document_id"])
        await service.supersede(tx, document_id, UUID(payload["fact"]))


async def end_withdrawn(db: Database, payload: dict[str, Any]) -> None:
    """End what still waits for a paper that was taken from everybody."""
    async with db.begin() as tx:
        await service.end_withdrawn(tx, UUID(payload["body"]["document_id"]))


async def remind(db: Database, payload: dict[str, Any]) -> None:
    """Ring once more for somebody who has not decided."""
    async with db.begin() as tx:
        await service.remind(tx, UUID(payload["request_id"]))


async def lapse(db: Database, payload: dict[str, Any]) -> None:
    """End what nobody decided in time."""
    async with db.begin() as tx:
        await service.lapse(tx, UUID(payload["request_id"]))


async def wake(db: Database, transaction_id: UUID) -> None:
    """Ask the operator now, because something says that there is news; it is believed nothing."""
    async with db.begin() as tx:
        await service.wake(tx, transaction_id)


# --- the office -----------------------------------------------------------------------------


async def number(tools: Tools, actor: Actor, document_id: UUID) -> Document:
    """Give a signed document its number and write it into the file."""
    async with tools.db.begin() as tx:
        document = await document_service.allot_number(tx, actor, document_id)
        revision = await documents.latest_revision(tx, document_id)
        agency = await people.agency(tx, actor.agency_id)
    async with tools.copy_of(revision.sha256) as path:
        paper = on_paper(document.number, document.symbol, agency.seat, document.issued_on)
        await tools.sandbox.run(sandboxed.number_file, path, *paper)
        content = await tools.keep(path, revision)
    async with tools.db.begin() as tx:
        await document_service.keep_numbered(tx, actor, document_id, content=content)
    return document


async def seal(tools: Tools, actor: Actor, document_id: UUID) -> Document:
    """Seal a numbered document with the agency's key; only what our verifier passes is kept.

    A document that bears its seal already is returned as it is.
    """
    async with tools.db.read() as view:
        sealed = await document_service.sealed(view, actor, document_id)
        if sealed is not None:
            return sealed
        document = await document_service.must_be_sealable(view, actor, document_id)
        revision = await documents.latest_revision(view, document_id)
        agency = await people.agency(view, actor.agency_id)
    certificate = await tools.seal.certificate(actor.agency_id)
    signer = sandboxed.signer_as_json(certificate)
    async with tools.copy_of(revision.sha256) as path:
        await _must_show_its_number(tools, path, document)
        image = await tools.sandbox.run(seal_image, agency.name)
        moment = tools.db.clock().isoformat()
        stored = await tools.sandbox.run(
            sandboxed.prepare_file, path, signer, SEAL_FIELD, moment, image, "Đóng dấu cơ quan"
        )
        prepared = Prepared.from_json(stored)
        raw = await tools.seal.sign(
            actor.agency_id, digest=prepared.to_sign, mechanism=prepared.mechanism
        )
        await tools.sandbox.run(sandboxed.embed_file, path, stored, signer, raw)
        await _must_be_valid(tools, path)
        content = await tools.keep(path, revision)
    async with tools.db.begin() as tx:
        return await document_service.mark_sealed(tx, actor, document_id, content=content)


async def verify(tools: Tools, path: Path, policy: str = "any") -> dict[str, Any]:
    """Return the report on any file."""
    moment = tools.db.clock().isoformat()
    return await tools.sandbox.run(report_on, path, tools.trust, policy, moment)


async def _must_show_its_number(tools: Tools, path: Path, document: Document) -> None:
    """Refuse to seal a paper whose number is not the register's: the agency vouches for it."""
    report = await verify(tools, path)
    if report["verdict"] != "valid":
        raise NotVerified(reason=str(report["reason"]))
    if report["fields"].get(NUMBER_FIELD) != f"{document.number:02d}/{document.symbol}":
        raise NotVerified(reason="number_differs_from_register")


async def _must_be_valid(tools: Tools, path: Path) -> None:
    report = await verify(tools, path, "issued")
    if report["verdict"] != "valid":
        raise NotVerified(reason=str(report["reason"]))
