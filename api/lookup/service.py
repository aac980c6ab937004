"""Keeping the index in step with the documents."""

from uuid import UUID

from sqlmodel import col, delete, select

from api.documents import queries as documents
from api.documents.models import Document
from api.documents.types import types
from api.lookup.index.port import Index
from api.lookup.models import LookupEntry, LookupPage
from api.lookup.reading import Reading, Source
from core.db import ReadTx, Tx
from core.errors import Stale


async def source(view: ReadTx, document_id: UUID) -> Source:
    """Return what there is to index of a document."""
    document = await view.session.get_one(Document, document_id)
    revision = await documents.latest_revision(view, document_id)
    kind = types().get(document.type_code)
    return Source(
        document_id=document.id,
        agency_id=document.agency_id,
        version=document.version,
        revision_id=revision.id,
        kind=kind.vi if kind else "",
        title=document.title,
        number=document.number,
        symbol=document.symbol,
        issuer=document.issuer,
        issued_on=document.issued_on,
        pages=tuple(enumerate(await documents.page_texts(view, revision.id))),
    )


async def keep(tx: Tx, index: Index, read_from: Source, reading: Reading) -> None:
    """Put a reading in place of the one before; the same reading again changes nothing.

    Raises:
        Stale: the document has changed since it was read.
    """
    await _must_be_current(tx, read_from)
    position = await _keep_entry(tx, reading.entry)
    pages = delete(LookupPage).where(col(LookupPage.document_id) == read_from.document_id)
    await tx.session.exec(pages)
    tx.session.add_all(reading.pages)
    await index.put(tx.session, position, reading.terms)


async def _must_be_current(tx: Tx, read_from: Source) -> None:
    """Refuse what is out of date; until the end nobody else indexes this document."""
    statement = select(Document.version).where(Document.id == read_from.document_id)
    version = (await tx.session.exec(statement.with_for_update())).one()
    revision = await documents.latest_revision(tx, read_from.document_id)
    if (version, revision.id) != (read_from.version, read_from.revision_id):
        raise Stale(version=version)


async def _keep_entry(tx: Tx, entry: LookupEntry) -> int:
    statement = select(LookupEntry).where(LookupEntry.document_id == entry.document_id)
    known = (await tx.session.exec(statement)).first()
    if known is None:
        tx.session.add(entry)
        known = entry
    else:
        known.sqlmodel_update(entry.model_dump(exclude={"position"}))
    await tx.session.flush()
    return known.position or 0
