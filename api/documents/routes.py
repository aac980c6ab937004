"""Documents over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Header, Path, Query, Request, Response, UploadFile
from fastapi.responses import StreamingResponse

from api.deps import ActorDep, BlobsDep, Once, ReadTxDep, WriteTxDep
from api.documents import flows, intake, quarantine, queries, service, serving
from api.documents.errors import (
    NoSuchPage,
    NotALeader,
    NotASignatory,
    NotRegistered,
    NotTheSigner,
    NotYetRead,
    SecondPersonNeeded,
    Secret,
    UnknownType,
    WrongCosigners,
    WrongState,
    WrongValidity,
)
from api.documents.flows import Entered, Office
from api.documents.models import Document, Quarantine
from api.documents.pages.errors import (
    EncryptedPdf,
    NoPictures,
    NotPdf,
    NotWord,
    PdfTooComplex,
    WordTooComplex,
)
from api.documents.pages.sandboxed import PDF, WORD
from api.documents.rules import Direction, State
from api.documents.schemas import (
    Confirm,
    DocumentDetail,
    DocumentOut,
    DocumentPage,
    QuarantinedOut,
    Register,
    Registered,
    RevisionOut,
    SayValidity,
    ScanOut,
    SendBack,
    TraceLine,
    Width,
    WriteDraft,
)
from api.documents.uploads import Upload
from api.problems import problems
from core.errors import Forbidden, Malformed, NotFound, Stale, TooLarge
from core.ids import derived, new_id
from core.sandbox import SandboxKilled
from core.sessions import DeviceRevoked
from core.tokens import BadProof, BadToken

router = APIRouter(prefix="/documents", tags=["documents"], route_class=Once)
uploads = APIRouter(prefix="/documents", tags=["documents"], route_class=Upload)
_ASKED = (BadToken, BadProof, DeviceRevoked)
_NOT_KEPT = {"Cache-Control": "private, no-store"}
_ENDINGS = {PDF: ".pdf", WORD: ".docx"}
_KEPT = "private, max-age=31536000, immutable"
_ASK_AGAIN = "private, no-cache"
_BINARY = {"schema": {"type": "string", "format": "binary"}}


def _bytes_of(*media_types: str) -> dict[int | str, dict[str, Any]]:
    content = {"content": dict.fromkeys(media_types, _BINARY)}
    return {
        HTTPStatus.OK: content,
        HTTPStatus.PARTIAL_CONTENT: {"description": "the range that was asked for", **content},
        HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: {"description": "there are no such bytes"},
    }


@dataclass(frozen=True, slots=True)
class Picture:
    """What a phone wants of a page."""

    width: Width = Width.MEDIUM
    file: Annotated[
        str,
        Query(
            max_length=64,
            description="`file.sha256` as last read: the picture of that very file never changes,"
            " so that a phone may keep it without asking again",
        ),
    ] = ""


async def _office(request: Request) -> Office:
    engines = request.app.state.engines
    return Office(
        engines.db, engines.blobs, engines.sandbox, engines.desk, engines.verify,
        engines.settings.checked_at,
    )  # fmt: skip


OfficeDep = Annotated[Office, Depends(_office)]
KeyDep = Annotated[
    str | None, Header(alias="Idempotency-Key", description="the same key, the same document")
]


def _id_for(actor_id: UUID, act: str, key: str | None) -> UUID:
    return derived(actor_id, act, key) if key else new_id()


@uploads.post(
    "/incoming",
    status_code=HTTPStatus.CREATED,
    responses=problems(
        *(Malformed, TooLarge, NotPdf, EncryptedPdf, PdfTooComplex, SandboxKilled, Secret),
        *(NotWord, WordTooComplex, Forbidden, NotALeader, UnknownType, *_ASKED),
    ),
)
async def register_incoming(
    file: UploadFile,
    said: Annotated[Register, Form()],
    actor: ActorDep,
    office: OfficeDep,
    key: KeyDep = None,
) -> Registered:
    """Register an incoming PDF or DOCX (clerk); the file stays as it is."""
    document_id = _id_for(actor.id, "documents.register", key)
    entered = await flows.register(office, actor, document_id, arrival=said.arrival(), upload=file)
    return _registered(entered)


def _registered(entered: Entered) -> Registered:
    known = _detail(entered).model_dump()
    return Registered(**known, possible_duplicate_of=entered.lookalikes)


def _detail(entered: Entered) -> DocumentDetail:
    known = DocumentOut.model_validate(entered.document).model_dump()
    file = RevisionOut.model_validate(entered.file)
    file.scan = ScanOut.model_validate(entered.scan) if entered.scan else None
    return DocumentDetail(**known, file=file)


@router.post(
    "/drafts",
    status_code=HTTPStatus.CREATED,
    responses=problems(
        *(Malformed, NotFound, Forbidden, NotASignatory, UnknownType, Secret, SandboxKilled),
        *(NotRegistered, NotYetRead, WrongCosigners, *_ASKED),
    ),
)
async def write_draft(
    body: WriteDraft, actor: ActorDep, office: OfficeDep, key: KeyDep = None
) -> DocumentDetail:
    """Draft a document of ours; the pages of what it answers follow as an annex."""
    document_id = _id_for(actor.id, "documents.draft", key)
    return _detail(await flows.draft(office, actor, document_id, draft=body.draft()))


@router.get("", responses=problems(Malformed, *_ASKED))
async def list_documents(
    actor: ActorDep,
    view: ReadTxDep,
    direction: Direction | None = None,
    state: State | None = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> DocumentPage:
    """List the documents that I may read, newest first."""
    rows, rest = await queries.documents(
        view, actor, queries.Wanted(direction, state), cursor=cursor, limit=limit
    )
    return DocumentPage(items=[DocumentOut.model_validate(row) for row in rows], next_cursor=rest)


@router.get("/quarantined", responses=problems(Forbidden, *_ASKED))
async def list_quarantined(actor: ActorDep, view: ReadTxDep) -> list[QuarantinedOut]:
    """List (clerk, leader) what was withdrawn because a secrecy stamp was found on it."""
    listed = await quarantine.listed(view, actor)
    beside = await quarantine.taken_with(view, [one for one, _ in listed])
    return [_quarantined(one, number, beside) for one, number in listed]


def _quarantined(
    found: Quarantine, arrival_number: int | None, beside: Mapping[UUID, list[UUID]]
) -> QuarantinedOut:
    known = found.model_dump(include={"document_id", "page", "level", "found_at", "vouched_by"})
    return QuarantinedOut(
        **known,
        arrival_number=arrival_number,
        released=found.released_at is not None,
        taken_with_it=beside.get(found.document_id, []),
    )


@router.post(
    "/{document_id}/release",
    responses=problems(NotFound, Forbidden, SecondPersonNeeded, Malformed, *_ASKED),
)
async def release_document(document_id: UUID, actor: ActorDep, tx: WriteTxDep) -> QuarantinedOut:
    """Vouch (clerk, leader) that a document in quarantine is not secret; it takes two persons."""
    found = await quarantine.release(tx, actor, document_id)
    beside = await quarantine.taken_with(tx, [found])
    return _quarantined(found, await quarantine.arrival_number(tx, document_id), beside)


@router.get("/{document_id}", responses=problems(NotFound, Malformed, *_ASKED))
async def read_document(document_id: UUID, actor: ActorDep, office: OfficeDep) -> DocumentDetail:
    """Read what is known of a document and of its newest file."""
    return _detail(await flows.open_document(office, actor, document_id))


@router.get(
    "/{document_id}/file",
    response_class=StreamingResponse,
    responses={**_bytes_of(PDF, WORD), **problems(NotFound, Malformed, *_ASKED)},
)
async def read_file(
    request: Request, document_id: UUID, actor: ActorDep, office: OfficeDep, blobs: BlobsDep
) -> Response:
    """Download the newest file, byte for byte, or a range of it."""
    file = await flows.open_file(office, actor, document_id)
    headers = {
        "Content-Disposition": f'attachment; filename="{document_id}{_ENDINGS[file.media_type]}"',
        "ETag": f'"{file.sha256}"',
        **_NOT_KEPT,
    }
    body = await blobs.read(file.sha256)
    return serving.stream(
        request, body, size=file.size, media_type=file.media_type, headers=headers
    )


@router.get(
    "/{document_id}/pages/{page}",
    response_class=StreamingResponse,
    responses={
        **_bytes_of("image/jpeg"),
        HTTPStatus.NOT_MODIFIED: {"description": "the picture that you have is still the one"},
        **problems(NotFound, NoSuchPage, NoPictures, NotPdf, SandboxKilled, Malformed, *_ASKED),
    },
)
async def read_page(
    request: Request,
    document_id: UUID,
    page: Annotated[int, Path(ge=0, le=100_000, description="counted from 0")],
    actor: ActorDep,
    office: OfficeDep,
    wanted: Annotated[Picture, Depends()],
) -> Response:
    """See a page as a picture; who may see it is asked each time."""
    seen = await flows.open_page(office, actor, document_id, page=page, width=wanted.width)
    keep = _KEPT if wanted.file == seen.file_sha256 else _ASK_AGAIN
    headers = {"ETag": f'"{seen.sha256}"', "Cache-Control": keep}
    if serving.is_known(request, seen.sha256):
        return serving.not_modified(headers)
    picture = b"".join([chunk async for chunk in await office.blobs.read(seen.sha256)])
    body = serving.whole(picture)
    return serving.stream(
        request, body, size=len(picture), media_type="image/jpeg", headers=headers
    )


@router.get("/{document_id}/trace", responses=problems(NotFound, Malformed, *_ASKED))
async def read_trace(document_id: UUID, actor: ActorDep, office: OfficeDep) -> list[TraceLine]:
    """Read everything that happened to a document, oldest first."""
    return await flows.open_trace(office, actor, document_id)


@router.post(
    "/{document_id}/confirm",
    response_model=DocumentOut,
    responses=problems(NotFound, Forbidden, Stale, Malformed, *_ASKED),
)
async def confirm_document(
    document_id: UUID, body: Confirm, actor: ActorDep, tx: WriteTxDep
) -> Document:
    """Confirm (clerk) that a scan bears no secrecy stamp, so that it may be worked on."""
    return await intake.confirm(tx, actor, document_id, version=body.version)


@router.put(
    "/{document_id}/validity",
    response_model=DocumentOut,
    responses=problems(Forbidden, NotFound, WrongValidity, Stale, Malformed, *_ASKED),
)
async def say_validity(
    document_id: UUID, body: SayValidity, actor: ActorDep, tx: WriteTxDep
) -> Document:
    """Say (clerk) from when to when what the document lays down holds (hiệu lực)."""
    return await intake.say_force(tx, actor, document_id, body.force(), version=body.version)


@router.post(
    "/{document_id}/return",
    response_model=DocumentOut,
    responses=problems(NotFound, NotTheSigner, WrongState, Stale, Secret, Malformed, *_ASKED),
)
async def return_document(
    document_id: UUID, body: SendBack, actor: ActorDep, tx: WriteTxDep
) -> Document:
    """Send a submitted draft back to its drafter (signer), with an opinion."""
    return await service.send_back(tx, actor, document_id, reason=body.reason, version=body.version)
