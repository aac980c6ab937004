"""Whose voice a room hears: who speaks now, and who may hear them."""

from uuid import UUID

from api.meetings import queries as meetings
from api.meetings.floor import queries
from api.meetings.floor.rules import Turn
from api.meetings.models import Meeting
from api.meetings.papers import queries as papers
from api.meetings.recording import queries as recordings
from api.meetings.rules import Part, State
from api.meetings.seats import Seat
from core.db import ReadTx
from realtime.floor import Speaking

#: While a meeting stands here people may connect; who speaks, the floor says.
AUDIBLE = frozenset({State.CHECKIN_OPEN, State.IN_SESSION, State.RECESS})


async def speaking(view: ReadTx, meeting_id: UUID) -> Speaking:
    """Return who may be heard in a meeting now, and by whom; a guest hears their item alone."""
    meeting = await view.session.get(Meeting, meeting_id)
    if meeting is None or meeting.state not in AUDIBLE:
        return Speaking()
    let_in = await papers.guests(view, meeting_id)
    hearers = frozenset(
        one.official_id
        for one in await meetings.people(view, meeting_id)
        if one.part is not Part.GUEST
        or papers.is_let_in(Seat(meeting, one), meeting.active_item_id, let_in)
    )
    turns = [one for one in await queries.live(view, meeting_id) if one.state is Turn.SPEAKING]
    speakers = tuple(one.official_id for one in turns if one.official_id in hearers)
    runs = await recordings.running(view, meeting_id)
    return Speaking(speakers, hearers, meeting.presenter_id, runs.id if runs else None)
