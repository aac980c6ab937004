"""Work on files between transactions: read in the sandbox, kept as blobs, then entered."""

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from fastapi import UploadFile
from sqlalchemy.exc import IntegrityError

from api.documents import drafting, intake, queries, rules, scans, trace
from api.documents.contents import Arrival, Content, Draft
from api.documents.desk import Desk
from api.documents.models import Document, PageImage, Revision
from api.documents.pages.errors import NoPictures
from api.documents.pages.sandboxed import PDF, inspect_file, picture_of, text_of
from api.documents.paper import DecisionPage, attach, write_decision
from api.documents.scans import Progress
from api.documents.schemas import TraceLine
from api.documents.uploads import save
from api.documents.verifier import Verifier
from core.actor import Actor
from core.blobs.port import Blobs
from core.db import Database, ReadTx
from core.ids import checking_code
from core.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Office:
    """What work on files needs.

    Attributes:
        db: where documents are entered.
        blobs: where files are kept.
        sandbox: where files are read.
        desk: where files lie meanwhile.
        verify: judges the signatures in received files; None where nothing can.
        checked_at: the address before the code by which anybody checks a paper; empty: none.
    """

    db: Database
    blobs: Blobs
    sandbox: Sandbox
    desk: Desk
    verify: Verifier | None
    checked_at: str = ""


@dataclass(frozen=True, slots=True)
class Entered:
    """A document as it was entered, and its file.

    Attributes:
        scan: how far the reading of its pictures has come.
        lookalikes: the ids of what it may be a copy of.
    """

    document: Document
    file: Revision
    scan: Progress | None
    lookalikes: list[UUID]


async def register(
    office: Office, actor: Actor, document_id: UUID, *, arrival: Arrival, upload: UploadFile
) -> Entered:
    """Register an incoming PDF; what is refused leaves nothing behind.

    The file is stored only when nothing speaks against it any more. Run again with the same id it
    finds the document that is there.
    """
    async with office.db.read() as view:
        await intake.must_be_receivable(view, actor, arrival)
    async with office.desk.space() as space:
        path = await save(upload, space / "received.pdf")
        content = await _received(office, path)
    async with office.db.begin() as tx:
        document = await intake.register(tx, actor, document_id, arrival=arrival, content=content)
        alike = await queries.lookalikes(tx, document, content.sha256)
        return await _entered(tx, document, alike)


async def _entered(view: ReadTx, document: Document, lookalikes: list[UUID]) -> Entered:
    file = await queries.latest_revision(view, document.id)
    return Entered(document, file, await scans.progress(view, file.id), lookalikes)


async def _received(office: Office, path: Path) -> Content:
    content = await _examined(office, path)
    is_pdf = content.media_type == PDF
    report = await office.verify(path) if office.verify and is_pdf else None
    stored = await office.blobs.put_file(path)
    return replace(content, sha256=stored.sha256, size=stored.size, verification=report)


async def _examined(office: Office, path: Path) -> Content:
    """Return what the sandbox finds in a file that is not stored yet, or refuse the file."""
    facts = await office.sandbox.run(inspect_file, path)
    rules.must_not_be_secret("", "", (), facts["stamp"])
    texts = await office.sandbox.run(text_of, path)
    return Content(
        *("", 0, facts["pages"]),
        texts=texts,
        has_text=facts["has_text"],
        unread=tuple(facts["unread"]),
        media_type=facts["media_type"],
    )


async def draft(office: Office, actor: Actor, document_id: UUID, *, draft: Draft) -> Entered:
    """Write a document of ours; the pages of what it answers follow in the same file."""
    async with office.db.read() as view:
        answered = await drafting.must_be_draftable(view, actor, draft)
        annex = await queries.latest_revision(view, answered.id) if answered else None
        sheet = await drafting.sheet(view, actor, draft)
    async with office.desk.space() as space:
        content = await _written(office, space, sheet, annex)
    async with office.db.begin() as tx:
        document = await drafting.keep(tx, actor, document_id, draft=draft, content=content)
        return await _entered(tx, document, [])


async def _written(
    office: Office, space: Path, sheet: DecisionPage, annex: Revision | None
) -> Content:
    path, code = space / "document.pdf", None
    if office.checked_at:
        code = checking_code()
        sheet = {**sheet, "checked_at": f"{office.checked_at}{code}"}
    layout = await office.sandbox.run(write_decision, sheet, path)
    if annex is not None and annex.media_type == PDF:
        ours, theirs, path = path, space / "annex.pdf", space / "joined.pdf"
        await office.blobs.fetch(annex.sha256, theirs)
        await office.sandbox.run(attach, ours, theirs, path)
    content = await _examined(office, path)
    stored = await office.blobs.put_file(path)
    return replace(content, sha256=stored.sha256, size=stored.size, layout=dict(layout), code=code)


async def open_document(office: Office, actor: Actor, document_id: UUID) -> Entered:
    """Return a document and its newest file; that it is read is written down first."""
    async with office.db.begin() as tx:
        document = await queries.document(tx, actor, document_id)
        tx.audit(actor, "documents.read", document_id)
        return await _entered(tx, document, [])


async def open_file(office: Office, actor: Actor, document_id: UUID) -> Revision:
    """Return the newest file for reading; that it is read is written down first."""
    async with office.db.begin() as tx:
        await queries.document(tx, actor, document_id)
        file = await queries.latest_revision(tx, document_id)
        tx.audit(actor, "documents.read_file", document_id, ordinal=file.ordinal)
        return file


async def open_trace(office: Office, actor: Actor, document_id: UUID) -> list[TraceLine]:
    """Return what happened to a document; that it is read is written down first."""
    async with office.db.begin() as tx:
        await queries.document(tx, actor, document_id)
        tx.audit(actor, "documents.read_trace", document_id)
    async with office.db.read() as view:
        return await trace.of(view, actor, document_id)


@dataclass(frozen=True, slots=True)
class SeenPage:
    """The blob with the picture of a page, and the file that it shows."""

    sha256: str
    file_sha256: str


async def open_page(
    office: Office, actor: Actor, document_id: UUID, *, page: int, width: int
) -> SeenPage:
    """Return the picture of a page, drawn once for each width."""
    async with office.db.begin() as tx:
        file = await queries.revision_with_page(tx, actor, document_id, page)
        tx.audit(actor, "documents.read_page", document_id, ordinal=file.ordinal, page=page)
        kept = await queries.page_image(tx, file.id, page, width)
    drawn = kept or await picture(office, file, page, width)
    return SeenPage(drawn, file.sha256)


async def picture(office: Office, file: Revision, page: int, width: int) -> str:
    """Draw a page, or wait for the one who is drawing it: a whole room turns pages at once."""
    if file.media_type != PDF:
        raise NoPictures
    async with office.desk.alone(f"{file.id}/{page}/{width}"):
        async with office.db.read() as view:
            kept = await queries.page_image(view, file.id, page, width)
        return kept or await _draw(office, file, page, width)


async def _draw(office: Office, file: Revision, page: int, width: int) -> str:
    async with office.desk.space() as space:
        await office.blobs.fetch(file.sha256, space / "file.pdf")
        picture = await office.sandbox.run(picture_of, space / "file.pdf", page, width)
        (space / "page.jpg").write_bytes(picture)
        stored = await office.blobs.put_file(space / "page.jpg")
    with suppress(IntegrityError):  # somebody else drew the same page meanwhile
        async with office.db.begin() as tx:
            image = PageImage(
                revision_id=file.id,
                page=page,
                width=width,
                agency_id=file.agency_id,
                sha256=stored.sha256,
            )
            tx.session.add(image)
    return stored.sha256
