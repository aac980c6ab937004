"""Use-cases of files beside a document: each function is one transaction's worth of work."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from api.documents import queries as documents
from api.documents import rules as document_rules
from api.documents import service as document_service
from api.documents.errors import NotTheDrafter
from api.documents.models import Document, Revision
from api.documents.pages.sandboxed import PDF
from api.documents.rules import Purpose, State
from api.people import queries as people
from api.signing.beside import queries
from api.signing.beside.errors import NotPlainPdf
from api.signing.beside.events import (
    AttachmentAdded,
    AttachmentRemoved,
    AttachmentSealed,
    CopyMade,
)
from api.signing.beside.models import SideFile
from api.signing.beside.rules import (
    Form,
    Kind,
    must_all_be_sealed,
    must_be_copyable,
    must_be_numbered,
    must_fit,
    must_have_room,
)
from core.actor import Actor, Role
from core.db import ReadTx, Tx
from core.errors import NotFound

#: Files that bear somebody's signature.
_SIGNED = frozenset(Purpose) - {Purpose.RECEIVED, Purpose.DRAFTED}


@dataclass(frozen=True, slots=True)
class Sealed:
    """A finished file: its name among the blobs, and its measures."""

    sha256: str
    size: int
    pages: int


async def must_be_copied(
    view: ReadTx, actor: Actor, document_id: UUID, form: Form, pages: Sequence[int]
) -> tuple[Document, Revision, str]:
    """Return a document, the file to be copied and the agency's name, if a copy may be made."""
    actor.must_be(Role.CLERK)
    must_fit(form, pages)
    document = await documents.document(view, actor, document_id)
    document_rules.must_be_known(held=document.held)
    revision = await documents.latest_revision(view, document_id)
    if revision.media_type != PDF:
        raise NotPlainPdf
    known = (revision.verification or {}).get("signatures") or revision.purpose in _SIGNED
    must_be_copyable(form, document.direction, document.state, signed=bool(known))
    return document, revision, (await people.agency(view, actor.agency_id)).name


async def keep_copy(
    tx: Tx, actor: Actor, copied: Revision, copy_id: UUID, *, form: Form, sealed: Sealed
) -> SideFile:
    """Keep a copy that the agency has sealed; a second time changes nothing."""
    document = await document_service.locked(tx, actor, copied.document_id)
    known = await queries.copy(tx, document.id, copy_id)
    if known is not None:
        return known
    made = SideFile(
        id=copy_id,
        agency_id=actor.agency_id,
        document_id=document.id,
        kind=Kind.COPY,
        form=form,
        title=document.title[:300],
        source_sha256=copied.sha256,
        pages=sealed.pages,
        sha256=sealed.sha256,
        size=sealed.size,
        added_by=actor.id,
        created_at=tx.now,
        sealed_at=tx.now,
    )
    tx.session.add(made)
    tx.audit(actor, "signing.copy", document.id, sha256=sealed.sha256, form=form)
    tx.emit(CopyMade(document_id=document.id, file_id=made.id, by=actor.id, form=form))
    await tx.session.flush()
    return made


async def must_be_attachable(view: ReadTx, actor: Actor, document_id: UUID) -> Document:
    """Return a draft of the actor's, to which files may be added."""
    document = await documents.document(view, actor, document_id)
    if document.drafted_by != actor.id:
        raise NotTheDrafter
    document_rules.must_be_in(document.state, State.DRAFT)
    return document


async def attach(tx: Tx, actor: Actor, document_id: UUID, *, title: str, plain: Sealed) -> SideFile:
    """Keep an attachment of a draft; it is sealed when the draft has become a document.

    The same file under the same title is there once, however often it is sent.
    """
    await document_service.locked(tx, actor, document_id)
    await must_be_attachable(tx, actor, document_id)
    there = await queries.attachments(tx, document_id)
    for one in there:
        if (one.source_sha256, one.title) == (plain.sha256, title):
            return one
    must_have_room(len(there))
    added = SideFile(
        agency_id=actor.agency_id,
        document_id=document_id,
        kind=Kind.ATTACHMENT,
        title=title,
        source_sha256=plain.sha256,
        pages=plain.pages,
        size=plain.size,
        added_by=actor.id,
        created_at=tx.now,
    )
    tx.session.add(added)
    tx.audit(actor, "signing.attach", document_id, sha256=plain.sha256)
    tx.emit(AttachmentAdded(document_id=document_id, file_id=added.id, by=actor.id))
    await tx.session.flush()
    return added


async def remove(tx: Tx, actor: Actor, file_id: UUID) -> None:
    """Take an attachment off a draft again."""
    found = await queries.side_file(tx, actor, file_id)
    if found.kind is not Kind.ATTACHMENT:
        raise NotFound(id=str(file_id))
    document = await document_service.locked(tx, actor, found.document_id)
    if document.drafted_by != actor.id:
        raise NotTheDrafter
    document_rules.must_be_in(document.state, State.DRAFT)
    tx.audit(actor, "signing.remove_attachment", document.id, sha256=found.source_sha256)
    tx.emit(AttachmentRemoved(document_id=document.id, file_id=file_id, by=actor.id))
    await tx.session.delete(found)


async def must_be_sealable(view: ReadTx, actor: Actor, document_id: UUID) -> Document:
    """Return a numbered document whose attachments the actor may seal."""
    actor.must_be(Role.CLERK)
    document = await documents.document(view, actor, document_id)
    signers = [document.signer_id, *document_service.cosigners_of(document)]
    document_rules.must_not_have_signed(signers, actor.id)
    must_be_numbered(document.state)
    return document


async def keep_sealed(tx: Tx, actor: Actor, file_id: UUID, *, sealed: Sealed) -> SideFile:
    """Keep an attachment that bears the seal now; one that bore it already stays as it is."""
    found = await queries.side_file(tx, actor, file_id)
    document = await document_service.locked(tx, actor, found.document_id)
    await must_be_sealable(tx, actor, document.id)
    await tx.session.refresh(found)
    if found.sha256 is None:
        found.sha256, found.size, found.sealed_at = sealed.sha256, sealed.size, tx.now
        tx.session.add(found)
        tx.audit(actor, "signing.seal_attachment", document.id, sha256=sealed.sha256)
        tx.emit(AttachmentSealed(document_id=document.id, file_id=file_id, by=actor.id))
    await tx.session.flush()
    return found


async def must_be_complete(view: ReadTx, document_id: UUID) -> None:
    """Refuse to issue a document with an attachment that bears no seal yet."""
    must_all_be_sealed(
        one.sha256 is not None for one in await queries.attachments(view, document_id)
    )
