"""Documents that turn out to be secret when they are already in: nobody sees them any more.

What is in doubt is decided by two persons: both have to say that it was a false alarm, and that
they know it from the paper, since here it is shown to nobody.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from api.documents.errors import SecondPersonNeeded
from api.documents.events import DocumentQuarantined, DocumentReleased
from api.documents.models import READING_JOB, Document, Quarantine, Revision, ScannedPage
from api.documents.rules import PageState
from api.people import queries as people
from core.actor import Actor, Role
from core.db import ReadTx, Tx
from core.errors import NotFound

#: Who may vouch for a document in quarantine.
_GUARDS = (Role.CLERK, Role.LEADER)


async def find(tx: Tx, document: Document, *, page: int, level: str) -> None:
    """Take a document away from everybody: a secrecy stamp was found on it."""
    document.withdrawn = True
    document.held = True
    tx.session.add(document)
    found = Quarantine(
        document_id=document.id,
        agency_id=document.agency_id,
        page=page,
        level=level,
        found_at=tx.now,
    )
    tx.session.add(found)
    clerks = await people.with_role(tx, document.agency_id, Role.CLERK)
    tells = tuple(sorted((clerk.id for clerk in clerks), key=str))
    tx.emit(DocumentQuarantined(document_id=document.id, tells=tells))


async def was_released(view: ReadTx, document_id: UUID) -> bool:
    """Say whether two persons have vouched that the document is not secret."""
    known = await view.session.get(Quarantine, document_id)
    return known is not None and known.released_at is not None


async def listed(view: ReadTx, actor: Actor) -> Sequence[tuple[Quarantine, int | None]]:
    """Return what is in quarantine and its arrival number; nothing of its content."""
    actor.must_be(*_GUARDS)
    statement = (
        select(Quarantine, Document.arrival_number)
        .join(Document, col(Document.id) == col(Quarantine.document_id))
        .where(Quarantine.agency_id == actor.agency_id, col(Quarantine.released_at).is_(None))
        .order_by(col(Quarantine.found_at), col(Quarantine.document_id))
    )
    return (await view.session.exec(statement)).all()


async def arrival_number(view: ReadTx, document_id: UUID) -> int | None:
    """Return by what number a document is known in the register of arrivals."""
    return (await view.session.get_one(Document, document_id)).arrival_number


async def release(tx: Tx, actor: Actor, document_id: UUID) -> Quarantine:
    """Vouch that it was a false alarm; the second person's word lets the document go on.

    Raises:
        SecondPersonNeeded: the same person has said so before.
    """
    actor.must_be(*_GUARDS)
    known = await _locked(tx, actor, document_id)
    if known.released_at is not None:
        return known
    if known.vouched_by is None:
        known.vouched_by = actor.id
        tx.audit(actor, "documents.vouch", document_id)
    elif known.vouched_by == actor.id:
        raise SecondPersonNeeded
    else:
        await _let_go(tx, actor, known)
    tx.session.add(known)
    return known


async def _locked(tx: Tx, actor: Actor, document_id: UUID) -> Quarantine:
    statement = select(Quarantine).where(
        Quarantine.document_id == document_id, Quarantine.agency_id == actor.agency_id
    )
    found = (await tx.session.exec(statement.with_for_update())).first()
    if found is None:
        raise NotFound(id=str(document_id))
    return found


async def _let_go(tx: Tx, actor: Actor, known: Quarantine) -> None:
    known.released_by, known.released_at = actor.id, tx.now
    document = await tx.session.get_one(Document, known.document_id, with_for_update=True)
    document.withdrawn = False
    tx.session.add(document)
    tx.audit(actor, "documents.release", document.id)
    tx.emit(DocumentReleased(document_id=document.id, by=actor.id))
    await _read_on(tx, document.id)


async def _read_on(tx: Tx, document_id: UUID) -> None:
    """Go on reading where the stamp was found: it now counts as looked at."""
    newest = select(Revision.id).where(Revision.document_id == document_id)
    ordered = newest.order_by(col(Revision.ordinal).desc()).limit(1)
    revision_id = (await tx.session.exec(ordered)).one()
    waiting = select(ScannedPage.page).where(
        ScannedPage.revision_id == revision_id, ScannedPage.state == PageState.WAITING
    )
    if (await tx.session.exec(waiting.limit(1))).first() is not None:
        payload = {"revision_id": str(revision_id)}
        tx.enqueue(READING_JOB, f"{revision_id}/released", payload)
