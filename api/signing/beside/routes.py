"""Copies, and attachments in files of their own, over HTTP."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Header, Request, Response, UploadFile
from fastapi.responses import StreamingResponse

from api.deps import ActorDep, Once, ReadTxDep, WriteTxDep, fresh
from api.documents import errors as documents
from api.documents.pages.errors import EncryptedPdf, NotPdf, NotWord, PdfTooComplex, WordTooComplex
from api.documents.uploads import Upload
from api.problems import answer_with, problems
from api.signing.beside import flows, queries, service
from api.signing.beside.errors import NotPlainPdf, SignedAlready, TooMany, WrongPages
from api.signing.beside.models import SideFile
from api.signing.beside.schemas import Attach, MakeCopy, SideFileOut
from api.signing.errors import NotVerified
from api.signing.flows import Tools
from api.signing.pdf.errors import NotDrawable, NotSignable
from api.signing.seal.port import NoSealKey, SealUnreachable
from core.errors import Forbidden, Malformed, NotFound, TooLarge
from core.ids import derived, new_id
from core.nonces import UseNonce
from core.sandbox import SandboxKilled
from core.sessions import DeviceRevoked
from core.tokens import BadProof, BadToken

router = APIRouter(tags=["signing"], route_class=Once)
uploads = APIRouter(tags=["signing"], route_class=Upload)
_ASKED = (BadToken, BadProof, DeviceRevoked, Malformed, NotFound)
_FILES = (NotPdf, EncryptedPdf, PdfTooComplex, SandboxKilled)
_SEAL = (NoSealKey, SealUnreachable, NotSignable, NotDrawable, NotVerified, Forbidden, UseNonce)
#: Whoever uses the agency's key proves the device's key anew.
_FRESH = [Depends(fresh)]


async def _tools(request: Request) -> Tools:
    tools: Tools = request.app.state.engines.signing
    return tools


ToolsDep = Annotated[Tools, Depends(_tools)]
KeyDep = Annotated[
    str | None, Header(alias="Idempotency-Key", description="the same key, the same copy")
]


@router.post(
    "/documents/{document_id}/copies",
    status_code=HTTPStatus.CREATED,
    response_model=SideFileOut,
    dependencies=_FRESH,
    responses=answer_with(HTTPStatus.CREATED, UseNonce.described)
    | problems(
        documents.WrongState, documents.NotYetRead, documents.NoSuchPage, SignedAlready,
        WrongPages, NotPlainPdf, *_FILES, *_SEAL, *_ASKED,
    ),
)  # fmt: skip
async def make_copy(
    document_id: UUID, body: MakeCopy, actor: ActorDep, tools: ToolsDep, key: KeyDep = None
) -> SideFile:
    """Make a copy (clerk) and seal it: form, agency and time stand at its top right, no picture."""
    asked = body.model_dump_json()
    made = derived(actor.id, "signing.copy", document_id, asked, key) if key else new_id()
    return await flows.copy(tools, actor, document_id, made, form=body.form, pages=body.pages)


@uploads.post(
    "/documents/{document_id}/attachments",
    status_code=HTTPStatus.CREATED,
    response_model=SideFileOut,
    responses=problems(
        documents.WrongState, documents.NotTheDrafter, documents.Secret, documents.NotYetRead,
        NotPlainPdf, NotWord, WordTooComplex, TooMany, TooLarge, *_FILES, *_ASKED,
    ),
)  # fmt: skip
async def add_attachment(
    document_id: UUID,
    file: UploadFile,
    said: Annotated[Attach, Form()],
    actor: ActorDep,
    tools: ToolsDep,
) -> SideFile:
    """Add a PDF to my draft that stays a file of its own; it is sealed with the number.

    Every page has to have a text: nobody would find a secrecy stamp on a picture.
    """
    return await flows.attach(tools, actor, document_id, file, title=said.title)


@router.post(
    "/side-files/{file_id}/remove",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(documents.WrongState, documents.NotTheDrafter, *_ASKED),
)
async def remove_attachment(file_id: UUID, actor: ActorDep, tx: WriteTxDep) -> None:
    """Take an attachment off my draft again."""
    await service.remove(tx, actor, file_id)


@router.post(
    "/documents/{document_id}/attachments/seal",
    response_model=list[SideFileOut],
    dependencies=_FRESH,
    responses=answer_with(HTTPStatus.OK, UseNonce.described)
    | problems(documents.WrongState, documents.SealerIsSigner, SandboxKilled, *_SEAL, *_ASKED),
)
async def seal_attachments(document_id: UUID, actor: ActorDep, tools: ToolsDep) -> list[SideFile]:
    """Seal the attachments of a numbered document: its number and the time stand on each."""
    return await flows.seal_attachments(tools, actor, document_id)


@router.get(
    "/documents/{document_id}/side-files",
    response_model=list[SideFileOut],
    responses=problems(*_ASKED),
)
async def list_side_files(document_id: UUID, actor: ActorDep, view: ReadTxDep) -> list[SideFile]:
    """List the copies of a document and its attachments in files of their own."""
    return list(await queries.of_document(view, actor, document_id))


@router.get(
    "/side-files/{file_id}/file",
    response_class=StreamingResponse,
    responses={
        HTTPStatus.OK: {"content": {"application/pdf": {"schema": {"type": "string"}}}},
        **problems(*_ASKED),
    },
)
async def download_side_file(file_id: UUID, actor: ActorDep, tools: ToolsDep) -> Response:
    """Download a copy or an attachment; with its seal as soon as it bears one."""
    found, sha256 = await flows.open_file(tools, actor, file_id)
    headers = {
        "ETag": f'"{sha256}"',
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="{found.kind}-{file_id}.pdf"',
    }
    content = await tools.blobs.read(sha256)
    return StreamingResponse(content, headers=headers, media_type="application/pdf")
