"""What may be read of attendance."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from api.meetings import queries as meetings
from api.meetings.attendance.models import Presence
from api.meetings.attendance.rules import Quorum, Voter, quorum
from api.meetings.invitations.rules import Answer
from api.meetings.models import Meeting
from core.db import ReadTx


async def stays(view: ReadTx, meeting_id: UUID) -> Sequence[Presence]:
    """List who was there from when to when."""
    statement = select(Presence).where(Presence.meeting_id == meeting_id)
    return (
        await view.session.exec(statement.order_by(col(Presence.since), col(Presence.id)))
    ).all()


async def here(view: ReadTx, meeting_id: UUID) -> set[UUID]:
    """Return who is there now."""
    statement = select(Presence.official_id).where(
        Presence.meeting_id == meeting_id, col(Presence.until).is_(None)
    )
    return set((await view.session.exec(statement)).all())


async def open_stay(view: ReadTx, meeting_id: UUID, official_id: UUID) -> Presence | None:
    """Return the stay of somebody who is there."""
    statement = select(Presence).where(
        Presence.meeting_id == meeting_id,
        Presence.official_id == official_id,
        col(Presence.until).is_(None),
    )
    return (await view.session.exec(statement)).first()


async def voters(view: ReadTx, meeting_id: UUID) -> list[Voter]:
    """List who is entitled to vote, each with the delegate who took over their place."""
    people = await meetings.people(view, meeting_id)
    took = {one.stands_for: one.official_id for one in people if one.answer is Answer.ACCEPTED}
    return [
        Voter(one.official_id, one.weight, took.get(one.official_id)) for one in people if one.votes
    ]


async def count(view: ReadTx, meeting: Meeting) -> Quorum:
    """Count who is there now."""
    present = await here(view, meeting.id)
    return quorum(await voters(view, meeting.id), present, percent=meeting.quorum_percent)
