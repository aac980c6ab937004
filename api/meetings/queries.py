"""What may be read of meetings: only who takes part sees one, and only once it is told of."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, or_, select

from api.meetings.models import Meeting, Participant
from api.meetings.rules import HEARD, PREPARES, Part
from core.actor import Actor
from core.db import ReadTx
from core.errors import NotFound
from core.retention import KEEP


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which the actor knows of a meeting joined with its people."""
    return _told(actor.agency_id) & (col(Participant.official_id) == actor.id)


def _told(agency_id: UUID) -> ColumnElement[bool]:
    told = or_(col(Meeting.invited_at).is_not(None), col(Participant.part).in_(PREPARES))
    return (col(Meeting.agency_id) == agency_id) & told


async def meeting(view: ReadTx, actor: Actor, meeting_id: UUID) -> tuple[Meeting, Participant]:
    """Return a meeting that the actor takes part in, and their part."""
    statement = (
        select(Meeting, Participant)
        .join(Participant, col(Participant.meeting_id) == col(Meeting.id))
        .where(Meeting.id == meeting_id, seen_by(actor))
    )
    found = (await view.session.exec(statement)).first()
    if found is None:
        raise NotFound(id=str(meeting_id))
    return found


async def seated(
    view: ReadTx, meeting_id: UUID, agency_id: UUID, officials: Collection[UUID]
) -> dict[UUID, Participant]:
    """Return those of some officials of an agency who take part in a meeting and know of it."""
    statement = (
        select(Participant)
        .join(Meeting, col(Participant.meeting_id) == col(Meeting.id))
        .where(Meeting.id == meeting_id, _told(agency_id))
        .where(col(Participant.official_id).in_(officials))
    )
    return {one.official_id: one for one in (await view.session.exec(statement)).all()}


async def mine(view: ReadTx, actor: Actor, *, limit: int) -> Sequence[Meeting]:
    """List the meetings I take part in, the latest first."""
    statement = (
        select(Meeting)
        .join(Participant, col(Participant.meeting_id) == col(Meeting.id))
        .where(seen_by(actor))
        .order_by(col(Meeting.starts_at).desc(), col(Meeting.id))
        .limit(limit)
    )
    return (await view.session.exec(statement)).all()


async def may_hear(view: ReadTx, actor: Actor, meeting_id: UUID) -> bool:
    """Say whether the actor may hear the meeting's room now."""
    try:
        found, _ = await meeting(view, actor, meeting_id)
    except NotFound:
        return False
    return found.state in HEARD


async def room_over(view: ReadTx, meeting_ids: Sequence[UUID]) -> Mapping[UUID, datetime]:
    """Say of which meetings the room's events may go: of all that are over for long enough."""
    closed = select(Meeting.id).where(
        col(Meeting.id).in_(meeting_ids), col(Meeting.closed_at) < view.now - KEEP["room"]
    )
    return dict.fromkeys((await view.session.exec(closed)).all(), view.now)


async def people(view: ReadTx, meeting_id: UUID) -> Sequence[Participant]:
    """List who takes part."""
    statement = select(Participant).where(Participant.meeting_id == meeting_id)
    return (await view.session.exec(statement.order_by(col(Participant.official_id)))).all()


async def participant(view: ReadTx, meeting_id: UUID, official_id: UUID) -> Participant:
    """Return somebody of a meeting."""
    found = await view.session.get(Participant, (meeting_id, official_id))
    if found is None:
        raise NotFound(id=str(official_id))
    return found


async def chair_of(view: ReadTx, meeting_id: UUID) -> UUID:
    """Return who chairs."""
    everybody = await people(view, meeting_id)
    return next(one.official_id for one in everybody if one.part is Part.CHAIR)
