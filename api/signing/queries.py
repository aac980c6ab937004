"""What people may look up about signing; who may see it is part of every select."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlmodel import col, or_, select

from api.documents import queries as documents
from api.documents.models import Document, Revision
from api.signing.errors import PaperWithdrawn
from api.signing.models import SignatureRequest
from api.signing.rules import FINAL, open_turns
from api.signing.turns import asked, of_papers
from core.actor import Actor
from core.db import ReadTx
from core.errors import NotFound

Row = TypeVar("Row", Document, Revision)


@dataclass(frozen=True, slots=True)
class Card:
    """A request with what it is about.

    Attributes:
        its_turn: nobody before has to decide.
    """

    request: SignatureRequest
    document: Document
    revision: Revision
    its_turn: bool


async def request(view: ReadTx, actor: Actor, request_id: UUID) -> SignatureRequest:
    """Return a request that the actor is a party to: its signer, or the document's drafter.

    Raises:
        PaperWithdrawn: the paper was taken from everybody; its parties are told that much.
    """
    statement = (
        select(SignatureRequest)
        .join(Document, col(Document.id) == col(SignatureRequest.document_id))
        .where(
            SignatureRequest.id == request_id,
            SignatureRequest.agency_id == actor.agency_id,
            or_(
                col(SignatureRequest.signer_id) == actor.id,
                col(Document.drafted_by) == actor.id,
            ),
        )
    )
    found = (await view.session.exec(statement)).first()
    if found is None:
        raise NotFound(id=str(request_id))
    if not await documents.that_may_leave(view, [found.document_id]):
        raise PaperWithdrawn(id=str(request_id))
    return found


async def card(view: ReadTx, actor: Actor, request_id: UUID) -> Card:
    """Return a request that the actor is a party to, with what it is about."""
    found = await request(view, actor, request_id)
    return (await _cards(view, [found]))[0]


async def waiting_for(view: ReadTx, actor: Actor) -> list[Card]:
    """List what the actor still has to decide or what is being signed, oldest first."""
    statement = (
        select(SignatureRequest)
        .join(Document, col(Document.id) == col(SignatureRequest.document_id))
        .where(SignatureRequest.signer_id == actor.id, documents.may_leave())
        .where(SignatureRequest.agency_id == actor.agency_id)
        .where(col(SignatureRequest.state).not_in(FINAL))
        .order_by(col(SignatureRequest.id))
        .limit(200)
    )
    return await _cards(view, (await view.session.exec(statement)).all())


async def of_document(view: ReadTx, actor: Actor, document_id: UUID) -> list[Card]:
    """List everything that was asked about a document that the actor may read, oldest first."""
    await documents.document(view, actor, document_id)
    statement = select(SignatureRequest).where(SignatureRequest.document_id == document_id)
    ordered = statement.order_by(col(SignatureRequest.created_at), col(SignatureRequest.turn))
    return await _cards(view, (await view.session.exec(ordered)).all())


async def _cards(view: ReadTx, requests: Sequence[SignatureRequest]) -> list[Card]:
    documents_ = await _by_id(view, Document, {one.document_id for one in requests})
    revisions = await _by_id(view, Revision, {one.revision_id for one in requests})
    before = {
        paper: open_turns(asked(requests))
        for paper, requests in (await of_papers(view, set(revisions))).items()
    }
    return [
        Card(
            one,
            documents_[one.document_id],
            revisions[one.revision_id],
            its_turn=one.state not in FINAL
            and one.turn <= min(before[one.revision_id], default=one.turn),
        )
        for one in requests
    ]


async def _by_id(view: ReadTx, kind: type[Row], ids: set[UUID]) -> dict[UUID, Row]:
    found = await view.session.exec(select(kind).where(col(kind.id).in_(ids)))
    return {one.id: one for one in found.all()}
