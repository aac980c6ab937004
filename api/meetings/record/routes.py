"""Conclusions, minutes, notice and archive over HTTP."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from api.deps import ActorDep, Once, ReadTxDep, WriteTxDep
from api.documents.errors import NotASignatory, Secret
from api.documents.errors import WrongState as WrongDocumentState
from api.documents.flows import Office
from api.meetings.deps import ASKED, STEP, shown
from api.meetings.errors import NotYourPart, WrongState
from api.meetings.record import flows, queries, service, showing
from api.meetings.record.errors import Frozen, WrongConclusion
from api.meetings.record.models import Conclusion, Minutes, MinutesComment
from api.meetings.record.schemas import (
    Comment,
    CommentOut,
    Conclude,
    ConclusionOut,
    MinutesOut,
    NoticeOut,
    WriteMinutes,
    Writers,
)
from api.meetings.record.service import Said
from api.meetings.rules import Act
from api.meetings.schemas import MeetingOut
from api.meetings.seats import seat
from api.meetings.writing import flows as writing
from api.meetings.writing.errors import TooLong, WrongWriters
from api.meetings.writing.service import let_write
from api.problems import problems
from api.signing.errors import NoPhoneNumber
from core.db import Tx
from core.errors import Forbidden, Stale
from core.sandbox import SandboxKilled

router = APIRouter(prefix="/meetings/{meeting_id}", tags=["meetings"], route_class=Once)
_TO_PAPER = problems(
    *(NotYourPart, WrongState, WrongDocumentState, Forbidden, NotASignatory, NoPhoneNumber),
    *(Secret, SandboxKilled, Stale, *ASKED),
)


async def _office(request: Request) -> Office:
    engines = request.app.state.engines
    return Office(engines.db, engines.blobs, engines.sandbox, engines.desk, engines.verify)


OfficeDep = Annotated[Office, Depends(_office)]


async def _told(tx: Tx, minutes: Minutes) -> MinutesOut:
    await tx.session.flush()
    return await showing.whole(tx, minutes)


@router.post(
    "/conclusions",
    status_code=HTTPStatus.CREATED,
    response_model=ConclusionOut,
    responses=problems(NotYourPart, WrongState, WrongConclusion, Secret, *ASKED),
)
async def record_conclusion(
    meeting_id: UUID, body: Conclude, actor: ActorDep, tx: WriteTxDep
) -> Conclusion:
    """Record a conclusion (secretary); with lead and deadline it becomes exactly one task."""
    said = Said(body.words, body.item_id, body.lead_id, tuple(body.coordinators), body.due)
    return await service.conclude(tx, actor, meeting_id, said)


@router.delete("/conclusions/{conclusion_id}", status_code=HTTPStatus.NO_CONTENT, responses=STEP)
async def drop_conclusion(
    meeting_id: UUID, conclusion_id: UUID, actor: ActorDep, tx: WriteTxDep
) -> Response:
    """Take back a conclusion that was recorded by mistake (secretary)."""
    await service.drop_conclusion(tx, actor, meeting_id, conclusion_id)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get(
    "/conclusions",
    response_model=list[ConclusionOut],
    responses=problems(NotYourPart, *ASKED),
)
async def list_conclusions(
    meeting_id: UUID, actor: ActorDep, view: ReadTxDep
) -> Sequence[Conclusion]:
    """List what was concluded; guests do not see it."""
    await seat(view, actor, meeting_id, Act.NOTE_SHARED)
    return await queries.conclusions(view, meeting_id)


@router.post("/minutes", responses=STEP)
async def begin_minutes(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> MinutesOut:
    """Begin the minutes of a closed meeting (secretary)."""
    return await _told(tx, await service.begin(tx, actor, meeting_id))


@router.get("/minutes", responses=problems(NotYourPart, *ASKED))
async def read_minutes(meeting_id: UUID, actor: ActorDep, view: ReadTxDep) -> MinutesOut:
    """Read the minutes; guests do not see them."""
    await seat(view, actor, meeting_id, Act.NOTE_SHARED)
    return await showing.whole(view, await queries.minutes(view, meeting_id))


@router.put("/minutes", responses=STEP | problems(Stale, WrongState, TooLong, Secret))
async def write_minutes(
    meeting_id: UUID, body: WriteMinutes, actor: ActorDep, request: Request
) -> MinutesOut:
    """Write the whole text anew; who has it open on a socket sees it change (who may write it)."""
    engines, text, version = request.app.state.engines, body.text, body.version
    return await writing.rewrite(
        engines.db, engines.bus, actor, meeting_id, text=text, version=version
    )


@router.put("/minutes/writers", responses=STEP | problems(WrongWriters))
async def set_writers(
    meeting_id: UUID, body: Writers, actor: ActorDep, tx: WriteTxDep
) -> MinutesOut:
    """Let people of the meeting write the minutes too, and nobody else (secretary)."""
    return await _told(tx, await let_write(tx, actor, meeting_id, body.official_ids))


@router.post("/minutes/review", responses=STEP)
async def review_minutes(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> MinutesOut:
    """Let chair and members read the minutes and comment on them (secretary)."""
    return await _told(tx, await service.review(tx, actor, meeting_id))


@router.post(
    "/minutes/comments",
    status_code=HTTPStatus.CREATED,
    response_model=CommentOut,
    responses=STEP | problems(Secret),
)
async def comment_minutes(
    meeting_id: UUID, body: Comment, actor: ActorDep, tx: WriteTxDep
) -> MinutesComment:
    """Say something about minutes under review (chair, secretary, members)."""
    return await service.comment(tx, actor, meeting_id, body.words)


@router.get(
    "/minutes/comments",
    response_model=list[CommentOut],
    responses=problems(NotYourPart, *ASKED),
)
async def list_comments(
    meeting_id: UUID, actor: ActorDep, view: ReadTxDep
) -> Sequence[MinutesComment]:
    """Read what was said about the minutes (chair, secretary, members)."""
    await seat(view, actor, meeting_id, Act.COMMENT_MINUTES)
    return await queries.comments(view, meeting_id)


@router.post("/minutes/return", responses=problems(NotYourPart, WrongState, Frozen, *ASKED))
async def return_minutes(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> MinutesOut:
    """Send minutes under review back to the secretary (chair)."""
    return await _told(tx, await service.send_back(tx, actor, meeting_id))


@router.post("/minutes/freeze", responses=_TO_PAPER)
async def freeze_minutes(meeting_id: UUID, actor: ActorDep, office: OfficeDep) -> MinutesOut:
    """Make a document of the minutes and put it before the chair to be signed (secretary)."""
    return await flows.freeze(office, actor, meeting_id)


@router.post("/notice", responses=_TO_PAPER)
async def draft_notice(meeting_id: UUID, actor: ActorDep, office: OfficeDep) -> NoticeOut:
    """Draft the notice of conclusions once the minutes are signed (secretary)."""
    entered = await flows.notify(office, actor, meeting_id)
    return NoticeOut(document_id=entered.document.id, sha256=entered.file.sha256)


@router.post("/archive", responses=STEP)
async def archive_meeting(meeting_id: UUID, actor: ActorDep, tx: WriteTxDep) -> MeetingOut:
    """Close the record of a meeting whose minutes are signed (chair or secretary)."""
    await service.archive(tx, actor, meeting_id)
    return await shown(tx, actor, meeting_id)
