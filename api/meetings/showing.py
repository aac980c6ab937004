"""A meeting as one of its people sees it: over HTTP, and as the room's snapshot."""

from uuid import UUID

from api.meetings import queries
from api.meetings.attendance import showing as attendance
from api.meetings.floor import showing as floor
from api.meetings.papers import queries as papers
from api.meetings.papers.queries import OnTable
from api.meetings.papers.schemas import ItemOut, PaperOut
from api.meetings.recording import queries as recordings
from api.meetings.recording.schemas import RecordingOut
from api.meetings.schemas import MeetingLine, MeetingOut, Somebody
from api.meetings.seats import Seat, seat
from api.meetings.votes import showing as votes
from core.actor import Actor
from core.db import ReadTx


async def whole(view: ReadTx, actor: Actor, meeting_id: UUID) -> MeetingOut:
    """Return a meeting with what its reader may see of people, agenda, table and room."""
    mine = await seat(view, actor, meeting_id)
    found = mine.meeting
    table = await papers.table(view, mine)
    shown = {one.row.document_id for one in table} | {None}
    shows = found.shown_document_id in shown  # a guest may not even know what is shown
    return MeetingOut(
        **MeetingLine.model_validate(found).model_dump(),
        sequence=found.sequence,
        quorum_percent=found.quorum_percent,
        presenter_id=found.presenter_id,
        active_item_id=found.active_item_id,
        shown_document_id=found.shown_document_id if shows else None,
        shown_revision_id=found.shown_revision_id if shows else None,
        shown_page=found.shown_page if shows else None,
        opened_at=found.opened_at,
        closed_at=found.closed_at,
        my_part=mine.part,
        people=[Somebody.model_validate(one) for one in await queries.people(view, meeting_id)],
        agenda=await _agenda(view, mine),
        table=[_paper(one) for one in table],
        quorum=await attendance.quorum(view, found),
        floor=await floor.floor(view, found),
        recording=await _recording(view, meeting_id),
        votes=await votes.votes(view, mine),
    )


async def _recording(view: ReadTx, meeting_id: UUID) -> RecordingOut | None:
    runs = await recordings.running(view, meeting_id)
    return None if runs is None else RecordingOut.model_validate(runs)


async def _agenda(view: ReadTx, mine: Seat) -> list[ItemOut]:
    guests = await papers.guests(view, mine.meeting.id)
    return [
        ItemOut.model_validate(one).model_copy(update={"guests": sorted(guests.get(one.id, ()))})
        for one in await papers.seen_items(view, mine)
    ]


def _paper(one: OnTable) -> PaperOut:
    row = one.row
    return PaperOut(
        document_id=row.document_id,
        revision_id=row.revision_id,
        sha256=one.sha256,
        title=one.title,
        pages=row.pages,
        place=row.place,
        item_id=row.item_id,
        state=row.state,
        restricted=row.restricted,
    )
