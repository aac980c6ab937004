"""Signing across the network: every step is noted before the next one is taken.

A flow can be run again from its start after a crash at any point: what was noted is not done
again, the operator is asked by our transaction and never prompts twice, and the raw signature is
kept before any work on the PDF.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
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
from api.signing import service
from api.signing.errors import NotVerified
from api.signing.models import SignatureRequest
from api.signing.mssp.codes import Refusal
from api.signing.mssp.port import Mssp, OperatorUnreachable, Refused, Signed, UnknownPhone
from api.signing.pdf import sandboxed
from api.signing.pdf.errors import WrongCertificate, WrongRawSignature
from api.signing.pdf.layout import LEADER_FIELD, NUMBER_FIELD, SEAL_FIELD
from api.signing.pdf.prepared import Prepared
from api.signing.pdf.raw import check_raw
from api.signing.rules import FINAL, Move, State, is_too_late, on_paper
from api.signing.seal.port import SealKeys
from api.signing.service import Work
from api.signing.verify.sandboxed import report_on
from core.actor import Actor
from core.blobs.port import Blobs
from core.db import Database
from core.sandbox import Sandbox
from core.worker import RunAgain

POLL = timedelta(milliseconds=500)
BUSY = timedelta(seconds=2)

#: How the operator's refusal ends a request.
_ENDS = {
    Refusal.USER_CANCELLED: Move.REFUSE,
    Refusal.EXPIRED: Move.EXPIRE,
    Refusal.PHONE_NOT_REACHED: Move.MISS,
    Refusal.PIN_BLOCKED: Move.BLOCK,
    Refusal.CARD_BLOCKED: Move.BLOCK,
}


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
    steps = {
        State.CONSENTED: _prepare,
        State.PREPARED: _dispatch,
        State.DISPATCHED: _ask_operator,
        State.SIGNED: _embed,
    }
    while True:
        async with tools.db.read() as view:
            request = await service.find(view, request_id)
        if request.state in FINAL:
            return
        await steps[request.state](tools, request)


async def _prepare(tools: Tools, request: SignatureRequest) -> None:
    try:
        certificate = await tools.mssp.certificate(request.phone_number)
        await _prepare_with(tools, request, sandboxed.signer_as_json(certificate))
    except (UnknownPhone, WrongCertificate) as refusal:
        async with tools.db.begin() as tx:
            await service.note_failed(tx, request.id, Move.FAIL, refusal.code)


async def _prepare_with(tools: Tools, request: SignatureRequest, signer: dict[str, Any]) -> None:
    async with tools.db.read() as view:
        revision = await view.session.get_one(Revision, request.revision_id)
        official = (await people.names(view, [request.signer_id]))[request.signer_id]
    async with tools.copy_of(revision.sha256) as path:
        await tools.sandbox.run(sandboxed.place_file_fields, path, revision.layout)
        image = await tools.sandbox.run(signature_image, official.full_name)
        moment = tools.db.clock().isoformat()
        prepared = await tools.sandbox.run(
            sandboxed.prepare_file, path, signer, LEADER_FIELD, moment, image, "Ký ban hành"
        )
        work = await tools.blobs.put_file(path)
    async with tools.db.begin() as tx:
        await service.note_prepared(tx, request.id, Work(work.sha256, prepared, signer))


async def _dispatch(tools: Tools, request: SignatureRequest) -> None:
    async with tools.db.begin() as tx:
        sent = await service.note_dispatched(tx, request.id)
    if not sent:
        raise RunAgain(BUSY)


async def _ask_operator(tools: Tools, request: SignatureRequest) -> None:
    transaction_id, prepared = request.transaction_id, _prepared(request)
    if transaction_id is None or request.dispatched_at is None:
        raise RuntimeError
    try:
        await tools.mssp.start(
            transaction_id=transaction_id,
            phone_number=request.phone_number,
            digest=prepared.to_sign,
            mechanism=prepared.mechanism,
            text=request.display_text or "",
        )
        status = await tools.mssp.status(transaction_id)
    except OperatorUnreachable as away:
        raise RunAgain(BUSY) from away
    match status:
        case Signed(raw):
            await _keep(tools, request, raw)
        case Refused() as refused:
            await _end(tools, request, _ENDS.get(refused.reason, Move.FAIL), refused.reason)
        case _ if is_too_late(request.dispatched_at, tools.db.clock()):
            await _end(tools, request, Move.EXPIRE, Refusal.EXPIRED)
        case _:
            raise RunAgain(POLL)


async def _keep(tools: Tools, request: SignatureRequest, raw: bytes) -> None:
    signer = sandboxed.signer_from_json(request.signer or {})
    try:
        check_raw(_prepared(request), signer, raw)
    except WrongRawSignature as wrong:
        await _end(tools, request, Move.REJECT, wrong.code)
        return
    async with tools.db.begin() as tx:
        await service.note_signed(tx, request.id, raw)


async def _embed(tools: Tools, request: SignatureRequest) -> None:
    async with tools.db.read() as view:
        revision = await view.session.get_one(Revision, request.revision_id)
    async with tools.copy_of(request.work_sha256 or "") as path:
        await tools.sandbox.run(
            sandboxed.embed_file, path, request.prepared, request.signer, request.raw_signature
        )
        content = await tools.keep(path, revision)
    async with tools.db.begin() as tx:
        await service.note_embedded(tx, request.id, content)


async def _end(tools: Tools, request: SignatureRequest, move: Move, reason: str) -> None:
    async with tools.db.begin() as tx:
        await service.note_failed(tx, request.id, move, str(reason))


def _prepared(request: SignatureRequest) -> Prepared:
    return Prepared.from_json(request.prepared or {})


async def supersede(tools: Tools, payload: dict[str, Any]) -> None:
    """End what still waits for a document that went back to its drafter."""
    async with tools.db.begin() as tx:
        await service.supersede(tx, UUID(payload["body"]["document_id"]))


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
