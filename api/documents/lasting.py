"""Keeping the files of signed documents that have grown by time-stamps and evidence."""

from uuid import UUID

from api.documents import queries
from api.documents.contents import Content
from api.documents.models import Document, Revision
from api.documents.rules import Level, Purpose, State
from api.documents.service import add_revision
from core.actor import Actor
from core.db import Tx

#: What a document may have become while the stamp was fetched.
_STAMPED = frozenset({State.SUBMITTED, State.SIGNED, State.SEALED, State.ISSUED})
_STATES = {
    Level.B_B: _STAMPED,  # the last signature got its time, an earlier one has none
    Level.B_T: _STAMPED,
    Level.B_LTA: frozenset({State.SEALED, State.ISSUED}),
}
_PURPOSES = {
    Level.B_B: Purpose.STAMPED,
    Level.B_T: Purpose.STAMPED,
    Level.B_LTA: Purpose.ARCHIVED,
}


async def keep(
    tx: Tx, document_id: UUID, *, before: UUID, content: Content, level: Level
) -> Revision | None:
    """Keep a file in place of the revision `before`; None where that is not the newest any more."""
    document = await tx.session.get_one(
        Document, document_id, with_for_update=True, populate_existing=True
    )
    newest = await queries.latest_revision(tx, document_id)
    if newest.id != before or document.state not in _STATES[level]:
        return None
    document.signature_level = level
    tx.session.add(document)
    revision = await add_revision(tx, document, purpose=_PURPOSES[level], content=content)
    by = Actor(document.signer_id or document_id, document.agency_id)
    tx.audit(by, "signing.level", document_id, level=level.value, sha256=content.sha256)
    return revision
