"""Use-cases of signing: each function is one transaction's worth of work."""

from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import col, select

from api.documents import queries as documents
from api.documents import service as document_service
from api.documents.competence import must_still_be_competent
from api.documents.contents import Content
from api.documents.models import Document, Revision
from api.documents.rules import State as DocumentState
from api.documents.rules import must_be_in
from api.documents.types import type_of
from api.people import queries as people
from api.people.factors.rules import Deed
from api.people.factors.step_up import StepUp, must_step_up
from api.people.service import must_have_device
from api.signing import queries
from api.signing.errors import NoPhoneNumber, WrongState
from api.signing.events import (
    SignatureConsented,
    SignatureDeclined,
    SignatureFailed,
    SignatureRequested,
    SignatureReturned,
    SignerPrompted,
    SigningEvent,
)
from api.signing.models import SignatureRequest
from api.signing.rules import (
    FINAL,
    Move,
    State,
    after,
    must_be_signer,
    must_have_ended_badly,
    sim_text,
    subject_of,
    verification_code,
)
from core.actor import Actor
from core.db import ReadTx, Tx
from core.ids import new_id

JOB = "signing.collect"
E = TypeVar("E", bound=SigningEvent)


@dataclass(frozen=True, slots=True)
class Work:
    """A file that waits for its signature.

    Attributes:
        sha256: the blob with the empty signature.
        prepared: what has to be signed, as `Prepared.as_json` gives it.
        signer: the signer's certificates.
    """

    sha256: str
    prepared: dict[str, Any]
    signer: dict[str, Any]


async def submit(
    tx: Tx, actor: Actor, document_id: UUID, *, signer_id: UUID, version: int | None
) -> SignatureRequest:
    """Put a draft before its signer and ring their phone."""
    document = await document_service.submit(
        tx, actor, document_id, signer_id=signer_id, version=version
    )
    return await _ask(tx, actor, document.id, signer_id)


async def consent(tx: Tx, actor: Actor, request_id: UUID, *, step_up: StepUp) -> SignatureRequest:
    """Let the signer say yes to just this paper, from their own device; the SIM is asked next."""
    must_have_device(actor)
    request = await _mine(tx, actor, request_id)
    document = await documents.document(tx, actor, request.document_id)
    must_be_in(document.state, DocumentState.SUBMITTED)
    await must_still_be_competent(tx, document)
    _advance(tx, request, Move.CONSENT)
    revision = await tx.session.get_one(Revision, request.revision_id)
    shown = await must_step_up(
        tx, actor, step_up, Deed.SIGN, subject_of(request.id, revision.sha256)
    )
    request.consented_from = actor.device_id
    request.consent_evidence = shown.as_json()
    tx.enqueue(JOB, str(request.id), {"request_id": str(request.id)})
    tx.audit(
        actor, "signing.consent", request.document_id, request=str(request.id), shown=shown.factor
    )
    tx.emit(_told(SignatureConsented, request))
    return request


async def decline(tx: Tx, actor: Actor, request_id: UUID, *, reason: str) -> SignatureRequest:
    """Let the signer refuse; the draft goes back to its drafter."""
    request = await _mine(tx, actor, request_id)
    _advance(tx, request, Move.DECLINE)
    request.reason = reason
    await document_service.send_back(tx, actor, request.document_id, reason=reason)
    tx.emit(_told(SignatureDeclined, request))
    return request


async def try_anew(tx: Tx, actor: Actor, request_id: UUID) -> SignatureRequest:
    """Begin a new request in place of one that ended without a signature."""
    old = await _mine(tx, actor, request_id)
    must_have_ended_badly(old.state)
    document = await document_service.locked(tx, actor, old.document_id)
    must_be_in(document.state, DocumentState.SUBMITTED)
    if await _live(tx, old.document_id):
        raise WrongState(state=old.state, move="try_anew")
    return await _ask(tx, actor, old.document_id, old.signer_id)


async def supersede(tx: Tx, document_id: UUID) -> None:
    """End what still waits for a document that went back to its drafter."""
    for request in await _live(tx, document_id):
        if request.state is State.REQUESTED:
            _advance(tx, request, Move.SUPERSEDE)


