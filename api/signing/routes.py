"""Signing over HTTP."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse

from api.deps import ActorDep, Once, ReadTxDep, WriteTxDep, fresh
from api.documents import errors as documents
from api.documents import service as document_service
from api.documents.models import Document
from api.documents.schemas import DocumentOut
from api.people.errors import DeviceNeeded, LockedOut
from api.people.factors.deps import StepUpDep
from api.people.factors.errors import StepUpNeeded, WrongFactor
from api.problems import answer_with, problems
from api.signing import flows, queries, service
from api.signing.errors import NoPhoneNumber, NotTheSigner, NotVerified, WrongState
from api.signing.flows import Tools
from api.signing.models import SignatureRequest
from api.signing.pdf.errors import FieldMissing, NotSignable
from api.signing.schemas import Decline, SignatureRequestOut, Submit
from api.signing.seal.port import NoSealKey
from core.errors import Forbidden, Malformed, NotFound, Stale
from core.nonces import UseNonce
from core.sessions import DeviceRevoked
from core.tokens import BadProof, BadToken

router = APIRouter(tags=["signing"], route_class=Once)
public = APIRouter(tags=["signing"])
_ASKED = (BadToken, BadProof, DeviceRevoked, Malformed, NotFound)
#: Whoever gives or refuses a signature proves the device's key anew.
_FRESH = [Depends(fresh)]


async def _tools(request: Request) -> Tools:
    tools: Tools = request.app.state.engines.signing
    return tools


ToolsDep = Annotated[Tools, Depends(_tools)]


class Pem(PlainTextResponse):
    """Certificates as text."""

    media_type = "application/x-pem-file"


@public.get("/trust", response_class=Pem)
async def read_trust(tools: ToolsDep) -> Pem:
    """Download the certificates that signatures are trusted by here, as PEM."""
    anchors = sorted(tools.trust.glob("*.pem")) if tools.trust.is_dir() else []
    pem = "\n".join([await asyncio.to_thread(path.read_text) for path in anchors])
    return Pem(pem)


@router.post(
    "/documents/{document_id}/submit",
    response_model=SignatureRequestOut,
    status_code=HTTPStatus.CREATED,
    responses=problems(
        documents.WrongState, documents.NotTheDrafter, documents.NotASignatory, NoPhoneNumber,
        Stale, *_ASKED,
    ),
)  # fmt: skip
async def submit_document(
    document_id: UUID, body: Submit, actor: ActorDep, tx: WriteTxDep
) -> SignatureRequest:
    """Put a draft before its signer and ring their phone."""
    return await service.submit(
        tx, actor, document_id, signer_id=body.signer_id, version=body.version
    )


@router.get(
    "/signature-requests", response_model=list[SignatureRequestOut], responses=problems(*_ASKED)
)
async def list_waiting_requests(actor: ActorDep, view: ReadTxDep) -> Sequence[SignatureRequest]:
    """List what I still have to sign, oldest first."""
    return await queries.waiting_for(view, actor)


@router.get(
    "/signature-requests/{request_id}",
    response_model=SignatureRequestOut,
    responses=problems(*_ASKED),
)
async def read_request(request_id: UUID, actor: ActorDep, view: ReadTxDep) -> SignatureRequest:
    """Say how far a signature request is."""
    return await queries.request(view, actor, request_id)


@router.post(
    "/signature-requests/{request_id}/sign",
    response_model=SignatureRequestOut,
    status_code=HTTPStatus.ACCEPTED,
    responses=answer_with(HTTPStatus.ACCEPTED, UseNonce.described)
    | problems(
        WrongState, NotTheSigner, DeviceNeeded, documents.WrongState, documents.NotASignatory,
        UseNonce, StepUpNeeded, WrongFactor, LockedOut, *_ASKED,
    ),
)  # fmt: skip
async def sign(
    request_id: UUID, actor: ActorDep, step_up: StepUpDep, tx: WriteTxDep
) -> SignatureRequest:
    """Say yes to just this paper, on my own device; my SIM asks for the PIN next.

    The device's proof holds a claim `challenge`: base64url(SHA-256(request id || digest || nonce)),
    with the id as 16 bytes, the SHA-256 of the file that I read, and the nonce of the same proof.
    Who has a passkey or an authenticator app also shows it in the header `Step-Up`.
    """
    return await service.consent(tx, actor, request_id, step_up=step_up)


@router.post(
    "/signature-requests/{request_id}/decline",
    response_model=SignatureRequestOut,
    dependencies=_FRESH,
    responses=answer_with(HTTPStatus.OK, UseNonce.described)
    | problems(WrongState, NotTheSigner, documents.WrongState, documents.Secret, UseNonce, *_ASKED),
)
async def decline(
    request_id: UUID, body: Decline, actor: ActorDep, tx: WriteTxDep
) -> SignatureRequest:
    """Refuse to sign; the draft goes back with the reason."""
    return await service.decline(tx, actor, request_id, reason=body.reason)


@router.post(
    "/signature-requests/{request_id}/try-anew",
    response_model=SignatureRequestOut,
    status_code=HTTPStatus.CREATED,
    responses=problems(WrongState, NotTheSigner, NoPhoneNumber, documents.WrongState, *_ASKED),
)
async def try_anew(request_id: UUID, actor: ActorDep, tx: WriteTxDep) -> SignatureRequest:
    """Begin a new request in place of one that ended without a signature."""
    return await service.try_anew(tx, actor, request_id)


@router.post(
    "/documents/{document_id}/number",
    response_model=DocumentOut,
    responses=problems(
        Forbidden, documents.WrongState, documents.DateGoesBack, FieldMissing, NotSignable, *_ASKED
    ),
)
async def number_document(document_id: UUID, actor: ActorDep, tools: ToolsDep) -> Document:
    """Give a signed document its number and date, on the paper too."""
    return await flows.number(tools, actor, document_id)


@router.post(
    "/documents/{document_id}/seal",
    response_model=DocumentOut,
    dependencies=_FRESH,
    responses=answer_with(HTTPStatus.OK, UseNonce.described)
    | problems(
        Forbidden, documents.WrongState, documents.SealerIsSigner, documents.NumberNotOnPaper,
        NoSealKey, NotSignable, NotVerified, UseNonce, *_ASKED,
    ),
)  # fmt: skip
async def seal_document(document_id: UUID, actor: ActorDep, tools: ToolsDep) -> Document:
    """Seal a numbered document with the agency's signature."""
    return await flows.seal(tools, actor, document_id)


@router.post(
    "/documents/{document_id}/issue",
    response_model=DocumentOut,
    responses=problems(Forbidden, documents.WrongState, *_ASKED),
)
async def issue_document(document_id: UUID, actor: ActorDep, tx: WriteTxDep) -> Document:
    """Issue a sealed document."""
    return await document_service.issue(tx, actor, document_id)
