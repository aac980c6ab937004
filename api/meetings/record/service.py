"""Use-cases of the record: each function is one transaction's worth of work."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from api.documents.contents import Draft
from api.documents.models import Revision
from api.documents.rules import must_not_be_secret
from api.documents.service import let_read
from api.meetings import queries as meetings
from api.meetings.models import Meeting
from api.meetings.papers import queries as papers
from api.meetings.record import composing, queries
from api.meetings.record.errors import Frozen, WrongConclusion
from api.meetings.record.events import (
    ConclusionAssigned,
    ConclusionsChanged,
    MeetingArchived,
    MinutesBegun,
    MinutesFrozen,
    MinutesInReview,
    MinutesReturned,
    MinutesSigned,
)
from api.meetings.record.models import Conclusion, Minutes, MinutesComment
from api.meetings.rules import Act, Move, Part, State, must_be_in
from api.meetings.seats import locked
from api.meetings.service import move_on
from api.people import queries as people
from api.signing import service as signing
from api.signing.asking import Wanted
from api.tasks import service as tasks
from api.tasks.service import Directive
from core import sessions
from core.actor import Actor
from core.clock import is_ahead
from core.db import Tx
from core.errors import NotFound, Stale
from core.ids import derived, new_id

_CONCLUDED_IN = (State.IN_SESSION, State.RECESS, State.CLOSED, State.MINUTES_DRAFT)
_RECIPIENTS = ("Như thành phần dự họp", "Lưu: VT")


@dataclass(frozen=True, slots=True)
class Said:
    """A conclusion as the secretary writes it down."""

    words: str
    item_id: UUID | None = None
    lead_id: UUID | None = None
    coordinators: tuple[UUID, ...] = ()
    due: datetime | None = None


async def conclude(tx: Tx, actor: Actor, meeting_id: UUID, said: Said) -> Conclusion:
    """Record a conclusion; with a lead and a deadline it becomes a task when the chair signs."""
    meeting = (await locked(tx, actor, meeting_id, Act.WRITE_MINUTES)).meeting
    must_be_in(meeting.state, *_CONCLUDED_IN, move="conclude")
    must_not_be_secret("", "", [said.words])
    await _must_be_a_task(tx, actor, meeting, said)
    if said.item_id is not None:
        await papers.item(tx, meeting_id, said.item_id)
    before = await queries.conclusions(tx, meeting_id)
    conclusion = Conclusion(
        id=new_id(),
        meeting_id=meeting_id,
        agency_id=meeting.agency_id,
        item_id=said.item_id,
        ordinal=before[-1].ordinal + 1 if before else 1,
        words=said.words,
        lead_id=said.lead_id,
        coordinators=[str(one) for one in said.coordinators],
        due=said.due,
    )
    tx.session.add(conclusion)
    tx.audit(actor, "meetings.conclude", meeting_id, conclusion=str(conclusion.id))
    tx.emit(ConclusionsChanged(meeting_id=meeting_id, by=actor.id, conclusion_id=conclusion.id))
    return conclusion


async def drop_conclusion(tx: Tx, actor: Actor, meeting_id: UUID, conclusion_id: UUID) -> None:
    """Take back a conclusion that was recorded by mistake."""
    meeting = (await locked(tx, actor, meeting_id, Act.WRITE_MINUTES)).meeting
    must_be_in(meeting.state, *_CONCLUDED_IN, move="drop_conclusion")
    found = await tx.session.get(Conclusion, conclusion_id)
    if found is None or found.meeting_id != meeting_id:
        raise NotFound(id=str(conclusion_id))
    await tx.session.delete(found)
    tx.audit(actor, "meetings.drop_conclusion", meeting_id, conclusion=str(conclusion_id))
    tx.emit(ConclusionsChanged(meeting_id=meeting_id, by=actor.id, conclusion_id=conclusion_id))


async def begin(tx: Tx, actor: Actor, meeting_id: UUID) -> Minutes:
    """Begin the minutes of a meeting that is closed."""
    meeting = (await locked(tx, actor, meeting_id, Act.WRITE_MINUTES)).meeting
    move_on(tx, meeting, Move.WRITE)
    minutes = Minutes(meeting_id=meeting_id, agency_id=meeting.agency_id, writers=[])
    tx.session.add(minutes)
    tx.emit(MinutesBegun(meeting_id=meeting_id, by=actor.id))
    return minutes


async def review(tx: Tx, actor: Actor, meeting_id: UUID) -> Minutes:
    """Let chair and members read the minutes and comment on them."""
    meeting = (await locked(tx, actor, meeting_id, Act.WRITE_MINUTES)).meeting
    move_on(tx, meeting, Move.REVIEW)
    told = tuple(await _seated(tx, meeting_id))
    tx.emit(MinutesInReview(meeting_id=meeting_id, by=actor.id, told=told))
    return await queries.minutes(tx, meeting_id)


async def comment(tx: Tx, actor: Actor, meeting_id: UUID, words: str) -> MinutesComment:
    """Say something about minutes under review."""
    meeting = (await locked(tx, actor, meeting_id, Act.COMMENT_MINUTES)).meeting
    must_be_in(meeting.state, State.MINUTES_REVIEW, move="comment")
    must_not_be_secret("", "", [words])
    said = MinutesComment(
        meeting_id=meeting_id,
        agency_id=meeting.agency_id,
        official_id=actor.id,
        words=words,
        at=tx.now,
    )
    tx.session.add(said)
    return said


async def send_back(tx: Tx, actor: Actor, meeting_id: UUID) -> Minutes:
    """Send minutes under review back to the secretary (chair); frozen ones are not signed."""
    meeting = (await locked(tx, actor, meeting_id, Act.REVIEW_MINUTES)).meeting
    minutes = await queries.minutes(tx, meeting_id)
    if minutes.document_id is not None and meeting.state is State.MINUTES_REVIEW:
        raise Frozen
    move_on(tx, meeting, Move.RETURN)
    tx.audit(actor, "meetings.return_minutes", meeting_id)
    tx.emit(MinutesReturned(meeting_id=meeting_id, by=actor.id))
    return minutes


async def to_freeze(tx: Tx, actor: Actor, meeting_id: UUID) -> tuple[UUID, Draft] | None:
    """Return the document that the minutes are to become; None: they are frozen already.

    Its id names what it says: minutes that came back and were changed become another document,
    even where an earlier one was drawn and then forgotten by a process that died.
    """
    meeting = (await locked(tx, actor, meeting_id, Act.WRITE_MINUTES)).meeting
    must_be_in(meeting.state, State.MINUTES_REVIEW, move="freeze")
    minutes = await queries.minutes(tx, meeting_id)
    if minutes.document_id is not None:
        return None
    told = composing.paragraphs(await queries.record(tx, meeting))
    draft = Draft(
        type_code="minutes",
        title=f"Biên bản họp: {meeting.title}",
        articles=tuple(told),
        recipients=_RECIPIENTS,
        signer_id=await meetings.chair_of(tx, meeting_id),
    )
    digest = sha256("\n".join(told).encode()).hexdigest()
    return derived("minutes", meeting_id, f"{minutes.attempt} {digest}"), draft


async def freeze(tx: Tx, actor: Actor, meeting_id: UUID, file: Revision | None) -> Minutes:
    """Keep the document as the minutes and put it before the chair; again changes nothing."""
    wanted = await to_freeze(tx, actor, meeting_id)
    minutes = await queries.minutes(tx, meeting_id)
    if wanted is None:
        return minutes
    if file is None or file.document_id != wanted[0]:  # they were changed while it was drawn
        raise Stale(version=minutes.version)
    minutes.document_id, minutes.sha256, minutes.size = file.document_id, file.sha256, file.size
    tx.session.add(minutes)
    await let_read(tx, file.document_id, await _seated(tx, meeting_id), "minutes")
    chair = await meetings.chair_of(tx, meeting_id)
    await signing.submit(tx, actor, file.document_id, Wanted(chair))
    tx.audit(actor, "meetings.freeze_minutes", meeting_id, sha256=file.sha256)
    tx.emit(
        MinutesFrozen(
            meeting_id=meeting_id,
            by=actor.id,
            document_id=file.document_id,
            sha256=file.sha256,
        )
    )
    return minutes


async def take_back(tx: Tx, document_id: UUID) -> None:
    """Let minutes that the chair declined to sign be written anew; again changes nothing."""
    minutes = await queries.of_document(tx, document_id)
    if minutes is None or minutes.signed_at is not None:
        return
    meeting = await tx.session.get_one(Meeting, minutes.meeting_id, with_for_update=True)
    minutes.document_id = minutes.sha256 = minutes.size = None
    minutes.attempt += 1
    move_on(tx, meeting, Move.RETURN)
    tx.session.add(minutes)
    chair = await meetings.chair_of(tx, meeting.id)
    tx.emit(MinutesReturned(meeting_id=meeting.id, by=chair))


async def mark_signed(tx: Tx, document_id: UUID, signed: Revision) -> None:
    """Note that the chair signed, and give each conclusion to its lead; again changes nothing."""
    minutes = await queries.of_document(tx, document_id)
    if minutes is None or minutes.signed_at is not None:
        return
    meeting = await tx.session.get_one(Meeting, minutes.meeting_id, with_for_update=True)
    chair_id = await meetings.chair_of(tx, meeting.id)
    chair = await sessions.owner_of(tx, chair_id) or Actor(chair_id, meeting.agency_id)
    move_on(tx, meeting, Move.SIGN)
    minutes.signed_at, minutes.signed_sha256 = tx.now, signed.sha256
    tx.session.add(minutes)
    tx.audit(chair, "meetings.sign_minutes", meeting.id, sha256=signed.sha256)
    tx.emit(
        MinutesSigned(
            meeting_id=meeting.id, by=chair_id, document_id=document_id, sha256=signed.sha256
        )
    )
    for conclusion in await queries.conclusions(tx, meeting.id):
        await _assign(tx, chair, document_id, conclusion)


async def to_notify(tx: Tx, actor: Actor, meeting_id: UUID) -> tuple[UUID, Draft]:
    """Return the notice of conclusions as it is to be drafted."""
    meeting = (await locked(tx, actor, meeting_id, Act.WRITE_MINUTES)).meeting
    must_be_in(meeting.state, State.MINUTES_SIGNED, State.ARCHIVED, move="notify")
    minutes = await queries.minutes(tx, meeting_id)
    minutes.notice_id = derived("notice", meeting_id)
    tx.session.add(minutes)
    found = (await queries.record(tx, meeting)).conclusions
    draft = Draft(
        type_code="notice",
        title=f"Kết luận tại cuộc họp: {meeting.title}",
        articles=tuple(composing.conclusions(found)) or ("Cuộc họp không có kết luận.",),
        recipients=_RECIPIENTS,
        signer_id=await meetings.chair_of(tx, meeting_id),
    )
    return minutes.notice_id, draft


async def archive(tx: Tx, actor: Actor, meeting_id: UUID) -> Meeting:
    """Close the record of a meeting whose minutes are signed; who reads it is logged on."""
    meeting = (await locked(tx, actor, meeting_id, Act.CHANGE_STATE)).meeting
    move_on(tx, meeting, Move.ARCHIVE)
    tx.audit(actor, "meetings.archive", meeting_id)
    tx.emit(MeetingArchived(meeting_id=meeting_id, by=actor.id))
    return meeting


async def _assign(tx: Tx, chair: Actor, document_id: UUID, conclusion: Conclusion) -> None:
    if conclusion.lead_id is None or conclusion.due is None:
        return
    task_id = derived("conclusion", conclusion.id)
    helpers = [(UUID(one), conclusion.due) for one in conclusion.coordinators]
    directive = Directive(
        document_id, conclusion.words, conclusion.lead_id, helpers, conclusion.due
    )
    await tasks.commission(tx, chair, task_id, directive)
    conclusion.task_id = task_id
    tx.session.add(conclusion)
    tx.emit(
        ConclusionAssigned(
            meeting_id=conclusion.meeting_id,
            by=chair.id,
            conclusion_id=conclusion.id,
            task_id=task_id,
        )
    )


async def _seated(tx: Tx, meeting_id: UUID) -> list[UUID]:
    everybody = await meetings.people(tx, meeting_id)
    return [one.official_id for one in everybody if one.part is not Part.GUEST]


async def _must_be_a_task(tx: Tx, actor: Actor, meeting: Meeting, said: Said) -> None:
    """Refuse what could not become a task later, when nobody can correct it any more."""
    if (said.lead_id is None) != (said.due is None) or (said.coordinators and not said.lead_id):
        raise WrongConclusion
    if said.lead_id is None or said.due is None:
        return
    team = [said.lead_id, *said.coordinators]
    chair = await meetings.chair_of(tx, meeting.id)
    if chair in team or len(set(team)) != len(team) or not is_ahead(said.due, tx.now):
        raise WrongConclusion
    for official_id in team:
        await people.official(tx, actor, official_id)