# --- the steps of a collection, each noted before the next ----------------------------------


async def find(view: ReadTx, request_id: UUID) -> SignatureRequest:
    """Return a request as the worker sees it."""
    return await view.session.get_one(SignatureRequest, request_id)


async def note_prepared(tx: Tx, request_id: UUID, work: Work) -> None:
    """Keep the file with the empty signature, what has to be signed, and what the SIM shows."""
    request = await find(tx, request_id)
    document = await tx.session.get_one(Document, request.document_id)
    code = verification_code(bytes.fromhex(work.prepared["to_sign"]))
    _advance(tx, request, Move.PREPARE)
    request.work_sha256 = work.sha256
    request.prepared = work.prepared
    request.signer = work.signer
    request.verification_code = code
    request.display_text = sim_text(type_of(document.type_code).vi, document.title, code)


async def note_dispatched(tx: Tx, request_id: UUID) -> bool:
    """Note the intent to prompt, with a fresh transaction; False while the phone is busy."""
    request = await find(tx, request_id)
    busy = select(SignatureRequest.id).where(
        SignatureRequest.phone_number == request.phone_number,
        SignatureRequest.state == State.DISPATCHED,
    )
    if (await tx.session.exec(busy)).first() is not None:
        return False
    _advance(tx, request, Move.DISPATCH)
    request.transaction_id = new_id()
    request.dispatched_at = tx.now
    code = request.verification_code or ""
    tx.emit(_told(SignerPrompted, request, verification_code=code))
    return True


async def note_signed(tx: Tx, request_id: UUID, raw: bytes) -> None:
    """Keep the raw signature before anything else is done with it."""
    request = await find(tx, request_id)
    _advance(tx, request, Move.KEEP)
    request.raw_signature = raw
    tx.emit(_told(SignatureReturned, request))


async def note_embedded(tx: Tx, request_id: UUID, content: Content) -> None:
    """Keep the signed file; the document is signed."""
    request = await find(tx, request_id)
    _advance(tx, request, Move.EMBED)
    await document_service.mark_signed(tx, request.document_id, content=content)


async def note_failed(tx: Tx, request_id: UUID, move: Move, reason: str) -> None:
    """Note that no signature came, and why."""
    request = await find(tx, request_id)
    _advance(tx, request, move)
    request.reason = reason
    tx.emit(_told(SignatureFailed, request, reason=reason))


# --- what all of them stand on --------------------------------------------------------------


def _advance(tx: Tx, request: SignatureRequest, move: Move) -> None:
    """Move a request on, or refuse; the only place that changes a state."""
    request.state = after(request.state, move)
    if request.state in FINAL:
        request.ended_at = tx.now
    tx.session.add(request)


async def _ask(tx: Tx, actor: Actor, document_id: UUID, signer_id: UUID) -> SignatureRequest:
    signer = await people.official(tx, actor, signer_id)
    if not signer.phone_number:
        raise NoPhoneNumber
    revision = await documents.latest_revision(tx, document_id)
    request = SignatureRequest(
        agency_id=actor.agency_id,
        document_id=document_id,
        revision_id=revision.id,
        signer_id=signer_id,
        phone_number=signer.phone_number,
        created_at=tx.now,
    )
    tx.session.add(request)
    event = _told(SignatureRequested, request)
    tx.emit(event.model_copy(update={"by": actor.id}))
    return request


async def _mine(tx: Tx, actor: Actor, request_id: UUID) -> SignatureRequest:
    request = await queries.request(tx, actor, request_id)
    must_be_signer(request.signer_id, actor.id)
    return request


async def _live(view: ReadTx, document_id: UUID) -> list[SignatureRequest]:
    statement = select(SignatureRequest).where(
        SignatureRequest.document_id == document_id, col(SignatureRequest.state).not_in(FINAL)
    )
    return list((await view.session.exec(statement)).all())


def _told(kind: type[E], request: SignatureRequest, **more: Any) -> E:
    return kind(
        request_id=request.id,
        document_id=request.document_id,
        signer_id=request.signer_id,
        by=request.signer_id,
        **more,
    )
