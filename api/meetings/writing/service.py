"""Use-cases of writing: whatever is written, by a socket or a request, is kept here."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlmodel import col, delete

from api.documents.rules import must_not_be_secret
from api.meetings import queries as meetings
from api.meetings.models import Meeting
from api.meetings.record import queries as record
from api.meetings.record.models import Minutes
from api.meetings.rules import Act, State, must_be_allowed, must_be_in
from api.meetings.seats import locked
from api.meetings.writing import queries
from api.meetings.writing.events import MinutesWritersChanged
from api.meetings.writing.models import MinutesUpdate
from api.meetings.writing.rules import MOST_BYTES, MOST_PIECES, must_be_short, must_be_writers
from core.actor import Actor
from core.db import ReadTx, Tx
from core.errors import AppError, NotFound, Stale
from realtime.errors import BadText
from realtime.frames import Code
from realtime.texts.document import SharedText, together
from realtime.texts.gate import Kept, Refused, Written
from realtime.texts.updates import NOTHING, BadUpdate

Refusals = dict[UUID, AppError]


async def refusals(
    view: ReadTx, meeting: Meeting, minutes: Minutes, actors: Collection[Actor]
) -> Refusals:
    """Say who of some may not write the minutes now, and why."""
    ids = [one.id for one in actors if one.agency_id == meeting.agency_id]
    seated = await meetings.seated(view, meeting.id, meeting.agency_id, ids)
    found: Refusals = {}
    for actor in actors:
        try:
            if actor.id not in seated:
                raise NotFound(id=str(meeting.id))
            lets_write = str(actor.id) in minutes.writers
            must_be_allowed(Act.WRITE_TEXT, seated[actor.id].part, writes=lets_write)
            must_be_in(meeting.state, State.MINUTES_DRAFT, move="write")
        except AppError as refusal:
            found[actor.id] = refusal
    return found


async def keep(tx: Tx, meeting_id: UUID, shared: SharedText, written: Sequence[Written]) -> Kept:
    """Apply and keep what was written by those who may; each update is judged by itself.

    Args:
        tx: what it is kept in; when it does not commit, `shared` is of no use any more.
        meeting_id: whose minutes.
        shared: the text as far as somebody holds it; it is brought up to date first.
        written: in the order in which it came.
    """
    meeting = await tx.session.get(Meeting, meeting_id, with_for_update=True)
    minutes = await tx.session.get(Minutes, meeting_id)
    if meeting is None or minutes is None:
        gone = Refused(NotFound(id=str(meeting_id)), Code.GONE)
        return Kept([], dict.fromkeys(range(len(written)), gone))
    found = await queries.catch_up(tx, meeting_id, shared)
    authors = {one.actor.id: one.actor for one in written}
    may_not = await refusals(tx, meeting, minutes, authors.values())
    refused = {
        place: Refused(may_not[one.actor.id])
        for place, one in enumerate(written)
        if one.actor.id in may_not
    }
    kept = await _taken(tx, meeting_id, shared, written, refused)
    if kept:
        found.append(await _store(tx, minutes, shared, [one.update for one in kept]))
    for one in kept:
        if one.is_first:
            tx.audit(one.actor, "meetings.write_minutes", meeting_id)
    return Kept(found, refused)


async def rewrite(tx: Tx, actor: Actor, meeting_id: UUID, text: str, version: int) -> Minutes:
    """Write the whole text anew, as a client without Yjs does: what differs becomes an update."""
    taken = await locked(tx, actor, meeting_id, Act.SEE)
    begun = await tx.session.get(Minutes, meeting_id)
    lets_write = begun is not None and str(actor.id) in begun.writers
    must_be_allowed(Act.WRITE_TEXT, taken.part, writes=lets_write)
    must_be_in(taken.meeting.state, State.MINUTES_DRAFT, move="write")
    minutes = await record.minutes(tx, meeting_id)
    if minutes.version != version:
        raise Stale(version=minutes.version)
    update = (await queries.shared(tx, meeting_id)).rewrite(text)
    if update == NOTHING:
        return minutes
    shared = await queries.shared(tx, meeting_id)
    kept = await keep(tx, meeting_id, shared, [Written(actor, update, is_first=True)])
    for refused in kept.refused.values():
        raise refused.why
    await tx.session.flush()
    return minutes


async def let_write(tx: Tx, actor: Actor, meeting_id: UUID, officials: Sequence[UUID]) -> Minutes:
    """Let others write the minutes with the secretary; who is not named writes no more."""
    meeting = (await locked(tx, actor, meeting_id, Act.WRITE_MINUTES)).meeting
    must_be_in(meeting.state, State.MINUTES_DRAFT, move="let_write")
    minutes = await record.minutes(tx, meeting_id)
    parts = {one.official_id: one.part for one in await meetings.people(tx, meeting_id)}
    must_be_writers(officials, parts)
    minutes.writers = [str(one) for one in officials]
    tx.session.add(minutes)
    tx.audit(actor, "meetings.let_write", meeting_id, writers=",".join(minutes.writers))
    tx.emit(MinutesWritersChanged(meeting_id=meeting_id, by=actor.id))
    return minutes


async def _taken(
    tx: Tx,
    meeting_id: UUID,
    shared: SharedText,
    written: Sequence[Written],
    refused: dict[int, Refused],
) -> list[Written]:
    """Apply what is not refused yet; if not all of it is fit to be kept, try each by itself."""
    asked = {place: one for place, one in enumerate(written) if place not in refused}
    lines = frozenset(shared.words.splitlines())
    try:
        for one in asked.values():
            shared.take(one.update)
        _must_be_fit(shared, lines)
    except (BadUpdate, AppError):
        return await _one_by_one(tx, meeting_id, shared, asked, refused)
    return list(asked.values())


async def _one_by_one(
    tx: Tx,
    meeting_id: UUID,
    shared: SharedText,
    asked: dict[int, Written],
    refused: dict[int, Refused],
) -> list[Written]:
    kept: list[Written] = []
    spoilt: dict[UUID, Refused] = {}  # what comes behind it leans on it
    await _begin_anew(tx, meeting_id, shared, kept)
    lines = frozenset(shared.words.splitlines())
    for place, one in asked.items():
        if one.actor.id not in spoilt:
            try:
                shared.take(one.update)
                _must_be_fit(shared, lines)
                kept.append(one)
                continue
            except BadUpdate:
                spoilt[one.actor.id] = Refused(BadText(), Code.BAD_FRAME)
            except AppError as why:
                spoilt[one.actor.id] = Refused(why, Code.UNKEPT)
            await _begin_anew(tx, meeting_id, shared, kept)
        refused[place] = spoilt[one.actor.id]
    return kept


async def _begin_anew(
    tx: Tx, meeting_id: UUID, shared: SharedText, kept: Sequence[Written]
) -> None:
    shared.empty()
    await queries.catch_up(tx, meeting_id, shared)
    for one in kept:
        shared.take(one.update)


def _must_be_fit(shared: SharedText, known: Collection[str]) -> None:
    """Refuse a text without one order, too long, or with a stamp on a line that is new."""
    shared.must_be_sound()
    words = shared.words
    must_be_short(len(words), len(shared.whole()) if _is_due(shared) else shared.weight)
    must_not_be_secret("", "", [line for line in words.splitlines() if line not in known])


def _is_due(shared: SharedText) -> bool:
    """Say whether it is time to make one of all updates: what was deleted weighs nothing then."""
    return shared.pieces >= MOST_PIECES or shared.weight > MOST_BYTES


async def _store(tx: Tx, minutes: Minutes, shared: SharedText, updates: list[bytes]) -> bytes:
    """Keep some updates as one; now and then make everything one."""
    new = together(updates)
    minutes.head += 1
    tx.session.add(minutes)
    shared.position = minutes.head
    content = new
    if _is_due(shared):
        content = shared.condense()
        of_this = delete(MinutesUpdate).where(col(MinutesUpdate.meeting_id) == minutes.meeting_id)
        await tx.session.exec(of_this)
    tx.session.add(
        MinutesUpdate(
            meeting_id=minutes.meeting_id,
            seq=minutes.head,
            agency_id=minutes.agency_id,
            content=content,
            at=tx.now,
        )
    )
    return new
