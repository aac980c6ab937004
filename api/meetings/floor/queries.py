"""What may be read of the floor."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select

from api.meetings.floor.models import FloorPlan, FloorTeam, FloorTurn
from api.meetings.floor.rules import FINAL, MOST_SPEAKERS, SPEECH, WARNING, Timer
from api.meetings.models import Meeting
from core.db import ReadTx
from core.errors import NotFound


async def plan(view: ReadTx, meeting: Meeting) -> FloorPlan:
    """Return how long people may speak; as usual where nobody said otherwise."""
    return await view.session.get(FloorPlan, meeting.id) or FloorPlan(
        meeting_id=meeting.id,
        agency_id=meeting.agency_id,
        speech_seconds=int(SPEECH.total_seconds()),
        warning_seconds=int(WARNING.total_seconds()),
        most_speakers=MOST_SPEAKERS,
    )


async def teams(view: ReadTx, meeting_id: UUID) -> Sequence[FloorTeam]:
    """List the groups that have a time of their own."""
    statement = select(FloorTeam).where(FloorTeam.meeting_id == meeting_id)
    return (await view.session.exec(statement.order_by(col(FloorTeam.team)))).all()


async def live(view: ReadTx, meeting_id: UUID) -> Sequence[FloorTurn]:
    """List who waits and who speaks, as they asked."""
    statement = select(FloorTurn).where(
        FloorTurn.meeting_id == meeting_id, col(FloorTurn.state).not_in(FINAL)
    )
    return (await view.session.exec(statement.order_by(col(FloorTurn.place)))).all()


async def all_turns(view: ReadTx, meeting_id: UUID) -> Sequence[FloorTurn]:
    """List every request to speak, as they asked."""
    statement = select(FloorTurn).where(FloorTurn.meeting_id == meeting_id)
    return (await view.session.exec(statement.order_by(col(FloorTurn.place)))).all()


async def turn(view: ReadTx, meeting_id: UUID, turn_id: UUID) -> FloorTurn:
    """Return a request to speak."""
    found = await view.session.get(FloorTurn, turn_id)
    if found is None or found.meeting_id != meeting_id:
        raise NotFound(id=str(turn_id))
    return found


async def next_place(view: ReadTx, meeting_id: UUID) -> int:
    """Return the place of whoever asks next."""
    last = select(func.max(FloorTurn.place)).where(FloorTurn.meeting_id == meeting_id)
    found: int | None = (await view.session.exec(last)).one()
    return 0 if found is None else found + 1


async def team_used(view: ReadTx, meeting_id: UUID, team: str) -> timedelta:
    """Return how long a group has spoken already, or is speaking."""
    used = timedelta()
    for one in await all_turns(view, meeting_id):
        if one.team == team:
            used += timer_of(one).used(view.now)
    return used


def timer_of(turn_: FloorTurn) -> Timer:
    """Return how long somebody may speak, and has spoken."""
    budget, spent = timedelta(milliseconds=turn_.budget_ms), timedelta(milliseconds=turn_.spent_ms)
    return Timer(budget, spent, turn_.started_at)
