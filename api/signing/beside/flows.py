"""Copies and attachments across the sandbox and the agency's key, between transactions."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import UploadFile

from api.documents import rules as document_rules
from api.documents.models import Document
from api.documents.pages.sandboxed import PDF, inspect_file
from api.documents.paper.sandboxed import bare_copy
from api.documents.uploads import save
from api.signing.beside import queries, service
from api.signing.beside.errors import NotPlainPdf
from api.signing.beside.models import SideFile
from api.signing.beside.rules import Form, on_attachment, on_copy
from api.signing.beside.service import Sealed
from api.signing.errors import NotVerified
from api.signing.flows import Tools, verify
from api.signing.pdf import sandboxed
from api.signing.pdf.layout import ATTACHMENT_FIELD, COPY_FIELD
from api.signing.pdf.prepared import Prepared
from core.actor import Actor


async def copy(
    tools: Tools,
    actor: Actor,
    document_id: UUID,
    copy_id: UUID,
    *,
    form: Form,
    pages: Sequence[int],
) -> SideFile:
    """Make a copy of a document's newest file, or of some of its pages, and seal it.

    Run again with the same id it finds the copy that is there.
    """
    async with tools.db.read() as view:
        _, revision, agency = await service.must_be_copied(view, actor, document_id, form, pages)
        known = await queries.copy(view, document_id, copy_id)
    if known is not None:
        return known
    async with tools.desk.space() as space:
        source, target = space / "source.pdf", space / "copy.pdf"
        await tools.blobs.fetch(revision.sha256, source)
        count = await tools.sandbox.run(bare_copy, source, target, list(pages) or None)
        words = on_copy(form, agency, tools.db.clock())
        sealed = await _sealed(tools, actor.agency_id, target, COPY_FIELD, words, count)
    async with tools.db.begin() as tx:
        return await service.keep_copy(tx, actor, revision, copy_id, form=form, sealed=sealed)


async def attach(
    tools: Tools, actor: Actor, document_id: UUID, upload: UploadFile, *, title: str
) -> SideFile:
    """Keep what an uploaded PDF shows as an attachment of a draft; secret ones are refused.

    Pages that are pictures are refused too: nobody reads them later, and a stamp may be there.
    """
    async with tools.db.read() as view:
        await service.must_be_attachable(view, actor, document_id)
    async with tools.desk.space() as space:
        path, target = await save(upload, space / "received.pdf"), space / "attachment.pdf"
        facts = await tools.sandbox.run(inspect_file, path)
        if facts["media_type"] != PDF:
            raise NotPlainPdf
        document_rules.must_not_be_secret("", "", [title], facts["stamp"])
        document_rules.must_be_known(held=bool(facts["unread"]))
        pages = await tools.sandbox.run(bare_copy, path, target, None)
        stored = await tools.blobs.put_file(target)
    plain = Sealed(stored.sha256, stored.size, pages)
    async with tools.db.begin() as tx:
        return await service.attach(tx, actor, document_id, title=title, plain=plain)


async def seal_attachments(tools: Tools, actor: Actor, document_id: UUID) -> list[SideFile]:
    """Seal every attachment of a numbered document; those that bear the seal stay as they are."""
    async with tools.db.read() as view:
        document = await service.must_be_sealable(view, actor, document_id)
        found = await queries.attachments(view, document_id)
    return [await _seal_one(tools, actor, document, one) for one in found]


async def _seal_one(tools: Tools, actor: Actor, document: Document, one: SideFile) -> SideFile:
    if one.sha256 is not None:
        return one
    words = on_attachment(document.number or 0, document.symbol, tools.db.clock())
    async with tools.copy_of(one.source_sha256) as path:
        sealed = await _sealed(tools, actor.agency_id, path, ATTACHMENT_FIELD, words, one.pages)
    async with tools.db.begin() as tx:
        return await service.keep_sealed(tx, actor, one.id, sealed=sealed)


async def _sealed(
    tools: Tools, agency_id: UUID, path: Path, field: str, words: list[str], pages: int
) -> Sealed:
    """Put words and the agency's signature on a file; only what our verifier passes is kept."""
    certificate = await tools.seal.certificate(agency_id)
    signer = sandboxed.signer_as_json(certificate)
    stored: dict[str, Any] = await tools.sandbox.run(
        sandboxed.label_file, path, signer, field, tools.db.clock().isoformat(), words
    )
    prepared = Prepared.from_json(stored)
    raw = await tools.seal.sign(agency_id, digest=prepared.to_sign, mechanism=prepared.mechanism)
    await tools.sandbox.run(sandboxed.embed_file, path, stored, signer, raw)
    report = await verify(tools, path)
    if report["verdict"] != "valid":
        raise NotVerified(reason=str(report["reason"]))
    kept = await tools.blobs.put_file(path)
    return Sealed(kept.sha256, kept.size, pages)


async def open_file(tools: Tools, actor: Actor, file_id: UUID) -> tuple[SideFile, str]:
    """Return a file beside a document and its blob; that it is read is written down first."""
    async with tools.db.begin() as tx:
        found = await queries.side_file(tx, actor, file_id)
        tx.audit(actor, "signing.read_side_file", found.document_id, file=str(file_id))
        return found, found.sha256 or found.source_sha256
