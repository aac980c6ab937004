"""Signing over HTTP."""

import asyncio
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse

from api.deps import ActorDep, DatabaseDep, Once, ReadTxDep, WriteTxDep, fresh
from api.documents import errors as documents
from api.documents import service as document_service
from api.documents.flows import Office, picture
from api.documents.models import Document
from api.documents.schemas import DocumentOut, Width
from api.people.errors import DeviceNeeded, LockedOut
from api.people.factors.deps import StepUpDep
from api.people.factors.errors import StepUpNeeded, WrongFactor
from api.problems import answer_with, problems
from api.signing import flows, queries, service
from api.signing.beside import service as beside
from api.signing.beside.errors import NotSealed
from api.signing.dossier import flows as dossier
from api.signing.errors import (
    NoPhoneNumber,
    NotTheSigner,
    NotVerified,
    NotYourTurn,
    PaperWithdrawn,
    WrongDeadline,
    WrongState,
    WrongSteps,
)
from api.signing.flows import Tools
from api.signing.models import SignatureRequest
from api.signing.pdf.errors import FieldMissing, NotSignable
from api.signing.records import Shown
from api.signing.schemas import Decline, SignatureRequestOut, Submit, Withdraw
from api.signing.seal.port import NoSealKey, SealUnreachable
from core.actor import Actor
from core.db import ReadTx
from core.errors import Forbidden, Malformed, NotFound, Stale
from core.nonces import UseNonce
from core.sandbox import SandboxKilled
from core.sessions import DeviceRevoked
from core.tokens import BadProof, BadToken

router = APIRouter(tags=["signing"], route_class=Once)
public = APIRouter(tags=["signing"])
_ASKED = (BadToken, BadProof, DeviceRevoked, Malformed, NotFound)
#: Whoever asks for a request hears, too, that its paper is gone.
_ONE = (*_ASKED, PaperWithdrawn)
#: Whoever gives or refuses a signature proves the device's key anew.
_FRESH = [Depends(fresh)]


async def _shown(view: ReadTx, actor: Actor, request: SignatureRequest) -> SignatureRequestOut:
    await view.session.flush()
    return SignatureRequestOut.of(await queries.card(view, actor, request.id))


async def _tools(request: Request) -> Tools:
    tools: Tools = request.app.state.engines.signing
    return tools


async def _office(request: Request) -> Office:
    engines = request.app.state.engines
    return Office(engines.db, engines.blobs, engines.sandbox, engines.desk, engines.verify)


OfficeDep = Annotated[Office, Depends(_office)]
ToolsDep = Annotated[Tools, Depends(_tools)]


class Pem(PlainTextResponse):
    """Certificates as text."""

    media_type = "application/x-pem-file"


@public.get("/trust", response_class=Pem)
async def read_trust(tools: ToolsDep) -> Pem:
    """Download the certificates that signatures are trusted by here, as PEM."""
    anchors = sorted(tools.trust.rglob("*.pem")) if tools.trust.is_dir() else []
    pem = "\n".join([await asyncio.to_thread(path.read_text) for path in anchors])
    return Pem(pem)


@router.post(
    "/documents/{document_id}/submit",
    status_code=HTTPStatus.CREATED,
    responses=problems(
        documents.WrongState, documents.NotTheDrafter, documents.NotASignatory, NoPhoneNumber,
        documents.WrongCosigners, WrongDeadline, WrongSteps, Stale, *_ASKED,
    ),
)  # fmt: skip
async def submit_document(
    document_id: UUID, body: Submit, actor: ActorDep, tx: WriteTxDep
) -> SignatureRequestOut:
    """Put a draft before those who initial it, then those who sign it; the answer is the signer's.

    Who signs beside the signer stands on the paper since it was drafted (`cosigner_ids`).
    """
    request = await service.submit(tx, actor, document_id, body.wanted())
    return await _shown(tx, actor, request)


@router.post(
    "/documents/{document_id}/withdraw",
    response_model=DocumentOut,
    responses=problems(
        WrongState, documents.WrongState, documents.NotTheDrafter, documents.Secret, *_ASKED
    ),
)
async def withdraw_draft(
    document_id: UUID, body: Withdraw, actor: ActorDep, tx: WriteTxDep
) -> Document:
    """Take back what its signer has not said yes to; it is a draft again."""
    return await service.withdraw(tx, actor, document_id, reason=body.reason)


@router.get(
    "/documents/{document_id}/signature-requests",
    responses=problems(*_ASKED),
)
async def list_requests_of_document(
    document_id: UUID, actor: ActorDep, view: ReadTxDep
) -> list[SignatureRequestOut]:
    """List who was asked to initial and to sign a document, and how far each is."""
    cards = await queries.of_document(view, actor, document_id)
    return [SignatureRequestOut.of(card) for card in cards]


@router.get("/signature-requests", responses=problems(*_ASKED))
async def list_waiting_requests(actor: ActorDep, view: ReadTxDep) -> list[SignatureRequestOut]:
    """List what I still have to initial or sign, oldest first."""
    return [SignatureRequestOut.of(card) for card in await queries.waiting_for(view, actor)]


@router.get(
    "/signature-requests/{request_id}",
    responses=problems(*_ONE),
)
async def read_request(request_id: UUID, actor: ActorDep, view: ReadTxDep) -> SignatureRequestOut:
    """Say how far a signature request is, in words too."""
    return SignatureRequestOut.of(await queries.card(view, actor, request_id))


