"""What may be read of meetings: only who takes part sees one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from api.meetings.models import Meeting, Participant, TableDocument
from api.meetings.rules import HEARD
from api.meetings.schemas import MeetingLine, MeetingOut, PaperOut, Somebody
from core.actor import Actor
from core.db import ReadTx
from core.errors import NotFound
from core.retention import KEEP


async def meeting(view: ReadTx, actor: Actor, meeting_id: UUID) -> tuple[Meeting, Participant]:
    """Return a meeting that the actor takes part in, and their part."""
    statement = (
        select(Meeting, Participant)
        .join(Participant, col(Participant.meeting_id) == col(Meeting.id))
        .where(Meeting.id == meeting_id, Meeting.agency_id == actor.agency_id)
        .where(Participant.official_id == actor.id)
    )
    found = (await view.session.exec(statement)).first()
    if found is None:
        raise NotFound(id=str(meeting_id))
    return found


async def whole(view: ReadTx, actor: Actor, meeting_id: UUID) -> MeetingOut:
    """Return a meeting with its people, its table and what its room shows."""
    found, _ = await meeting(view, actor, meeting_id)
    line = MeetingLine.model_validate(found).model_dump()
    return MeetingOut(
        **line,
        presenter_id=found.presenter_id,
        shown_document_id=found.shown_document_id,
        shown_revision_id=found.shown_revision_id,
        shown_page=found.shown_page,
        opened_at=found.opened_at,
        closed_at=found.closed_at,
        people=[Somebody.model_validate(one) for one in await people(view, meeting_id)],
        table=[PaperOut.model_validate(one) for one in await table(view, meeting_id)],
    )


async def mine(view: ReadTx, actor: Actor, *, limit: int) -> Sequence[Meeting]:
    """List the meetings I take part in, the latest first."""
    statement = (
        select(Meeting)
        .join(Participant, col(Participant.meeting_id) == col(Meeting.id))
        .where(Participant.official_id == actor.id, Meeting.agency_id == actor.agency_id)
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


async def table(view: ReadTx, meeting_id: UUID) -> Sequence[TableDocument]:
    """List the documents on the table, in their order."""
    statement = select(TableDocument).where(TableDocument.meeting_id == meeting_id)
    return (await view.session.exec(statement.order_by(col(TableDocument.place)))).all()
