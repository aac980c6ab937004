"""What people may look up about signing; who may see it is part of every select."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, or_, select

from api.documents.models import Document
from api.signing.models import SignatureRequest
from api.signing.rules import FINAL
from core.actor import Actor
from core.db import ReadTx
from core.errors import NotFound


async def request(view: ReadTx, actor: Actor, request_id: UUID) -> SignatureRequest:
    """Return a request that the actor is a party to: its signer, or the document's drafter."""
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
    return found


async def waiting_for(view: ReadTx, actor: Actor) -> Sequence[SignatureRequest]:
    """List what the actor still has to sign, oldest first."""
    statement = (
        select(SignatureRequest)
        .where(SignatureRequest.signer_id == actor.id)
        .where(SignatureRequest.agency_id == actor.agency_id)
        .where(col(SignatureRequest.state).not_in(FINAL))
        .order_by(col(SignatureRequest.id))
        .limit(200)
    )
    return (await view.session.exec(statement)).all()
