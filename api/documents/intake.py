"""How incoming documents are registered."""

from uuid import UUID

from api.documents import numbering, numbers, quarantine, rules
from api.documents.contents import Arrival, Content
from api.documents.events import DocumentConfirmed, DocumentForceSaid, DocumentRegistered
from api.documents.models import Document
from api.documents.rules import Direction, Force, Purpose, State
from api.documents.service import (
    add_revision,
    flushed,
    let_read,
    locked,
    must_be_a_leader,
)
from api.documents.types import type_of
from core.actor import Actor, Role
from core.db import ReadTx, Tx


async def must_be_receivable(
    view: ReadTx, actor: Actor, arrival: Arrival, stamp: str | None = None
) -> None:
    """Refuse what could not be registered, before anything of it is stored."""
    actor.must_be(Role.CLERK)
    type_of(arrival.type_code)
    words = (arrival.title, arrival.issuer, arrival.signer)
    rules.must_not_be_secret(arrival.secrecy, arrival.symbol, words, stamp)
    await must_be_a_leader(view, actor, arrival.presented_to)


async def register(
    tx: Tx, actor: Actor, document_id: UUID, *, arrival: Arrival, content: Content
) -> Document:
    """Enter an incoming document and give it its arrival number; a second time changes nothing."""
    await must_be_receivable(tx, actor, arrival, content.stamp)
    series = await numbers.lock(tx, actor.agency_id, numbering.ARRIVALS)
    known = await tx.session.get(Document, document_id)
    if known is not None:
        quarantine.must_be_there(known)
        return known
    await quarantine.must_not_be_known(tx, actor.agency_id, content.sha256)
    number = await numbers.take(tx, series, document_id)
    document = _received(tx, actor, document_id, arrival, content)
    document.arrival_number = number
    tx.session.add(document)
    await add_revision(tx, document, purpose=Purpose.RECEIVED, content=content)
    await let_read(tx, document_id, [arrival.presented_to], "presented")
    tx.audit(actor, "documents.register", document_id, arrival_number=number, sha256=content.sha256)
    tx.emit(
        DocumentRegistered(
            document_id=document_id,
            by=actor.id,
            arrival_number=number,
            presented_to=arrival.presented_to,
            held=document.held,
            tells=() if document.held else (arrival.presented_to,),
        )
    )
    return await flushed(tx, document)


def _received(
    tx: Tx, actor: Actor, document_id: UUID, arrival: Arrival, content: Content
) -> Document:
    return Document(
        id=document_id,
        agency_id=actor.agency_id,
        direction=Direction.INCOMING,
        type_code=arrival.type_code,
        title=arrival.title,
        number=arrival.number,
        symbol=arrival.symbol,
        issuer=arrival.issuer,
        issued_on=arrival.issued_on,
        signer=arrival.signer,
        urgency=arrival.urgency,
        state=State.REGISTERED,
        held=not (content.has_text or arrival.confirmed),
        presented_to=arrival.presented_to,
        recipients=[],
        created_at=tx.now,
    )


async def confirm(tx: Tx, actor: Actor, document_id: UUID, *, version: int) -> Document:
    """Say that a person has looked at every page and that the document is not secret."""
    actor.must_be(Role.CLERK)
    document = await locked(tx, actor, document_id, version=version)
    if document.held and document.presented_to is not None:
        document.held = False
        tells = (document.presented_to,)
        tx.audit(actor, "documents.confirm", document_id)
        tx.emit(DocumentConfirmed(document_id=document_id, by=actor.id, tells=tells))
    return await flushed(tx, document)


async def say_force(
    tx: Tx, actor: Actor, document_id: UUID, force: Force, *, version: int
) -> Document:
    """Say from when to when what a document lays down holds; the same again changes nothing."""
    actor.must_be(Role.CLERK)
    rules.must_be_a_force(force)
    document = await locked(tx, actor, document_id, version=version)
    if document.force != force:
        document.in_force_from, document.in_force_until = force.since, force.until
        document.force_noted = force.noted
        tx.audit(actor, "documents.say_force", document_id)
        tx.emit(DocumentForceSaid(document_id=document_id, by=actor.id))
    return await flushed(tx, document)
