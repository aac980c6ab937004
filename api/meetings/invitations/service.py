"""Use-cases of invitations: each function is one transaction's worth of work."""

from uuid import UUID

from sqlmodel import select

from api.meetings import queries
from api.meetings.events import PersonRemoved
from api.meetings.invitations.errors import CannotDelegate, WrongAnswer
from api.meetings.invitations.events import DelegateOffered, InvitationAnswered, MeetingReminded
from api.meetings.invitations.rules import (
    ANSWERED_IN,
    MAY_DELEGATE,
    REMINDERS,
    Answer,
    Reply,
    replied,
)
from api.meetings.models import Meeting, Participant
from api.meetings.rules import Act, Part, must_be_in
from api.meetings.seats import locked
from api.people import queries as people
from core.actor import Actor
from core.db import Tx
from core.jobs import Job, enqueue_once

REMIND = "meetings.remind"


async def answer(tx: Tx, actor: Actor, meeting_id: UUID, reply: Reply) -> Meeting:
    """See, accept or decline one's own invitation; a delegate answers for the place they take."""
    taken = await locked(tx, actor, meeting_id, Act.ANSWER)
    must_be_in(taken.meeting.state, *ANSWERED_IN, move=reply)
    if reply is Reply.SEE and taken.mine.answer is not Answer.SENT:
        return taken.meeting
    if taken.part is Part.DELEGATE and reply is Reply.DECLINE:
        await _refuse_place(tx, actor, taken.mine)
        return taken.meeting
    if taken.mine.answer in {Answer.OFFERED, Answer.DELEGATED} and reply is not Reply.SEE:
        await _recall(tx, actor, taken.mine)
    _reply(tx, actor, taken.mine, reply)
    if taken.part is Part.DELEGATE and reply is Reply.ACCEPT:
        _reply(tx, actor, await _principal(tx, taken.mine), Reply.TAKE_OVER)
    return taken.meeting


async def delegate(tx: Tx, actor: Actor, meeting_id: UUID, official_id: UUID) -> Meeting:
    """Ask a colleague to come in one's place; it counts when they accept."""
    taken = await locked(tx, actor, meeting_id, Act.ANSWER)
    if taken.part not in MAY_DELEGATE:
        raise CannotDelegate
    must_be_in(taken.meeting.state, *ANSWERED_IN, move=Reply.OFFER)
    await people.official(tx, actor, official_id)
    if await tx.session.get(Participant, (meeting_id, official_id)) is not None:
        raise CannotDelegate
    _reply(tx, actor, taken.mine, Reply.OFFER)
    tx.session.add(
        Participant(
            meeting_id=meeting_id,
            official_id=official_id,
            agency_id=taken.meeting.agency_id,
            part=Part.DELEGATE,
            team=taken.mine.team,
            stands_for=actor.id,
        )
    )
    tx.audit(actor, "meetings.delegate", meeting_id, official=str(official_id))
    tx.emit(DelegateOffered(meeting_id=meeting_id, by=actor.id, told=(official_id,)))
    return taken.meeting


async def recall(tx: Tx, actor: Actor, meeting_id: UUID) -> Meeting:
    """Come oneself after all: whoever was asked does not take part any more."""
    taken = await locked(tx, actor, meeting_id, Act.ANSWER)
    must_be_in(taken.meeting.state, *ANSWERED_IN, move=Reply.RECALL)
    await _recall(tx, actor, taken.mine)
    return taken.meeting


async def forget(tx: Tx, actor: Actor, gone: Participant) -> None:
    """Undo what hangs on somebody who leaves the meeting: their delegate, or their place."""
    theirs = await _delegate_of(tx, gone)
    if theirs is not None:
        await _remove(tx, actor, theirs)
    if gone.stands_for is not None:
        principal = await _principal(tx, gone)
        principal.answer = replied(principal.answer, Reply.RECALL)
        tx.session.add(principal)


async def set_reminders(tx: Tx, meeting: Meeting) -> None:
    """Have everybody reminded before the meeting begins; an earlier date's reminders are void."""
    for lead in REMINDERS:
        due = meeting.starts_at - lead
        if due > tx.now:
            job = Job(
                kind=REMIND,
                key=f"{meeting.id} {meeting.starts_at.isoformat()} {int(lead.total_seconds())}",
                payload={"meeting_id": str(meeting.id), "for": meeting.starts_at.isoformat()},
                next_at=due,
                created_at=tx.now,
            )
            await enqueue_once(tx.session, job)


async def remind(tx: Tx, meeting_id: UUID, begins: str) -> None:
    """Remind those who have not answered, and those who come; of a date that still holds."""
    meeting = await tx.session.get(Meeting, meeting_id)
    holds = meeting is not None and meeting.starts_at.isoformat() == begins
    if meeting is None or not holds or meeting.state not in ANSWERED_IN:
        return
    answers = {one.official_id: one.answer for one in await queries.people(tx, meeting_id)}
    waits = {Answer.SENT, Answer.SEEN, Answer.OFFERED}
    tx.emit(
        MeetingReminded(
            meeting_id=meeting_id,
            unanswered=tuple(who for who, said in answers.items() if said in waits),
            coming=tuple(who for who, said in answers.items() if said is Answer.ACCEPTED),
        )
    )


def _reply(tx: Tx, actor: Actor, whose: Participant, reply: Reply) -> None:
    """Move an invitation on, or refuse; the only place that changes an answer by a reply."""
    whose.answer = replied(whose.answer, reply)
    whose.seen_at = whose.seen_at or tx.now
    if reply is not Reply.SEE:
        whose.answered_at = tx.now
        tx.audit(actor, f"meetings.{reply}", whose.meeting_id, official=str(whose.official_id))
    tx.session.add(whose)
    tx.emit(
        InvitationAnswered(
            meeting_id=whose.meeting_id,
            by=actor.id,
            official_id=whose.official_id,
            answer=whose.answer,
        )
    )


async def _refuse_place(tx: Tx, actor: Actor, mine: Participant) -> None:
    principal = await _principal(tx, mine)
    reply = Reply.REFUSE if principal.answer is Answer.OFFERED else Reply.RECALL
    _reply(tx, actor, principal, reply)
    await _remove(tx, actor, mine)


async def _recall(tx: Tx, actor: Actor, mine: Participant) -> None:
    theirs = await _delegate_of(tx, mine)
    if theirs is None:
        raise WrongAnswer(answer=mine.answer, reply=Reply.RECALL)
    _reply(tx, actor, mine, Reply.RECALL)
    await _remove(tx, actor, theirs)
    await tx.session.flush()


async def _remove(tx: Tx, actor: Actor, gone: Participant) -> None:
    await tx.session.delete(gone)
    told = PersonRemoved(meeting_id=gone.meeting_id, by=actor.id, official_id=gone.official_id)
    tx.emit(told)


async def _principal(tx: Tx, delegate: Participant) -> Participant:
    return await tx.session.get_one(Participant, (delegate.meeting_id, delegate.stands_for))


async def _delegate_of(tx: Tx, principal: Participant) -> Participant | None:
    statement = select(Participant).where(
        Participant.meeting_id == principal.meeting_id,
        Participant.stands_for == principal.official_id,
    )
    return (await tx.session.exec(statement)).first()
