"""How a request moves on: the one place that changes its state, and tells and keeps it."""

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlmodel import col, select

from api.signing.events import SigningEvent
from api.signing.models import LivePrompt, SignatureRequest
from api.signing.records import record
from api.signing.rules import FINAL, Move, State, after, is_too_late
from core.db import ReadTx, Tx

E = TypeVar("E", bound=SigningEvent)


async def advance(tx: Tx, request: SignatureRequest, move: Move, **evidence: Any) -> None:
    """Move a request on, or refuse; the only place that changes a state."""
    before, request.state = request.state, after(request.state, move)
    if request.state in FINAL:
        request.ended_at = tx.now
    if before is State.DISPATCHED and request.state is not State.SUPERSEDED:
        await free_phone(tx, request.phone_number)
    record(tx, request, move, **evidence)


async def locked(tx: Tx, request_id: UUID) -> SignatureRequest:
    """Return a request that nobody else can change until the transaction ends."""
    await tx.session.flush()  # or what is not written yet would be read over
    return await tx.session.get_one(
        SignatureRequest, request_id, with_for_update=True, populate_existing=True
    )


async def live(view: ReadTx, document_id: UUID) -> Sequence[SignatureRequest]:
    """Return what is still open for a document."""
    statement = select(SignatureRequest).where(
        SignatureRequest.document_id == document_id, col(SignatureRequest.state).not_in(FINAL)
    )
    return (await view.session.exec(statement)).all()


class Prompted(Protocol):
    """What asks a phone for a PIN: one request, or a list of them."""

    agency_id: UUID
    phone_number: str


async def take_phone(tx: Tx, request: Prompted, transaction_id: UUID) -> bool:
    """Note that a phone is about to be prompted; False while another prompt may show on it."""
    shown = await tx.session.get(LivePrompt, request.phone_number, with_for_update=True)
    if shown is not None and not is_too_late(shown.since, tx.now):
        return False
    if shown is not None:
        shown.transaction_id, shown.since = transaction_id, tx.now
        return True
    tx.session.add(
        LivePrompt(
            phone_number=request.phone_number,
            agency_id=request.agency_id,
            transaction_id=transaction_id,
            since=tx.now,
        )
    )
    return True


async def free_phone(tx: Tx, phone_number: str) -> None:
    """Note that a prompt is gone from a phone."""
    prompt = await tx.session.get(LivePrompt, phone_number)
    if prompt is not None:
        await tx.session.delete(prompt)


def told(kind: type[E], request: SignatureRequest, **more: Any) -> E:
    """Return a fact about a request; its signer did it, if nobody else is named."""
    about = {
        "request_id": request.id,
        "document_id": request.document_id,
        "signer_id": request.signer_id,
        "by": request.signer_id,
    }
    return kind(**(about | more))
