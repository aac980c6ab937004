"""Documents that turn out to be secret when they are already in: nobody sees them any more.

What is in doubt is decided by two persons: both have to say that it was a false alarm, and that
they know it from the paper, since here it is shown to nobody. Our answers carry the pages of what
they answer: a paper and its answers go and come back together.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select

from api.documents.errors import SecondPersonNeeded, Secret
from api.documents.events import DocumentQuarantined, DocumentReleased
from api.documents.models import READING_JOB, Document, Quarantine, Revision, ScannedPage
from api.documents.rules import PageState
from api.people import queries as people
from core import idempotency
from core.actor import Actor, Role
from core.db import ReadTx, Tx
from core.errors import NotFound

#: Who may vouch for a document in quarantine.
_GUARDS = (Role.CLERK, Role.LEADER)


async def find(tx: Tx, document: Document, *, page: int, level: str) -> None:
    """Take a document away from everybody, and what has its pages: a stamp was found on it."""
    document.held = True
    found = Quarantine(
        document_id=document.id,
        agency_id=document.agency_id,
        page=page,
        level=level,
        found_at=tx.now,
    )
    tx.session.add(found)
    clerks = await people.with_role(tx, document.agency_id, Role.CLERK)
    await _withdraw(tx, document, {clerk.id for clerk in clerks})
    for one in await _beside(tx, document):
        if not one.withdrawn:
            await _withdraw(tx, one, {one.drafted_by, one.signer_id, one.presented_to})


async def _withdraw(tx: Tx, document: Document, tells: set[UUID | None]) -> None:
    document.withdrawn = True
    tx.session.add(document)
    await idempotency.forget_about(tx, document.id)
    known = tuple(sorted((one for one in tells if one is not None), key=str))
    tx.emit(DocumentQuarantined(document_id=document.id, tells=known))


async def _beside(tx: Tx, document: Document) -> Sequence[Document]:
    """Return what has the same pages: the paper that is answered, and all that answers it."""
    await tx.session.flush()
    family = select(Document).where(_family_of(document), Document.id != document.id)
    locked = family.order_by(col(Document.id)).with_for_update()
    return (await tx.session.exec(locked.execution_options(populate_existing=True))).all()


def _family_of(document: Document) -> ColumnElement[bool]:
    source = document.reply_to or document.id
    return (col(Document.id) == source) | (col(Document.reply_to) == source)


async def was_released(view: ReadTx, document: Document) -> bool:
    """Say whether two persons have vouched that these pages are not secret."""
    statement = (
        select(Quarantine.document_id)
        .join(Document, col(Document.id) == col(Quarantine.document_id))
        .where(_family_of(document), col(Quarantine.released_at).is_not(None))
    )
    return (await view.session.exec(statement.limit(1))).first() is not None


async def must_not_be_known(view: ReadTx, agency_id: UUID, sha256: str) -> None:
    """Refuse a file that was taken from everybody to come in once more."""
    statement = (
        select(Revision.id)
        .join(Document, col(Document.id) == col(Revision.document_id))
        .where(Revision.sha256 == sha256, Revision.agency_id == agency_id)
        .where(col(Document.withdrawn).is_(True))
    )
    if (await view.session.exec(statement.limit(1))).first() is not None:
        raise Secret(found="quarantined")


def must_be_there(document: Document) -> None:
    """Refuse to answer again for a document that was taken from everybody meanwhile."""
    if document.withdrawn:
        raise Secret(found="quarantined")


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


async def taken_with(view: ReadTx, found: Sequence[Quarantine]) -> Mapping[UUID, list[UUID]]:
    """Return what went into quarantine beside each document, by its id."""
    source = func.coalesce(col(Document.reply_to), col(Document.id))
    agencies = {one.agency_id for one in found}
    statement = (
        select(Document.id, source)
        .where(col(Document.agency_id).in_(agencies), col(Document.withdrawn).is_(True))
        .order_by(col(Document.id))
    )
    families: dict[UUID, list[UUID]] = defaultdict(list)
    sources: dict[UUID, UUID] = {}
    for id_, of in (await view.session.exec(statement)).all():
        families[of].append(id_)
        sources[id_] = of
    named = [one.document_id for one in found if one.document_id in sources]
    return {one: [other for other in families[sources[one]] if other != one] for one in named}


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
    for one in [document, *await _beside(tx, document)]:
        one.withdrawn = False
        tx.session.add(one)
        tx.audit(actor, "documents.release", one.id)
        tx.emit(DocumentReleased(document_id=one.id, by=actor.id))
        await _read_on(tx, one.id)


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
