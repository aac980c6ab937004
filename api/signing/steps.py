"""The steps of a collection, each noted before the next is taken; one transaction's work each."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from api.documents import queries as documents
from api.documents import service as document_service
from api.documents.contents import Content
from api.documents.models import Document
from api.documents.rules import State as DocumentState
from api.documents.types import type_of
from api.signing.events import (
    SignatureFailed,
    SignatureReturned,
    SignatureSuperseded,
    SignatureWithdrawn,
    SignerPrompted,
)
from api.signing.models import SignatureRequest
from api.signing.pins import service as pins
from api.signing.pins.rules import Keeper
from api.signing.progress import advance, live, locked, take_phone, told
from api.signing.rules import SIGNING, Move, sim_text, verification_code
from api.signing.turns import call_next, lacks_signatures
from core.actor import Actor
from core.db import ReadTx, Tx
from core.ids import new_id

#: Why a request ended whose paper was taken from everybody.
WITHDRAWN = "paper_withdrawn"


@dataclass(frozen=True, slots=True)
class Work:
    """A file that waits for its signature.

    Attributes:
        base_sha256: the file that it was made from.
        sha256: the blob with the empty signature.
        prepared: what has to be signed, as `Prepared.as_json` gives it.
        signer: the signer's certificates.
        pinned: whether its signer keeps to one certificate; simulated test phones stand for nobody.
    """

    base_sha256: str
    sha256: str
    prepared: dict[str, Any]
    signer: dict[str, Any]
    pinned: bool = True


async def find(view: ReadTx, request_id: UUID) -> SignatureRequest:
    """Return a request as the worker sees it."""
    return await view.session.get_one(SignatureRequest, request_id)


async def note_prepared(tx: Tx, request_id: UUID, work: Work) -> bool:
    """Keep the file with the empty signature, what has to be signed, and what the SIM shows.

    Returns:
        False where the file is not the newest any more, or somebody else is signing it now.

    Raises:
        CertificateChanged: it is another certificate than the signer used before.
    """
    request = await locked(tx, request_id)
    document = await _paper(tx, request)
    if work.pinned:
        await _pin(tx, request, work.signer)
    newest = await documents.latest_revision(tx, request.document_id)
    if newest.sha256 != work.base_sha256 or await is_being_signed(tx, request):
        return False
    code = verification_code(bytes.fromhex(work.prepared["to_sign"]))
    text = sim_text(type_of(document.type_code).vi, document.title, code)
    await advance(
        tx, request, Move.PREPARE,
        work_sha256=work.sha256, prepared=work.prepared, signer=work.signer,
        verification_code=code, display_text=text,
        display_text_sha256=sha256(text.encode()).hexdigest(), base_sha256=work.base_sha256,
    )  # fmt: skip
    request.work_sha256 = work.sha256
    request.prepared = work.prepared
    request.signer = work.signer
    request.verification_code = code
    request.display_text = text
    return True


async def _pin(tx: Tx, request: SignatureRequest, signer: dict[str, Any]) -> None:
    keeper = Keeper.REMOTE if request.list_id else Keeper.SIM
    actor = Actor(request.signer_id, request.agency_id)
    await pins.hold(tx, actor, keeper, request.phone_number, b64decode(signer["der"]))


async def is_being_signed(view: ReadTx, request: SignatureRequest) -> bool:
    """Tell whether somebody else's signature is on its way into the file of a request."""
    return any(
        one.id != request.id and one.state in SIGNING
        for one in await live(view, request.document_id)
    )


async def note_dispatched(tx: Tx, request_id: UUID) -> SignatureRequest | None:
    """Note the intent to prompt, with a fresh transaction; None while the phone is busy."""
    request = await locked(tx, request_id)
    if not await still_waits(tx, request):
        return request
    transaction_id = new_id()
    if not await take_phone(tx, request, transaction_id):
        return None
    await advance(tx, request, Move.DISPATCH, transaction_id=str(transaction_id))
    request.transaction_id = transaction_id
    request.dispatched_at = tx.now
    code = request.verification_code or ""
    tx.emit(told(SignerPrompted, request, verification_code=code))
    return request


async def note_signed(tx: Tx, request_id: UUID, raw: bytes) -> None:
    """Keep the raw signature before anything else is done with it."""
    request = await locked(tx, request_id)
    if await ended_withdrawn(tx, request):
        return
    await advance(tx, request, Move.KEEP, raw_signature=b64encode(raw).decode())
    request.raw_signature = raw
    tx.emit(told(SignatureReturned, request))


async def keep_released(
    tx: Tx, request: SignatureRequest, raw: bytes, proof: dict[str, Any]
) -> None:
    """Keep a raw signature that a remote key made under a list's one authorisation."""
    await advance(tx, request, Move.RELEASE, raw_signature=b64encode(raw).decode(), **proof)
    request.raw_signature = raw
    tx.emit(told(SignatureReturned, request))


async def note_embedded(tx: Tx, request_id: UUID, content: Content) -> None:
    """Keep the signed file; the document is signed when everybody has."""
    request = await locked(tx, request_id)
    if not await still_waits(tx, request):
        return
    await advance(tx, request, Move.EMBED, sha256=content.sha256)
    document_id, by = request.document_id, request.signer_id
    if await lacks_signatures(tx, request):
        await document_service.mark_cosigned(tx, document_id, by=by, content=content)
        await call_next(tx, request)
    else:
        await document_service.mark_signed(tx, document_id, by=by, content=content)


async def note_failed(tx: Tx, request_id: UUID, move: Move, reason: str, **evidence: Any) -> None:
    """Note that no signature came, and why."""
    await end(tx, await locked(tx, request_id), move, reason, **evidence)


async def end(tx: Tx, request: SignatureRequest, move: Move, reason: str, **evidence: Any) -> None:
    """End a request that stays without a signature, and tell why."""
    await advance(tx, request, move, reason=reason, **evidence)
    request.reason = reason
    tx.emit(told(SignatureFailed, request, reason=reason))


async def is_withdrawn(view: ReadTx, request: SignatureRequest) -> bool:
    """Say whether the paper of a request was taken from everybody."""
    return not await documents.that_may_leave(view, [request.document_id])


async def ended_withdrawn(tx: Tx, request: SignatureRequest) -> bool:
    """End what waits for a paper that was taken from everybody; until the commit none is."""
    if not (await _paper(tx, request)).withdrawn:
        return False
    request.reason = WITHDRAWN
    await advance(tx, request, Move.SUPERSEDE, reason=WITHDRAWN)
    tx.emit(told(SignatureWithdrawn, request, asked_by=request.asked_by))
    return True


async def still_waits(tx: Tx, request: SignatureRequest) -> bool:
    """End what waits for a document that went back or away meanwhile; it is for nobody."""
    if await ended_withdrawn(tx, request):
        return False
    if (await _paper(tx, request)).state is DocumentState.SUBMITTED:
        return True
    await advance(tx, request, Move.SUPERSEDE)
    tx.emit(told(SignatureSuperseded, request))
    return False


async def _paper(tx: Tx, request: SignatureRequest) -> Document:
    await tx.session.flush()
    return await tx.session.get_one(
        Document, request.document_id, with_for_update=True, populate_existing=True
    )
