"""Agenda, table and pages over HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Request, Response
from fastapi.responses import StreamingResponse

from api.deps import ActorDep, Once, ReadTxDep, WriteTxDep
from api.documents.errors import NotYetRead, Secret
from api.documents.pages.errors import NotPdf
from api.documents.schemas import Width
from api.meetings.deps import ASKED, STEP, shown
from api.meetings.errors import NoSuchPage, NotOnTheTable, NotYourPart, WrongState
from api.meetings.models import PageRead
from api.meetings.papers import flows, queries, service
from api.meetings.papers.errors import Withdrawn, WrongAgenda, WrongItemState, WrongPaperState
from api.meetings.papers.flows import Table
from api.meetings.papers.rules import ItemMove, PaperMove
from api.meetings.papers.schemas import Agenda, Lay, Progress, ReadOut
from api.meetings.rules import Act
from api.meetings.schemas import MeetingOut
from api.meetings.seats import seat
from api.problems import problems
from core.sandbox import SandboxKilled

router = APIRouter(prefix="/meetings/{meeting_id}", tags=["meetings"], route_class=Once)
_ITEM = problems(NotYourPart, WrongState, WrongItemState, *ASKED)
_PAPER = problems(NotYourPart, WrongState, WrongPaperState, NotOnTheTable, *ASKED)
_BINARY = {"schema": {"type": "string", "format": "binary"}}
#: Kept by the phone, but asked for anew each time: so a withdrawal holds at once.
_ASKED_ANEW = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}


@dataclass(frozen=True, slots=True)
class Picture:
    """What a phone wants of a page, and what it has."""

    width: Width = Width.MEDIUM
    if_none_match: Annotated[str, Header(max_length=500)] = ""


async def _table(request: Request) -> Table:
    table: Table = request.app.state.engines.table
    return table


TableDep = Annotated[Table, Depends(_table)]
PageNumber = Annotated[int, Path(ge=0, le=100_000, description="counted from 0")]


@router.put("/agenda", responses=problems(NotYourPart, WrongState, WrongAgenda, Secret, *ASKED))
async def set_agenda(meeting_id: UUID, body: Agenda, actor: ActorDep, tx: WriteTxDep) -> MeetingOut:
    """Write the whole agenda (chair or secretary)."""
    await service.set_agenda(tx, actor, meeting_id, [one.line() for one in body.items])
    return await shown(tx, actor, meeting_id)


@router.post("/items/{item_id}/begin", responses=_ITEM)
async def begin_item(
    meeting_id: UUID, item_id: UUID, actor: ActorDep, tx: WriteTxDep
) -> MeetingOut:
    """Begin an item (chair or secretary); the one before is concluded."""
    await service.move_item(tx, actor, meeting_id, item_id, ItemMove.BEGIN)
    return await shown(tx, actor, meeting_id)


@router.post("/items/{item_id}/conclude", responses=_ITEM)
async def conclude_item(
    meeting_id: UUID, item_id: UUID, actor: ActorDep, tx: WriteTxDep
) -> MeetingOut:
    """Conclude an item (chair or secretary)."""
    await service.move_item(tx, actor, meeting_id, item_id, ItemMove.CONCLUDE)
    return await shown(tx, actor, meeting_id)


@router.post("/items/{item_id}/defer", responses=_ITEM)
async def defer_item(
    meeting_id: UUID, item_id: UUID, actor: ActorDep, tx: WriteTxDep
) -> MeetingOut:
    """Put an item off (chair or secretary)."""
    await service.move_item(tx, actor, meeting_id, item_id, ItemMove.DEFER)
    return await shown(tx, actor, meeting_id)


@router.post("/items/{item_id}/withdraw", responses=_ITEM)
async def withdraw_item(
    meeting_id: UUID, item_id: UUID, actor: ActorDep, tx: WriteTxDep
) -> MeetingOut:
    """Take an item off the agenda (chair or secretary)."""
    await service.move_item(tx, actor, meeting_id, item_id, ItemMove.WITHDRAW)
    return await shown(tx, actor, meeting_id)


@router.post("/documents", responses=STEP | problems(NotYetRead))
async def lay_document(meeting_id: UUID, body: Lay, actor: ActorDep, tx: WriteTxDep) -> MeetingOut:
    """Lay a document on the table (chair, secretary); a reporter's own waits to be published."""
    await service.lay(tx, actor, meeting_id, body.laid())
    return await shown(tx, actor, meeting_id)


