"""Use-cases of meetings: each function is one transaction's worth of work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from api.documents import queries as documents
from api.documents import service as document_service
from api.documents.rules import must_be_known, must_not_be_secret
from api.meetings import queries
from api.meetings.errors import NotOnTheTable
from api.meetings.events import (
    MeetingCancelled,
    MeetingClosed,
    MeetingEvent,
    MeetingInvited,
    MeetingOpened,
    MeetingPaused,
    MeetingResumed,
    MeetingTableChanged,
    PageTurned,
    PresenterChanged,
)
from api.meetings.models import Meeting, Participant, TableDocument
from api.meetings.rules import (
    FINAL,
    Act,
    Move,
    Part,
    after,
    must_be_a_meeting,
    must_be_allowed,
    must_be_in_session,
    must_have_page,
)
from api.people import queries as people
from core.actor import Actor, Role
from core.db import Tx
from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Plan:
    """A meeting as its secretary plans it."""

    title: str
    starts_at: datetime
    people: Sequence[tuple[UUID, Part]]
    documents: Sequence[UUID]


async def plan(tx: Tx, actor: Actor, meeting_id: UUID, planned: Plan) -> Meeting:
    """Plan a meeting and lay its first documents on the table."""
    actor.must_be(Role.SECRETARY, Role.LEADER)
    everybody = [*planned.people]
    if actor.id not in {official_id for official_id, _ in everybody}:
        everybody.append((actor.id, Part.SECRETARY))
    must_be_a_meeting(everybody)
    must_not_be_secret("", "", [planned.title])
    for official_id, _ in everybody:
        await people.official(tx, actor, official_id)
    chair = next(official_id for official_id, part in everybody if part is Part.CHAIR)
    meeting = Meeting(
        id=meeting_id,
        agency_id=actor.agency_id,
        title=planned.title,
        starts_at=planned.starts_at,
        presenter_id=chair,
        created_at=tx.now,
    )
    tx.session.add(meeting)
    await tx.session.flush()
    tx.session.add_all([_participant(meeting, *one) for one in everybody])
    await tx.session.flush()
    for document_id in planned.documents:
        await _lay(tx, actor, meeting, document_id)
    tx.audit(actor, "meetings.plan", meeting.id)
    return meeting


async def lay(tx: Tx, actor: Actor, meeting_id: UUID, document_id: UUID) -> Meeting:
    """Lay a document on the table; everybody who takes part may read it."""
    meeting, _ = await _locked(tx, actor, meeting_id, Act.CHANGE_TABLE)
    await _lay(tx, actor, meeting, document_id)
    return meeting


async def advance(tx: Tx, actor: Actor, meeting_id: UUID, move: Move) -> Meeting:
    """Invite, open, pause, resume, close or cancel a meeting."""
    meeting, _ = await _locked(tx, actor, meeting_id, Act.CHANGE_STATE)
    _move(tx, meeting, move)
    tx.audit(actor, f"meetings.{move}", meeting.id)
    tx.emit(await _told(tx, actor, meeting, move))
    return meeting


async def turn_page(
    tx: Tx, actor: Actor, meeting_id: UUID, *, document_id: UUID, page: int
) -> Meeting:
    """Show a page to everybody."""
    meeting, _ = await _locked(tx, actor, meeting_id, Act.TURN_PAGE)
    must_be_in_session(meeting.state)
    paper = await tx.session.get(TableDocument, (meeting_id, document_id))
    if paper is None:
        raise NotOnTheTable(id=str(document_id))
    must_have_page(page, paper.pages)
    meeting.shown_document_id = document_id
    meeting.shown_revision_id = paper.revision_id
    meeting.shown_page = page
    tx.session.add(meeting)
    tx.emit(
        PageTurned(
            meeting_id=meeting.id,
            by=actor.id,
            document_id=document_id,
            revision_id=paper.revision_id,
            page=page,
        )
    )
    return meeting


async def hand_over(tx: Tx, actor: Actor, meeting_id: UUID, official_id: UUID) -> Meeting:
    """Let somebody else of the meeting present."""
    meeting, _ = await _locked(tx, actor, meeting_id, Act.HAND_OVER)
    must_be_in_session(meeting.state)
    if await tx.session.get(Participant, (meeting_id, official_id)) is None:
        raise NotFound(id=str(official_id))
    meeting.presenter_id = official_id
    tx.session.add(meeting)
    tx.emit(PresenterChanged(meeting_id=meeting.id, by=actor.id, presenter_id=official_id))
    return meeting


def _move(tx: Tx, meeting: Meeting, move: Move) -> None:
    """Move a meeting on, or refuse; the only place that changes a state."""
    meeting.state = after(meeting.state, move)
    if move is Move.OPEN:
        meeting.opened_at = tx.now
    if meeting.state in FINAL:
        meeting.closed_at = tx.now
    tx.session.add(meeting)


async def _told(tx: Tx, actor: Actor, meeting: Meeting, move: Move) -> MeetingEvent:
    papers = tuple(paper.document_id for paper in await queries.table(tx, meeting.id))
    match move:
        case Move.INVITE:
            invited = tuple(one.official_id for one in await queries.people(tx, meeting.id))
            return MeetingInvited(meeting_id=meeting.id, by=actor.id, invited=invited)
        case Move.OPEN:
            return MeetingOpened(meeting_id=meeting.id, by=actor.id, documents=papers)
        case Move.CLOSE:
            return MeetingClosed(meeting_id=meeting.id, by=actor.id, documents=papers)
        case Move.PAUSE:
            return MeetingPaused(meeting_id=meeting.id, by=actor.id)
        case Move.RESUME:
            return MeetingResumed(meeting_id=meeting.id, by=actor.id)
        case Move.CANCEL:
            return MeetingCancelled(meeting_id=meeting.id, by=actor.id)


async def _lay(tx: Tx, actor: Actor, meeting: Meeting, document_id: UUID) -> None:
    if meeting.state in FINAL:
        after(meeting.state, Move.OPEN)
    document = await documents.document(tx, actor, document_id)
    must_be_known(held=document.held)
    if await tx.session.get(TableDocument, (meeting.id, document_id)) is not None:
        return
    revision = await documents.latest_revision(tx, document_id)
    tx.session.add(
        TableDocument(
            meeting_id=meeting.id,
            document_id=document_id,
            agency_id=meeting.agency_id,
            revision_id=revision.id,
            pages=revision.pages,
            place=len(await queries.table(tx, meeting.id)),
        )
    )
    await tx.session.flush()
    readers = [one.official_id for one in await queries.people(tx, meeting.id)]
    await document_service.let_read(tx, document_id, readers, "meeting")
    tx.audit(actor, "meetings.lay", meeting.id, document=str(document_id))
    tx.emit(MeetingTableChanged(meeting_id=meeting.id, by=actor.id, document_id=document_id))


def _participant(meeting: Meeting, official_id: UUID, part: Part) -> Participant:
    return Participant(
        meeting_id=meeting.id, official_id=official_id, agency_id=meeting.agency_id, part=part
    )


async def _locked(tx: Tx, actor: Actor, meeting_id: UUID, act: Act) -> tuple[Meeting, Part]:
    _, mine = await queries.meeting(tx, actor, meeting_id)
    meeting = await tx.session.get_one(
        Meeting, meeting_id, with_for_update=True, populate_existing=True
    )
    must_be_allowed(act, mine.part, presents=meeting.presenter_id == actor.id)
    return meeting, mine.part
