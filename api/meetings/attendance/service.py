"""Use-cases of attendance: each function is one transaction's worth of work."""

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

from sqlmodel import col, delete, select

from api.documents.rules import must_not_be_secret
from api.meetings import queries as meetings
from api.meetings.attendance import queries
from api.meetings.attendance.errors import AlreadyHere, CodeUsed, NotHere
from api.meetings.attendance.events import CheckedIn, CheckedOut
from api.meetings.attendance.models import CheckInCode, Presence
from api.meetings.attendance.rules import (
    CODE_LIVES,
    CODE_SHOWN,
    COME_AND_GO,
    Way,
    is_shown,
    must_come_this_way,
)
from api.meetings.models import Meeting
from api.meetings.rules import Act, must_be_in
from api.meetings.seats import locked
from core.actor import Actor
from core.db import Tx

_CODE_BYTES = 18


async def show_code(tx: Tx, actor: Actor, meeting_id: UUID) -> tuple[str, datetime]:
    """Return a code for the screen, and when the next one is due.

    Only its hash is kept: whoever reads the database cannot check in with it.
    """
    meeting = (await locked(tx, actor, meeting_id, Act.KEEP_ATTENDANCE)).meeting
    must_be_in(meeting.state, *COME_AND_GO, move="show_code")
    must_come_this_way(meeting.form, Way.CODE)
    old = col(CheckInCode.shown_at) <= tx.now - CODE_LIVES
    mine = col(CheckInCode.meeting_id) == meeting_id
    await tx.session.exec(delete(CheckInCode).where(mine, old))
    code = secrets.token_urlsafe(_CODE_BYTES)
    tx.session.add(
        CheckInCode(
            meeting_id=meeting_id,
            digest=_digest(meeting_id, code),
            agency_id=meeting.agency_id,
            shown_at=tx.now,
        )
    )
    return code, tx.now + CODE_SHOWN


async def check_in(tx: Tx, actor: Actor, meeting_id: UUID, code: str | None) -> Presence:
    """Say that one is here: by the code on the screen, or from afar without one."""
    meeting = (await locked(tx, actor, meeting_id, Act.CHECK_IN)).meeting
    must_be_in(meeting.state, *COME_AND_GO, move="check_in")
    way = Way.REMOTE if code is None else Way.CODE
    must_come_this_way(meeting.form, way)
    if await queries.open_stay(tx, meeting_id, actor.id) is not None:
        raise AlreadyHere
    if code is not None:
        await _use_up(tx, meeting_id, code, actor.id)
    return await _enter(tx, actor, meeting, actor.id, way=way)


async def check_in_by_hand(
    tx: Tx, actor: Actor, meeting_id: UUID, official_id: UUID, reason: str
) -> Presence:
    """Write down that somebody is here (chair or secretary), with the reason; it is audited."""
    meeting = (await locked(tx, actor, meeting_id, Act.KEEP_ATTENDANCE)).meeting
    must_be_in(meeting.state, *COME_AND_GO, move="check_in")
    must_not_be_secret("", "", [reason])
    await meetings.participant(tx, meeting_id, official_id)
    if await queries.open_stay(tx, meeting_id, official_id) is not None:
        raise AlreadyHere
    tx.audit(actor, "meetings.check_in_by_hand", meeting_id, official=str(official_id))
    stay = await _enter(tx, actor, meeting, official_id, way=Way.BY_HAND)
    stay.entered_by, stay.reason = actor.id, reason
    return stay


async def leave(tx: Tx, actor: Actor, meeting_id: UUID) -> None:
    """Say that one leaves."""
    meeting = (await locked(tx, actor, meeting_id, Act.CHECK_IN)).meeting
    await end_stay(tx, actor, meeting, actor.id)


async def check_out(tx: Tx, actor: Actor, meeting_id: UUID, official_id: UUID) -> None:
    """Write down that somebody has left (chair or secretary)."""
    meeting = (await locked(tx, actor, meeting_id, Act.KEEP_ATTENDANCE)).meeting
    await meetings.participant(tx, meeting_id, official_id)
    tx.audit(actor, "meetings.check_out", meeting_id, official=str(official_id))
    await end_stay(tx, actor, meeting, official_id)


async def end_stay(tx: Tx, actor: Actor, meeting: Meeting, official_id: UUID) -> None:
    """End the stay of somebody who is there."""
    stay = await queries.open_stay(tx, meeting.id, official_id)
    if stay is None:
        raise NotHere
    stay.until = tx.now
    tx.session.add(stay)
    await tx.session.flush()
    counted = await queries.count(tx, meeting)
    tx.emit(
        CheckedOut(
            meeting_id=meeting.id,
            by=actor.id,
            official_id=official_id,
            present=counted.present,
            entitled=counted.entitled,
            met=counted.is_met,
        )
    )


async def end_all(tx: Tx, meeting: Meeting) -> None:
    """End every stay: the meeting is over."""
    for stay in await queries.stays(tx, meeting.id):
        if stay.until is None:
            stay.until = tx.now
            tx.session.add(stay)


async def _enter(
    tx: Tx, actor: Actor, meeting: Meeting, official_id: UUID, *, way: Way
) -> Presence:
    stay = Presence(
        meeting_id=meeting.id,
        official_id=official_id,
        agency_id=meeting.agency_id,
        way=way,
        since=tx.now,
    )
    tx.session.add(stay)
    await tx.session.flush()
    counted = await queries.count(tx, meeting)
    tx.emit(
        CheckedIn(
            meeting_id=meeting.id,
            by=actor.id,
            official_id=official_id,
            way=way,
            present=counted.present,
            entitled=counted.entitled,
            met=counted.is_met,
        )
    )
    return stay


async def _use_up(tx: Tx, meeting_id: UUID, code: str, official_id: UUID) -> None:
    statement = (
        select(CheckInCode)
        .where(
            CheckInCode.meeting_id == meeting_id,
            CheckInCode.digest == _digest(meeting_id, code),
        )
        .with_for_update()
    )
    shown = (await tx.session.exec(statement)).first()
    if shown is None or shown.used_by is not None or not is_shown(shown.shown_at, tx.now):
        raise CodeUsed
    shown.used_by = official_id
    tx.session.add(shown)


def _digest(meeting_id: UUID, code: str) -> bytes:
    return hashlib.sha256(meeting_id.bytes + code.encode()).digest()