@router.post("/documents/{document_id}/publish", responses=_PAPER)
async def publish_document(
    meeting_id: UUID, document_id: UUID, actor: ActorDep, tx: WriteTxDep
) -> MeetingOut:
    """Let everybody concerned read a document that a reporter proposed (chair, secretary)."""
    await service.move_paper(tx, actor, meeting_id, document_id, PaperMove.PUBLISH)
    return await shown(tx, actor, meeting_id)


@router.post("/documents/{document_id}/renew", responses=_PAPER)
async def renew_document(
    meeting_id: UUID, document_id: UUID, actor: ActorDep, tx: WriteTxDep
) -> MeetingOut:
    """Lay the newest revision of a document in place of the older one (chair, secretary)."""
    await service.move_paper(tx, actor, meeting_id, document_id, PaperMove.RENEW)
    return await shown(tx, actor, meeting_id)


@router.post("/documents/{document_id}/withdraw", responses=_PAPER)
async def withdraw_document(
    meeting_id: UUID, document_id: UUID, actor: ActorDep, tx: WriteTxDep
) -> MeetingOut:
    """Withdraw a document (chair, secretary): from now on no page of it is given out."""
    await service.move_paper(tx, actor, meeting_id, document_id, PaperMove.WITHDRAW)
    return await shown(tx, actor, meeting_id)


@router.get(
    "/documents/{document_id}/pages/{page}",
    response_class=StreamingResponse,
    responses={
        HTTPStatus.OK: {"content": {"image/jpeg": _BINARY}},
        HTTPStatus.NOT_MODIFIED: {"description": "The phone has this very picture."},
        **problems(NotOnTheTable, NoSuchPage, Withdrawn, NotPdf, SandboxKilled, *ASKED),
    },
)  # fmt: skip
async def read_table_page(
    meeting_id: UUID,
    document_id: UUID,
    page: PageNumber,
    actor: ActorDep,
    table: TableDep,
    wanted: Annotated[Picture, Depends()],
) -> Response:
    """See a page of the table; a restricted one bears its reader's name."""
    seen = await flows.open_page(
        table.office, actor, meeting_id, document_id, page=page, width=wanted.width
    )
    headers = {"ETag": seen.etag, **_ASKED_ANEW}
    if seen.etag in wanted.if_none_match:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    picture = await flows.bytes_of(table, seen)
    return StreamingResponse(picture, headers=headers, media_type="image/jpeg")


@router.get("/reading", responses=problems(NotYourPart, *ASKED))
async def read_progress(meeting_id: UUID, actor: ActorDep, view: ReadTxDep) -> list[Progress]:
    """See how far everybody has read before the meeting (chair or secretary)."""
    await seat(view, actor, meeting_id, Act.READ_LOG)
    return [
        Progress(revision_id=revision_id, official_id=official_id, pages=pages)
        for revision_id, official_id, pages in await queries.progress(view, meeting_id)
    ]


@router.get("/access-log", response_model=list[ReadOut], responses=problems(NotYourPart, *ASKED))
async def read_access_log(meeting_id: UUID, actor: ActorDep, view: ReadTxDep) -> Sequence[PageRead]:
    """See who read which page, how often, first and last (chair or secretary)."""
    await seat(view, actor, meeting_id, Act.READ_LOG)
    return await queries.reads(view, meeting_id)
