"""Keeping the index in step with the documents."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, delete, func, select

from api.documents import queries as documents
from api.documents.models import Document
from api.documents.types import types
from api.lookup.analysis.text import VERSION
from api.lookup.index.port import Index, Posting, Shelf
from api.lookup.models import LookupEntry, LookupPassage
from api.lookup.reading import Reading, Source, heading_terms, passage_terms
from core.db import ReadTx, Tx
from core.errors import Stale

#: A document to everybody is not looked for by each of them.
MOST_RECIPIENTS = 20


async def source(view: ReadTx, document_id: UUID) -> Source:
    """Return what there is to index of a document."""
    document = await view.session.get_one(Document, document_id)
    revision = await documents.latest_revision(view, document_id)
    return Source(
        document_id=document.id,
        agency_id=document.agency_id,
        version=document.version,
        revision_id=revision.id,
        kind=kind_of(document),
        title=document.title,
        number=document.number,
        symbol=document.symbol,
        issuer=document.issuer,
        issued_on=document.issued_on,
        pages=tuple(enumerate(await documents.page_texts(view, revision.id))),
        in_force_until=document.in_force_until,
        names=tuple(filter(None, (document.signer, *document.recipients[:MOST_RECIPIENTS]))),
    )


def kind_of(document: Document) -> str:
    """Return the name of a document's type; one that we do not know has its own for a code."""
    kind = types().get(document.type_code)
    return kind.vi if kind else document.type_code.replace("_", " ")


async def keep(tx: Tx, index: Index, read_from: Source, reading: Reading) -> None:
    """Put a reading in place of the one before; the same reading again changes nothing.

    Raises:
        Stale: the document has changed since it was read.
    """
    await _must_be_current(tx, read_from)
    await forget(tx, index, read_from.document_id)
    if not await _is_withdrawn(tx, read_from.document_id):
        await add(tx, index, [reading])


async def add(tx: Tx, index: Index, readings: Sequence[Reading]) -> None:
    """Keep readings of documents that the index does not know."""
    tx.session.add_all([one.entry for one in readings])
    tx.session.add_all([passage for one in readings for passage in one.passages])
    await tx.session.flush()
    headings = [_heading(one.entry) for one in readings]
    passages = [posting for one in readings for posting in _postings(one.entry, one.passages)]
    await index.add(tx.session, Shelf.HEADING, headings)
    await index.add(tx.session, Shelf.PASSAGE, passages)


async def forget(tx: Tx, index: Index, document_id: UUID) -> None:
    """Take a document out of the index."""
    entries = select(LookupEntry).where(LookupEntry.document_id == document_id)
    entry = (await tx.session.exec(entries)).first()
    if entry is None:
        return
    its_own = col(LookupPassage.document_id) == document_id
    passages = (await tx.session.exec(select(LookupPassage).where(its_own))).all()
    await index.drop(tx.session, Shelf.HEADING, [_heading(entry)])
    await index.drop(tx.session, Shelf.PASSAGE, _postings(entry, passages))
    await tx.session.exec(delete(LookupPassage).where(its_own))
    await tx.session.delete(entry)
    await tx.session.flush()


def _heading(entry: LookupEntry) -> Posting:
    return Posting(entry.position or 0, heading_terms(entry))


def _postings(entry: LookupEntry, passages: Sequence[LookupPassage]) -> list[Posting]:
    return [Posting(one.position or 0, passage_terms(entry, one)) for one in passages]


async def _is_withdrawn(tx: Tx, document_id: UUID) -> bool:
    """Say whether nobody may find the document any more: it has no place in the index either."""
    return (await tx.session.get_one(Document, document_id, populate_existing=True)).withdrawn


async def _must_be_current(tx: Tx, read_from: Source) -> None:
    """Refuse what is out of date; until the end nobody else indexes this document."""
    statement = select(Document.version).where(Document.id == read_from.document_id)
    version = (await tx.session.exec(statement.with_for_update())).one()
    revision = await documents.latest_revision(tx, read_from.document_id)
    if (version, revision.id) != (read_from.version, read_from.revision_id):
        raise Stale(version=version)


async def count(view: ReadTx) -> int:
    """Return how many documents there are."""
    return (await view.session.exec(select(func.count()).select_from(Document))).one()


async def ids_after(
    view: ReadTx, after: UUID | None, *, only_outdated: bool, limit: int
) -> Sequence[UUID]:
    """Return documents in the order of their ids, all of them or those to be read anew."""
    statement = select(Document.id).order_by(col(Document.id)).limit(limit)
    if after is not None:
        statement = statement.where(col(Document.id) > after)
    if only_outdated:
        current = select(LookupEntry.document_id).where(LookupEntry.analysis == VERSION)
        statement = statement.where(col(Document.id).not_in(current))
    return (await view.session.exec(statement)).all()
