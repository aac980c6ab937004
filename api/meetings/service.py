"""Use-cases of meetings: each function is one transaction's worth of work."""

from uuid import UUID

from api.documents.rules import must_not_be_secret
from api.meetings import queries
from api.meetings.attendance import queries as attending
from api.meetings.attendance import service as attendance
from api.meetings.errors import NotOnTheTable, WrongPeople, WrongState, WrongTimes
from api.meetings.events import (
    CheckInOpened,
    MeetingApproved,
    MeetingCancelled,
    MeetingClosed,
    MeetingEvent,
    MeetingInvited,
    MeetingOpened,
    MeetingPaused,
    MeetingPostponed,
    MeetingRescheduled,
    MeetingResumed,
    PageTurned,
    PersonRemoved,
    PresenterChanged,
)
from api.meetings.floor import service as floor
from api.meetings.invitations import service as invitations
from api.meetings.models import Meeting, Participant
from api.meetings.papers import queries as papers
from api.meetings.papers import service as table
from api.meetings.papers.rules import PaperState
from api.meetings.plans import Invitee, Laid, Plan, Schedule
from api.meetings.recording import service as recording
from api.meetings.rules import (
    FINAL,
    LONGEST,
    OF_THE_RECORD,
    OPEN_TO_CHANGE,
    PREPARES,
    Act,
    Move,
    Part,
    State,
    after,
    must_be_a_meeting,
    must_be_in,
    must_be_in_session,
    must_have_page,
)
from api.meetings.seats import locked
from api.meetings.votes import service as votes
from api.people import queries as people
from core.actor import Actor, Role
from core.db import Tx

#: What is told of a move, where nothing but the meeting needs to be named.
_TOLD: dict[Move, type[MeetingEvent]] = {
    Move.APPROVE: MeetingApproved,
    Move.CHECK_IN: CheckInOpened,
    Move.PAUSE: MeetingPaused,
    Move.RESUME: MeetingResumed,
}
_TOLD_TO_PEOPLE = {
    Move.INVITE: MeetingInvited,
    Move.POSTPONE: MeetingPostponed,
    Move.CANCEL: MeetingCancelled,
}
_TOLD_ON_PAPERS = {Move.OPEN: MeetingOpened, Move.CLOSE: MeetingClosed}


async def plan(tx: Tx, actor: Actor, meeting_id: UUID, planned: Plan) -> Meeting:
    """Plan a meeting and lay its first documents on the table."""
    actor.must_be(Role.SECRETARY, Role.LEADER)
    everybody = [*planned.people]
    if actor.id not in {one.official_id for one in everybody}:
        everybody.append(Invitee(actor.id, Part.SECRETARY))
    must_be_a_meeting([(one.official_id, one.part) for one in everybody])
    must_not_be_secret("", "", [planned.title, planned.place])
    if not planned.starts_at < planned.end <= planned.starts_at + LONGEST:
        raise WrongTimes
    for one in everybody:
        await people.official(tx, actor, one.official_id)
    meeting = _meeting(tx, actor, meeting_id, planned, everybody)
    tx.session.add(meeting)
    await tx.session.flush()
    tx.session.add_all([_participant(meeting, one) for one in everybody])
    await tx.session.flush()
    for document_id in planned.documents:
        await table.lay_one(tx, actor, meeting, Laid(document_id))
    tx.audit(actor, "meetings.plan", meeting.id)
    return meeting


async def reschedule(tx: Tx, actor: Actor, meeting_id: UUID, wanted: Schedule) -> Meeting:
    """Change when and where; whoever was invited is told, and gets a newer calendar file."""
    meeting = (await locked(tx, actor, meeting_id, Act.CHANGE_AGENDA)).meeting
    changeable = {State.DRAFT, State.APPROVED, State.INVITED, State.CHECKIN_OPEN, State.POSTPONED}
    must_be_in(meeting.state, *changeable, move="reschedule")
    meeting.starts_at, before = wanted.starts_at or meeting.starts_at, meeting.starts_at
    meeting.ends_at = wanted.ends_at or meeting.ends_at + (meeting.starts_at - before)
    if not meeting.starts_at < meeting.ends_at <= meeting.starts_at + LONGEST:
        raise WrongTimes
    meeting.form = wanted.form or meeting.form
    meeting.place = meeting.place if wanted.place is None else wanted.place
    must_not_be_secret("", "", [meeting.place])
    meeting.sequence += 1
    tx.session.add(meeting)
    tx.audit(actor, "meetings.reschedule", meeting.id)
    if meeting.invited_at is not None:
        told = tuple(one.official_id for one in await queries.people(tx, meeting.id))
        sequence = meeting.sequence
        tx.emit(
            MeetingRescheduled(meeting_id=meeting.id, by=actor.id, told=told, sequence=sequence)
        )
        await invitations.set_reminders(tx, meeting)
    return meeting


async def add_person(tx: Tx, actor: Actor, meeting_id: UUID, invitee: Invitee) -> Meeting:
    """Let somebody else take part; if the others are invited, so are they."""
    meeting = (await locked(tx, actor, meeting_id, Act.CHANGE_AGENDA)).meeting
    must_be_in(meeting.state, *OPEN_TO_CHANGE, move="add_person")
    await people.official(tx, actor, invitee.official_id)
    known = await tx.session.get(Participant, (meeting_id, invitee.official_id))
    if known is not None or invitee.part in {*PREPARES, Part.DELEGATE}:
        raise WrongPeople
    tx.session.add(_participant(meeting, invitee))
    tx.audit(actor, "meetings.add_person", meeting.id, official=str(invitee.official_id))
    if meeting.invited_at is not None:
        told = (invitee.official_id,)
        tx.emit(MeetingInvited(meeting_id=meeting.id, by=actor.id, told=told))
    return meeting


