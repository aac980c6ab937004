"""Whose voice a room hears follows the floor, the agenda and the meeting."""

from uuid import UUID, uuid4

from api.gate import CapabilityGate
from api.meetings import service
from api.meetings.floor import service as floor
from api.meetings.floor.rules import Kind, Move
from api.meetings.papers import queries as table
from api.meetings.papers import service as papers
from api.meetings.papers.rules import ItemMove
from api.meetings.plans import Line
from api.meetings.rules import Move as MeetingMove
from core.db import Database
from realtime.floor import Speaking
from tests.support.gatherings import TO_INVITED, TO_SESSION, called
from tests.support.ministry import Ministry, Person


async def heard_in(db: Database, meeting_id: UUID) -> Speaking:
    return await CapabilityGate(db).floor(f"room:{meeting_id}")


async def ask(db: Database, person: Person, meeting_id: UUID) -> UUID:
    async with db.begin() as tx:
        return (await floor.ask(tx, person.actor, meeting_id, Kind.SPEECH)).id


async def move(db: Database, chair: Person, meeting_id: UUID, turn_id: UUID, *made: Move) -> None:
    for each in made:
        async with db.begin() as tx:
            await floor.move(tx, chair.actor, meeting_id, turn_id, each)


async def test_who_speaks_is_heard_until_they_pause_or_end(
    db: Database, ministry: Ministry
) -> None:
    meeting_id = await called(db, ministry, *TO_SESSION)
    turn_id = await ask(db, ministry.officer, meeting_id)
    heard = []
    for made in ((Move.GRANT,), (Move.START,), (Move.PAUSE,), (Move.RESUME,), (Move.END,)):
        await move(db, ministry.leader, meeting_id, turn_id, *made)
        heard.append((await heard_in(db, meeting_id)).speakers)

    officer = (ministry.officer.id,)
    assert heard == [(), officer, (), officer, ()]


async def test_a_guest_hears_the_item_they_are_let_into_alone(
    db: Database, ministry: Ministry
) -> None:
    meeting_id = await called(db, ministry, *TO_SESSION)
    chair, guest = ministry.leader, ministry.colleague
    async with db.begin() as tx:
        lines = [Line("Quy hoạch", 30, guests=[guest.id]), Line("Nhân sự", 20)]
        await papers.set_agenda(tx, chair.actor, meeting_id, lines)
    async with db.read() as view:
        theirs, other = [one.id for one in await table.items(view, meeting_id)]
    heard = []
    for item_id in (theirs, other):
        async with db.begin() as tx:
            await papers.move_item(tx, chair.actor, meeting_id, item_id, ItemMove.BEGIN)
        heard.append(guest.id in (await heard_in(db, meeting_id)).hearers)

    assert heard == [True, False]
    members = {ministry.leader.id, ministry.secretary.id, ministry.officer.id}
    assert (await heard_in(db, meeting_id)).hearers == members


async def test_nobody_hears_before_the_doors_open_nor_after_the_end_nor_where_no_meeting_is(
    db: Database, ministry: Ministry
) -> None:
    meeting_id = await called(db, ministry, *TO_INVITED)
    assert await heard_in(db, meeting_id) == Speaking()
    for each in (MeetingMove.CHECK_IN, MeetingMove.OPEN, MeetingMove.CLOSE):
        async with db.begin() as tx:
            await service.advance(tx, ministry.secretary.actor, meeting_id, each)

    assert await heard_in(db, meeting_id) == Speaking()
    assert await heard_in(db, uuid4()) == Speaking()
    assert await CapabilityGate(db).floor("room:nowhere") == Speaking()
