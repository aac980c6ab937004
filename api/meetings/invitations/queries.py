"""What may be read of an invitation: one's own."""

from uuid import UUID

from api.meetings import queries
from api.meetings.invitations.calendar import Appointment, Person
from api.meetings.rules import Part
from api.meetings.seats import seat
from api.people import queries as people
from core.actor import Actor
from core.db import ReadTx


async def appointment(view: ReadTx, actor: Actor, meeting_id: UUID) -> Appointment:
    """Return what the actor's calendar is told of a meeting."""
    mine = await seat(view, actor, meeting_id)
    everybody = await queries.people(view, meeting_id)
    secretary = next(one.official_id for one in everybody if one.part is Part.SECRETARY)
    named = await people.names(view, [secretary, actor.id])
    meeting = mine.meeting
    return Appointment(
        meeting_id=meeting.id,
        sequence=meeting.sequence,
        title=meeting.title,
        place=meeting.place,
        state=meeting.state,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        stamped_at=view.now,
        organizer=Person(secretary, named[secretary].full_name),
        attendee=Person(actor.id, named[actor.id].full_name),
        part=mine.part,
        answer=mine.mine.answer,
    )
