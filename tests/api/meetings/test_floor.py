"""The floor: who speaks when, and that nobody speaks longer than they may."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from api import background
from api.meetings import flows, service, showing
from api.meetings.errors import NotYourPart
from api.meetings.floor import service as floor
from api.meetings.floor.errors import (
    AlreadyWaiting,
    FloorTaken,
    NotYourItem,
    TimeUsedUp,
    WrongTurn,
)
from api.meetings.floor.models import FloorPlan, FloorTurn
from api.meetings.floor.rules import (
    FINAL,
    Turn,
)
from api.meetings.floor.schemas import TurnOut
from api.meetings.models import Participant
from api.meetings.papers import service as papers
from api.meetings.papers.rules import ItemMove
from api.meetings.plans import Line
from api.meetings.rules import Move as MeetingMove
from api.wiring import Engines
from core import streams
from core.db import Database
from core.ids import new_id
from core.worker import Worker
from tests.support.answers import rows
from tests.support.clock import Clock
from tests.support.gatherings import TO_SESSION, called
from tests.support.ministry import Ministry, Person

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


async def say(db: Database, person: Person, meeting_id: UUID, command: str, **data: Any) -> Any:
    said = {name: str(one) if isinstance(one, UUID) else one for name, one in data.items()}
    return await flows.command(db, person.actor, meeting_id, kind=command, key=new_id(), data=said)


async def ask(db: Database, person: Person, meeting_id: UUID, kind: str = "speech") -> UUID:
    return UUID((await say(db, person, meeting_id, "floor.ask", kind=kind))["turn_id"])


async def shown(db: Database, person: Person, meeting_id: UUID) -> list[TurnOut]:
    async with db.read() as view:
        return (await showing.whole(view, person.actor, meeting_id)).floor.turns


async def plan(db: Database, ministry: Ministry, meeting_id: UUID, **changed: Any) -> None:
    teams = changed.pop("teams", {})
    values = {"speech_seconds": 300, "warning_seconds": 60, "most_speakers": 3} | changed
    row = FloorPlan(meeting_id=meeting_id, agency_id=ministry.leader.agency_id, **values)
    async with db.begin() as tx:
        await floor.set_plan(tx, ministry.leader.actor, meeting_id, row, teams)


async def test_a_speech_runs_pauses_and_is_handed_back_with_times_all_clients_share(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    meeting_id = await called(db, ministry, *TO_SESSION)
    turn_id = await ask(db, ministry.officer, meeting_id)
    await say(db, ministry.leader, meeting_id, "floor.grant", turn_id=turn_id)
    started = clock()
    await say(db, ministry.officer, meeting_id, "floor.start", turn_id=turn_id)
    clock.tick(timedelta(seconds=100))
    await say(db, ministry.secretary, meeting_id, "floor.pause", turn_id=turn_id)
    clock.tick(timedelta(seconds=999))
    await say(db, ministry.secretary, meeting_id, "floor.resume", turn_id=turn_id)

    (turn,) = await shown(db, ministry.colleague, meeting_id)

    assert (turn.state, turn.budget_ms, turn.spent_ms) == (Turn.SPEAKING, 300_000, 100_000)
    assert turn.started_at == started + timedelta(seconds=1099)
    assert turn.ends_at == turn.started_at + timedelta(seconds=200)
    assert turn.warns_at == turn.ends_at - timedelta(seconds=60)
    async with db.read() as view:
        told = (await streams.read_after(view.session, f"room:{meeting_id}", 0))[-1]
    assert told.body["ends_at"] == turn.model_dump(mode="json")["ends_at"]
    clock.tick(timedelta(seconds=50))
    await say(db, ministry.officer, meeting_id, "floor.end", turn_id=turn_id)
    (row,) = await rows(db, FloorTurn)
    assert (row.state, row.spent_ms, row.started_at) == (Turn.DONE, 150_000, None)


async def test_only_the_chairs_side_rules_and_a_speaker_ends_their_own(
    db: Database, ministry: Ministry
) -> None:
    meeting_id = await called(db, ministry, *TO_SESSION)
    turn_id = await ask(db, ministry.officer, meeting_id)

    for kind in ("floor.grant", "floor.pause", "floor.resume", "floor.admit"):
        with pytest.raises(NotYourPart):
            await say(db, ministry.officer, meeting_id, kind, turn_id=turn_id)
    for kind in ("floor.start", "floor.end", "floor.withdraw"):
        with pytest.raises(NotYourPart):
            await say(db, ministry.colleague, meeting_id, kind, turn_id=turn_id)
    with pytest.raises(NotYourPart):
        await say(db, ministry.officer, meeting_id, "floor.extend", turn_id=turn_id, seconds=60)
    await say(db, ministry.officer, meeting_id, "floor.withdraw", turn_id=turn_id)

    assert await shown(db, ministry.leader, meeting_id) == []


async def test_no_more_than_three_hold_the_floor_and_nobody_waits_twice(
    db: Database, ministry: Ministry
) -> None:
    meeting_id = await called(db, ministry, *TO_SESSION)
    await plan(db, ministry, meeting_id, most_speakers=1)
    turns = [await ask(db, one, meeting_id) for one in (ministry.officer, ministry.secretary)]
    with pytest.raises(AlreadyWaiting):
        await ask(db, ministry.officer, meeting_id)
    await say(db, ministry.leader, meeting_id, "floor.grant", turn_id=turns[0])

    with pytest.raises(FloorTaken):
        await say(db, ministry.leader, meeting_id, "floor.grant", turn_id=turns[1])

    await say(db, ministry.officer, meeting_id, "floor.withdraw", turn_id=turns[0])
    await say(db, ministry.leader, meeting_id, "floor.grant", turn_id=turns[1])


async def test_a_point_of_order_is_shown_first(db: Database, ministry: Ministry) -> None:
    meeting_id = await called(db, ministry, *TO_SESSION)
    await ask(db, ministry.officer, meeting_id)
    await ask(db, ministry.secretary, meeting_id, "point_of_order")

    who = [one.official_id for one in await shown(db, ministry.leader, meeting_id)]

    assert who == [ministry.secretary.id, ministry.officer.id]


async def test_time_that_is_used_up_ends_the_speech_unless_it_was_extended(
    db: Database, ministry: Ministry, engines: Engines, clock: Clock
) -> None:
    meeting_id = await called(db, ministry, *TO_SESSION)
    await plan(db, ministry, meeting_id, speech_seconds=60)
    turn_id, worker = (
        await ask(db, ministry.officer, meeting_id),
        Worker(db, background.handlers(engines)),
    )
    await say(db, ministry.leader, meeting_id, "floor.grant", turn_id=turn_id)
    await say(db, ministry.leader, meeting_id, "floor.start", turn_id=turn_id)
    await say(db, ministry.leader, meeting_id, "floor.extend", turn_id=turn_id, seconds=30)

    states = []
    for seconds in (61, 30):
        clock.tick(timedelta(seconds=seconds))
        await worker.run_due()
        states.append((await rows(db, FloorTurn))[0].state)

    assert states == [Turn.SPEAKING, Turn.EXPIRED]
    assert (await rows(db, FloorTurn))[0].spent_ms == 90_000


async def test_a_group_shares_its_time(db: Database, ministry: Ministry, clock: Clock) -> None:
    meeting_id = await called(db, ministry, *TO_SESSION)
    await plan(db, ministry, meeting_id, teams={"Vụ Đất đai": 90})
    async with db.begin() as tx:
        for person in (ministry.officer, ministry.leader):
            row = await tx.session.get_one(Participant, (meeting_id, person.id))
            row.team = "Vụ Đất đai"
            tx.session.add(row)
    for person in (ministry.officer, ministry.leader):
        turn_id = await ask(db, person, meeting_id)
        await say(db, ministry.leader, meeting_id, "floor.grant", turn_id=turn_id)
        await say(db, ministry.leader, meeting_id, "floor.start", turn_id=turn_id)
        clock.tick(timedelta(seconds=70))
        await say(db, ministry.leader, meeting_id, "floor.end", turn_id=turn_id)

    assert sorted(one.budget_ms for one in await rows(db, FloorTurn)) == [20_000, 90_000]
    assert sum(one.spent_ms for one in await rows(db, FloorTurn)) == 90_000
    third = await ask(db, ministry.officer, meeting_id)
    await say(db, ministry.leader, meeting_id, "floor.grant", turn_id=third)
    with pytest.raises(TimeUsedUp):
        await say(db, ministry.leader, meeting_id, "floor.start", turn_id=third)


async def test_a_guest_speaks_on_their_item_when_the_chair_admits_it(
    db: Database, ministry: Ministry
) -> None:
    meeting_id, guest = await called(db, ministry, *TO_SESSION), ministry.colleague
    async with db.begin() as tx:
        line = Line("Quy hoạch", 10, guests=[guest.id])
        await papers.set_agenda(tx, ministry.secretary.actor, meeting_id, [line])
    with pytest.raises(NotYourItem):
        await ask(db, guest, meeting_id)
    async with db.read() as view:
        (item,) = (await showing.whole(view, ministry.leader.actor, meeting_id)).agenda
    async with db.begin() as tx:
        await papers.move_item(tx, ministry.leader.actor, meeting_id, item.id, ItemMove.BEGIN)

    turn_id = await ask(db, guest, meeting_id)
    with pytest.raises(WrongTurn):
        await say(db, ministry.leader, meeting_id, "floor.grant", turn_id=turn_id)
    await say(db, ministry.leader, meeting_id, "floor.admit", turn_id=turn_id)

    assert (await say(db, ministry.leader, meeting_id, "floor.grant", turn_id=turn_id))[
        "state"
    ] == (Turn.GRANTED)


async def test_a_break_stops_the_clock_and_the_end_empties_the_queue(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    meeting_id = await called(db, ministry, *TO_SESSION)
    turn_id = await ask(db, ministry.officer, meeting_id)
    await ask(db, ministry.secretary, meeting_id)
    await say(db, ministry.leader, meeting_id, "floor.grant", turn_id=turn_id)
    await say(db, ministry.leader, meeting_id, "floor.start", turn_id=turn_id)
    clock.tick(timedelta(seconds=10))
    for move in (MeetingMove.PAUSE, MeetingMove.CLOSE):
        async with db.begin() as tx:
            await service.advance(tx, ministry.leader.actor, meeting_id, move)
        clock.tick(timedelta(seconds=100))

    ended = {one.official_id: one for one in await rows(db, FloorTurn)}
    assert {one.state for one in ended.values()} <= FINAL
    assert ended[ministry.officer.id].spent_ms == 10_000