async def remove_person(tx: Tx, actor: Actor, meeting_id: UUID, official_id: UUID) -> Meeting:
    """Let somebody take part no more: from now on they do not know of the meeting."""
    meeting = (await locked(tx, actor, meeting_id, Act.CHANGE_AGENDA)).meeting
    must_be_in(meeting.state, *OPEN_TO_CHANGE, move="remove_person")
    gone = await queries.participant(tx, meeting_id, official_id)
    if gone.part in PREPARES:
        raise WrongPeople
    await invitations.forget(tx, actor, gone)
    await floor.end_all(tx, actor, meeting, of=official_id)
    if await attending.open_stay(tx, meeting_id, official_id) is not None:
        await attendance.end_stay(tx, actor, meeting, official_id)
    if meeting.presenter_id == official_id:
        meeting.presenter_id = actor.id
        tx.session.add(meeting)
        tx.emit(PresenterChanged(meeting_id=meeting.id, by=actor.id, presenter_id=actor.id))
    await tx.session.delete(gone)
    tx.audit(actor, "meetings.remove_person", meeting.id, official=str(official_id))
    tx.emit(PersonRemoved(meeting_id=meeting.id, by=actor.id, official_id=official_id))
    return meeting


async def advance(tx: Tx, actor: Actor, meeting_id: UUID, move: Move) -> Meeting:
    """Approve, invite, open, pause, resume, close, postpone or cancel a meeting."""
    act = Act.APPROVE if move is Move.APPROVE else Act.CHANGE_STATE
    meeting = (await locked(tx, actor, meeting_id, act)).meeting
    if move in OF_THE_RECORD:  # these have use-cases of their own
        raise WrongState(state=meeting.state, move=move)
    move_on(tx, meeting, move)
    if move is Move.APPROVE:
        meeting.approved_by = actor.id
    if move is Move.INVITE:
        meeting.invited_at = tx.now
        await invitations.set_reminders(tx, meeting)
    if move in _TOLD_TO_PEOPLE:
        meeting.sequence += 1
    if move is Move.PAUSE:
        await floor.pause_all(tx, actor, meeting)
    if move is Move.CLOSE:
        await votes.must_all_be_closed(tx, meeting)
        await floor.end_all(tx, actor, meeting)
        await recording.stop_any(tx, actor, meeting)
        await attendance.end_all(tx, meeting)
    tx.audit(actor, f"meetings.{move}", meeting.id)
    tx.emit(await _told(tx, actor, meeting, move))
    return meeting


async def turn_page(
    tx: Tx, actor: Actor, meeting_id: UUID, *, document_id: UUID, page: int
) -> Meeting:
    """Show a page to everybody."""
    meeting = (await locked(tx, actor, meeting_id, Act.TURN_PAGE)).meeting
    must_be_in_session(meeting.state)
    paper = await papers.laid(tx, meeting_id, document_id)
    if paper.state is not PaperState.PUBLISHED:
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
    meeting = (await locked(tx, actor, meeting_id, Act.HAND_OVER)).meeting
    must_be_in_session(meeting.state)
    await queries.participant(tx, meeting_id, official_id)
    meeting.presenter_id = official_id
    tx.session.add(meeting)
    tx.emit(PresenterChanged(meeting_id=meeting.id, by=actor.id, presenter_id=official_id))
    return meeting


def move_on(tx: Tx, meeting: Meeting, move: Move) -> None:
    """Move a meeting on, or refuse; the only place that changes a state."""
    meeting.state = after(meeting.state, move, meeting.form)
    if move is Move.OPEN:
        meeting.opened_at = tx.now
    if move is Move.CLOSE or (meeting.state in FINAL and meeting.closed_at is None):
        meeting.closed_at = tx.now
    tx.session.add(meeting)


async def _told(tx: Tx, actor: Actor, meeting: Meeting, move: Move) -> MeetingEvent:
    if move in _TOLD:
        return _TOLD[move](meeting_id=meeting.id, by=actor.id)
    if move in _TOLD_TO_PEOPLE:
        hear = await queries.people(tx, meeting.id)
        if meeting.invited_at is None:
            hear = [one for one in hear if one.part in PREPARES]
        told = tuple(one.official_id for one in hear)
        return _TOLD_TO_PEOPLE[move](meeting_id=meeting.id, by=actor.id, told=told)
    on = tuple(paper.document_id for paper in await papers.published(tx, meeting.id))
    return _TOLD_ON_PAPERS[move](meeting_id=meeting.id, by=actor.id, documents=on)


def _meeting(
    tx: Tx, actor: Actor, meeting_id: UUID, planned: Plan, everybody: list[Invitee]
) -> Meeting:
    return Meeting(
        id=meeting_id,
        agency_id=actor.agency_id,
        title=planned.title,
        form=planned.form,
        place=planned.place,
        starts_at=planned.starts_at,
        ends_at=planned.end,
        quorum_percent=planned.quorum_percent,
        presenter_id=next(one.official_id for one in everybody if one.part is Part.CHAIR),
        created_at=tx.now,
    )


def _participant(meeting: Meeting, invitee: Invitee) -> Participant:
    return Participant(
        meeting_id=meeting.id,
        official_id=invitee.official_id,
        agency_id=meeting.agency_id,
        part=invitee.part,
        votes=invitee.is_voter,
        weight=invitee.weight,
        team=invitee.team,
    )