@router.get(
    "/signature-requests/{request_id}/pages/{page}",
    response_class=StreamingResponse,
    responses={
        HTTPStatus.OK: {"content": {"image/jpeg": {"schema": {"type": "string"}}}},
        **problems(documents.NoSuchPage, SandboxKilled, *_ONE),
    },
)
async def read_page_to_sign(
    request_id: UUID,
    page: Annotated[int, Path(ge=0, le=100_000, description="counted from 0")],
    actor: ActorDep,
    office: OfficeDep,
    width: Width = Width.MEDIUM,
) -> Response:
    """See a page of the frozen file that is to be signed; what its signer was shown is evidence."""
    file = await dossier.page_to_sign(office.db, actor, request_id, page)
    sha256 = await picture(office, file, page, width)
    await dossier.keep_shown(office.db, actor, request_id, Shown(page, width, sha256))
    headers = {"ETag": f'"{sha256}"', "Cache-Control": "no-store"}
    return StreamingResponse(
        await office.blobs.read(sha256), headers=headers, media_type="image/jpeg"
    )


@router.get(
    "/signature-requests/{request_id}/evidence",
    response_class=StreamingResponse,
    responses={
        HTTPStatus.OK: {"content": {"application/zip": {"schema": {"type": "string"}}}},
        **problems(*_ONE),
    },
)
async def export_evidence(request_id: UUID, actor: ActorDep, tools: ToolsDep) -> Response:
    """Download all evidence of a request as one ZIP, with a script that checks it without us."""
    sha256 = await dossier.export_evidence(tools, actor, request_id)
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="evidence-{request_id}.zip"',
    }
    content = await tools.blobs.read(sha256)
    return StreamingResponse(content, headers=headers, media_type="application/zip")


@router.post(
    "/signature-requests/{request_id}/initial",
    responses=answer_with(HTTPStatus.OK, UseNonce.described)
    | problems(
        WrongState, NotTheSigner, NotYourTurn, DeviceNeeded, documents.WrongState,
        UseNonce, StepUpNeeded, WrongFactor, LockedOut, *_ONE,
    ),
)  # fmt: skip
async def initial(
    request_id: UUID, actor: ActorDep, step_up: StepUpDep, tx: WriteTxDep
) -> SignatureRequestOut:
    """Approve just this paper with my initials (ký nháy); the same proof as for a signature."""
    request = await service.initial(tx, actor, request_id, step_up=step_up)
    return await _shown(tx, actor, request)


@router.post(
    "/signature-requests/{request_id}/sign",
    status_code=HTTPStatus.ACCEPTED,
    responses=answer_with(HTTPStatus.ACCEPTED, UseNonce.described)
    | problems(
        WrongState, NotTheSigner, NotYourTurn, DeviceNeeded, documents.WrongState,
        documents.NotASignatory, UseNonce, StepUpNeeded, WrongFactor, LockedOut, *_ONE,
    ),
)  # fmt: skip
async def sign(
    request_id: UUID, actor: ActorDep, step_up: StepUpDep, tx: WriteTxDep
) -> SignatureRequestOut:
    """Say yes to just this paper, on my own device; my SIM asks for the PIN next.

    The device's proof holds a claim `challenge`: base64url(SHA-256(request id || digest || nonce)),
    with the id as 16 bytes, the SHA-256 of the file that I read, and the nonce of the same proof.
    Who has a passkey or an authenticator app also shows it in the header `Step-Up`.
    """
    request = await service.consent(tx, actor, request_id, step_up=step_up)
    return await _shown(tx, actor, request)


@router.post(
    "/signature-requests/{request_id}/decline",
    dependencies=_FRESH,
    responses=answer_with(HTTPStatus.OK, UseNonce.described)
    | problems(WrongState, NotTheSigner, documents.WrongState, documents.Secret, UseNonce, *_ONE),
)
async def decline(
    request_id: UUID, body: Decline, actor: ActorDep, tx: WriteTxDep
) -> SignatureRequestOut:
    """Refuse to initial or to sign; the draft goes back with the reason."""
    request = await service.decline(tx, actor, request_id, reason=body.reason)
    return await _shown(tx, actor, request)


@router.post(
    "/signature-requests/{request_id}/try-anew",
    status_code=HTTPStatus.CREATED,
    responses=problems(WrongState, NotTheSigner, NoPhoneNumber, documents.WrongState, *_ONE),
)
async def try_anew(request_id: UUID, actor: ActorDep, tx: WriteTxDep) -> SignatureRequestOut:
    """Begin a new request in place of one that ended badly; its signer may, and who asked."""
    return await _shown(tx, actor, await service.try_anew(tx, actor, request_id))


@public.post(
    "/mssp/callbacks/{transaction_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(Malformed),
)
async def tell_of_news(transaction_id: UUID, db: DatabaseDep) -> None:
    """Let an operator say that there is news of a transaction: it is asked at once.

    The call is believed nothing, and its body is not read: what counts is what the operator
    answers when it is asked. It gets the same answer whether the transaction is known or not.
    """
    await flows.wake(db, transaction_id)


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
        NoSealKey, SealUnreachable, NotSignable, NotVerified, UseNonce, *_ASKED,
    ),
)  # fmt: skip
async def seal_document(document_id: UUID, actor: ActorDep, tools: ToolsDep) -> Document:
    """Seal a numbered document with the agency's signature."""
    return await flows.seal(tools, actor, document_id)


@router.post(
    "/documents/{document_id}/issue",
    response_model=DocumentOut,
    responses=problems(Forbidden, documents.WrongState, NotSealed, *_ASKED),
)
async def issue_document(document_id: UUID, actor: ActorDep, tx: WriteTxDep) -> Document:
    """Issue a sealed document; attachments in files of their own bear the seal by then."""
    document = await document_service.issue(tx, actor, document_id)
    await beside.must_be_complete(tx, document_id)
    return document
