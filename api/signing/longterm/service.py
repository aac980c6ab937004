"""What the long-term work notes: one transaction's worth each."""

from datetime import datetime
from uuid import UUID

from api.documents import lasting
from api.documents.contents import Content
from api.documents.models import Revision
from api.documents.rules import Level
from api.signing.longterm.events import LevelReached
from api.signing.longterm.rules import renewal_due
from core.db import Tx

RENEW = "signing.renew"


async def note_level(
    tx: Tx,
    document_id: UUID,
    *,
    before: UUID,
    content: Content,
    level: Level,
    until: datetime | None = None,
) -> Revision | None:
    """Keep a file that lasts longer; None where another file has taken its place meanwhile.

    A file with a document time-stamp has its renewal planned in the same transaction.
    """
    revision = await lasting.keep(tx, document_id, before=before, content=content, level=level)
    if revision is None:
        return None
    if until is not None:
        due = renewal_due(tx.now, until)
        payload = {"document_id": str(document_id), "revision_id": str(revision.id)}
        tx.enqueue(RENEW, str(revision.id), payload, not_before=due)
    if level is not Level.B_B:
        tx.emit(LevelReached(document_id=document_id, level=level))
    return revision
