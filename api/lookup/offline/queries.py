"""What a phone should have; who may see it is part of every select."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select as columns
from sqlmodel import col, select

from api.documents.models import Document, Revision
from api.documents.queries import readable_by
from api.lookup.models import LookupEntry
from api.lookup.offline.models import OfflineCopy
from api.lookup.offline.rules import MOST_KEPT, Difference, mark_of, unpacked
from core.actor import Actor
from core.db import ReadTx


class Kept(NamedTuple):
    """A document as phones keep it."""

    document: Document
    entry: LookupEntry
    file: Revision


@dataclass(frozen=True, slots=True)
class Delta:
    """What a phone is told.

    Attributes:
        cursor: what it sends the next time.
        reset: it must drop what it has before it takes this in.
        change: which documents.
        kept: those that are sent.
    """

    cursor: UUID | None
    reset: bool
    change: Difference
    kept: list[Kept]


#: Whatever of a document can change on a phone. The index learns it a little later than the
#: document itself changes, so that the version alone would not tell.
_MARKED = (
    col(Document.version), col(Revision.text_state), col(LookupEntry.analysis),
    col(LookupEntry.revision_id), col(LookupEntry.heading), col(LookupEntry.fields),
    col(LookupEntry.number_key), col(LookupEntry.day), col(LookupEntry.until),
)  # fmt: skip


async def wanted(view: ReadTx, actor: Actor) -> dict[UUID, bytes]:
    """Return the newest documents that the actor may see, each with its mark."""
    statement = (
        columns(col(Document.id), *_MARKED)
        .join(LookupEntry, col(LookupEntry.document_id) == col(Document.id))
        .join(Revision, col(Revision.id) == col(LookupEntry.revision_id))
        .where(readable_by(actor, view.now))
        .order_by(col(Document.created_at).desc(), col(Document.id).desc())
        .limit(MOST_KEPT)
    )
    rows = await (await view.session.connection()).execute(statement)
    return {row[0]: mark_of(*row[1:]) for row in rows}


async def kept(view: ReadTx, actor: Actor, document_ids: Sequence[UUID]) -> list[Kept]:
    """Return documents as phones keep them, in the order of the ids."""
    statement = (
        select(Document, LookupEntry, Revision)
        .join(LookupEntry, col(LookupEntry.document_id) == col(Document.id))
        .join(Revision, col(Revision.id) == col(LookupEntry.revision_id))
        .where(col(Document.id).in_(document_ids), readable_by(actor, view.now))
    )
    found = {row[0].id: Kept(*row) for row in (await view.session.exec(statement)).all()}
    return [found[one] for one in document_ids if one in found]


async def held(view: ReadTx, holder_id: UUID, cursor: UUID | None) -> dict[UUID, bytes] | None:
    """Return what a phone has that stands at a cursor; None where nobody knows."""
    copy = await view.session.get(OfflineCopy, cursor) if cursor else None
    return unpacked(copy.held) if copy and copy.holder_id == holder_id else None
