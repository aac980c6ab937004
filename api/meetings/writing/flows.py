"""Minutes as the sockets of shared texts know them; each step is a transaction of its own."""

from collections.abc import Sequence
from uuid import UUID

from api.meetings.models import Meeting
from api.meetings.record import showing
from api.meetings.record.models import Minutes
from api.meetings.record.schemas import MinutesOut
from api.meetings.rules import Act
from api.meetings.seats import seat
from api.meetings.writing import queries, service
from api.meetings.writing.rules import name_of
from core.actor import Actor
from core.bus.port import Bus, Wake
from core.db import Database
from core.errors import AppError, NotFound
from realtime.texts.document import SharedText
from realtime.texts.gate import Kept, Written
from realtime.texts.shelf import TEXT


async def may_read(db: Database, actor: Actor, meeting_id: UUID) -> bool:
    """Say whether the actor may read minutes; where none are begun nobody may."""
    async with db.read() as view:
        try:
            await seat(view, actor, meeting_id, Act.NOTE_SHARED)
        except AppError:
            return False
        return await view.session.get(Minutes, meeting_id) is not None


async def refusal(db: Database, actor: Actor, meeting_id: UUID) -> AppError | None:
    """Say why the actor may not write minutes now, if so."""
    async with db.read() as view:
        meeting = await view.session.get(Meeting, meeting_id)
        minutes = await view.session.get(Minutes, meeting_id)
        if meeting is None or minutes is None:
            return NotFound(id=str(meeting_id))
        return (await service.refusals(view, meeting, minutes, [actor])).get(actor.id)


async def catch_up(db: Database, meeting_id: UUID, shared: SharedText) -> list[bytes]:
    """Apply what is kept behind the position of `shared`, and return it."""
    async with db.read() as view:
        return await queries.catch_up(view, meeting_id, shared)


async def keep(
    db: Database, meeting_id: UUID, shared: SharedText, written: Sequence[Written]
) -> Kept:
    """Commit what was written."""
    async with db.begin() as tx:
        return await service.keep(tx, meeting_id, shared, written)


async def rewrite(
    db: Database, bus: Bus, actor: Actor, meeting_id: UUID, *, text: str, version: int
) -> MinutesOut:
    """Write the whole text anew, and let those who have it open see it."""
    async with db.begin() as tx:
        minutes = await service.rewrite(tx, actor, meeting_id, text, version)
        told = await showing.whole(tx, minutes)
    bus.publish(Wake(f"{TEXT}:{name_of(meeting_id)}", minutes.head, b""))
    return told
