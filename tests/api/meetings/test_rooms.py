"""A meeting and its room, as the people in it see them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest

from api.demo.phone import Phone
from api.gate import CapabilityGate
from api.meetings import queries
from api.meetings.rules import Move
from api.wiring import Engines
from core import streams
from core.db import Database
from core.errors import AppError, NotFound
from core.ids import new_id
from core.retention import Trimming
from realtime.errors import UnknownCommand
from tests.support.clock import Clock
from tests.support.correspondence import received
from tests.support.gatherings import TO_SESSION, called
from tests.support.ministry import Ministry, Person

As = Callable[[Person], Awaitable[Phone]]


@pytest.fixture
def gate(engines: Engines) -> CapabilityGate:
    return CapabilityGate(engines.db)


def plan(ministry: Ministry, clock: Clock, **changed: Any) -> dict[str, Any]:
    people = [{"official_id": str(ministry.leader.id), "part": "chair"}]
    people += [{"official_id": str(ministry.officer.id)}]
    return {"title": "Giao ban", "starts_at": clock().isoformat(), "people": people} | changed


async def opened(db: Database, ministry: Ministry, clock: Clock, as_: As) -> tuple[str, str]:
    """Open a meeting with one document; return the ids of both."""
    secretary, leader = await as_(ministry.secretary), await as_(ministry.leader)
    document_id = str(await received(db, ministry))
    meeting = (await secretary.post("/meetings", json=plan(ministry, clock))).json()
    path = f"/meetings/{meeting['id']}"
    await leader.post(f"{path}/approve")
    await secretary.post(f"{path}/invite")
    await leader.post(f"{path}/documents", json={"document_id": document_id})
    await secretary.post(f"{path}/open-check-in")
    await secretary.post(f"{path}/open")
    return meeting["id"], document_id


async def turn(
    gate: CapabilityGate, person: Person, meeting: str, document: str, *, page: int = 0,
    key: UUID | None = None,
) -> dict[str, Any]:  # fmt: skip
    data = {"document_id": document, "page": page}
    return await gate.command(person.actor, "page.turn", f"room:{meeting}", key or new_id(), data)


async def page_turns(db: Database, meeting: str) -> list[int]:
    async with db.read() as view:
        entries = await streams.read_after(view.session, f"room:{meeting}", 0)
    return [one.body["page"] for one in entries if one.name == "meeting.page_turned"]


async def test_everybody_who_takes_part_may_read_what_lies_on_the_table(
    db: Database, ministry: Ministry, clock: Clock, as_: As
) -> None:
    meeting, document = await opened(db, ministry, clock, as_)

    officer = await as_(ministry.officer)

    shown = (await officer.get(f"/meetings/{meeting}")).json()
    assert [paper["document_id"] for paper in shown["table"]] == [document]


async def test_whoever_does_not_take_part_sees_no_meeting(
    db: Database, ministry: Ministry, clock: Clock, as_: As, gate: CapabilityGate
) -> None:
    meeting, _ = await opened(db, ministry, clock, as_)

    for person in (ministry.colleague, ministry.stranger):
        phone = await as_(person)
        refusal = await phone.send("GET", f"/meetings/{meeting}")
        assert refusal.status_code == HTTPStatus.NOT_FOUND
        assert not await gate.may_hear(person.actor, f"room:{meeting}")
        with pytest.raises(NotFound):
            await gate.snapshot(person.actor, f"room:{meeting}")


async def test_the_room_is_not_heard_before_the_invitation(
    ministry: Ministry, clock: Clock, as_: As, gate: CapabilityGate
) -> None:
    secretary = await as_(ministry.secretary)
    meeting = (await secretary.post("/meetings", json=plan(ministry, clock))).json()["id"]

    assert not await gate.may_hear(ministry.officer.actor, f"room:{meeting}")
    await (await as_(ministry.leader)).post(f"/meetings/{meeting}/approve")
    await secretary.post(f"/meetings/{meeting}/invite")

    assert await gate.may_hear(ministry.officer.actor, f"room:{meeting}")


async def test_the_presenter_turns_the_page_for_everybody(
    db: Database, ministry: Ministry, clock: Clock, as_: As, gate: CapabilityGate
) -> None:
    meeting, document = await opened(db, ministry, clock, as_)

    assert await turn(gate, ministry.leader, meeting, document) == {"page": 0}

    shown = await gate.snapshot(ministry.officer.actor, f"room:{meeting}")
    assert (shown["shown_document_id"], shown["shown_page"]) == (document, 0)
    assert await page_turns(db, meeting) == [0]


async def test_the_same_command_twice_turns_one_page(
    db: Database, ministry: Ministry, clock: Clock, as_: As, gate: CapabilityGate
) -> None:
    meeting, document = await opened(db, ministry, clock, as_)
    key = new_id()

    first = await turn(gate, ministry.leader, meeting, document, key=key)
    again = await turn(gate, ministry.leader, meeting, document, key=key)

    assert first == again
    assert await page_turns(db, meeting) == [0]


async def test_a_member_turns_pages_only_while_presenting(
    db: Database, ministry: Ministry, clock: Clock, as_: As, gate: CapabilityGate
) -> None:
    meeting, document = await opened(db, ministry, clock, as_)
    with pytest.raises(AppError) as refusal:
        await turn(gate, ministry.officer, meeting, document)
    assert refusal.value.code == "meetings.not_your_part"

    await gate.command(
        ministry.leader.actor, "presenter.hand", f"room:{meeting}", new_id(),
        {"official_id": str(ministry.officer.id)},
    )  # fmt: skip

    assert await turn(gate, ministry.officer, meeting, document) == {"page": 0}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"document_id": str(new_id()), "page": 0}, "meetings.not_on_the_table"),
        ({"page": 0}, "malformed"),
        ({"document_id": "x", "page": 0}, "malformed"),
        ({"document_id": str(new_id()), "page": -1}, "malformed"),
        ({"document_id": str(new_id()), "page": 0, "more": 1}, "malformed"),
    ],
)
async def test_a_command_that_makes_no_sense_is_refused(
    db: Database, ministry: Ministry, clock: Clock, as_: As, gate: CapabilityGate,
    data: dict[str, Any], code: str,
) -> None:  # fmt: skip
    meeting, _ = await opened(db, ministry, clock, as_)

    with pytest.raises(AppError) as refusal:
        await gate.command(ministry.leader.actor, "page.turn", f"room:{meeting}", new_id(), data)

    assert refusal.value.code == code


async def test_a_page_that_is_not_there_is_refused(
    db: Database, ministry: Ministry, clock: Clock, as_: As, gate: CapabilityGate
) -> None:
    meeting, document = await opened(db, ministry, clock, as_)

    with pytest.raises(AppError) as refusal:
        await turn(gate, ministry.leader, meeting, document, page=1)

    assert refusal.value.code == "meetings.no_such_page"


async def test_there_are_no_other_commands_and_no_other_streams(
    gate: CapabilityGate, ministry: Ministry
) -> None:
    actor = ministry.leader.actor
    for kind, stream in (("vote.steal", f"room:{new_id()}"), ("page.turn", f"user:{actor.id}")):
        with pytest.raises(UnknownCommand):
            await gate.command(actor, kind, stream, new_id(), {})
    for stream in ("room:x", "nothing", f"task:{new_id()}", ""):
        assert not await gate.may_hear(actor, stream)
        with pytest.raises(NotFound):
            await gate.snapshot(actor, stream)


async def test_people_hear_their_own_stream_and_nobody_elses(
    gate: CapabilityGate, ministry: Ministry
) -> None:
    assert await gate.may_hear(ministry.leader.actor, f"user:{ministry.leader.id}")
    assert not await gate.may_hear(ministry.leader.actor, f"user:{ministry.clerk.id}")


async def test_a_document_is_heard_by_who_may_read_it(
    db: Database, gate: CapabilityGate, ministry: Ministry
) -> None:
    stream = f"document:{await received(db, ministry)}"

    assert await gate.may_hear(ministry.leader.actor, stream)
    assert (await gate.snapshot(ministry.leader.actor, stream))["state"] == "registered"
    for person in (ministry.officer, ministry.stranger):
        assert not await gate.may_hear(person.actor, stream)


async def test_a_scan_that_nobody_has_read_is_not_laid_on_a_table(
    db: Database, ministry: Ministry, clock: Clock, as_: As
) -> None:
    scan = str(await received(db, ministry, scan=True))
    meeting, _ = await opened(db, ministry, clock, as_)
    leader = await as_(ministry.leader)

    refusal = await leader.send(
        "POST", f"/meetings/{meeting}/documents", json={"document_id": scan}
    )

    assert refusal.json()["type"] == "documents.not_yet_read"


async def test_a_closed_meeting_stands_in_the_trace_of_its_documents(
    db: Database, ministry: Ministry, clock: Clock, as_: As
) -> None:
    meeting, document = await opened(db, ministry, clock, as_)
    secretary, leader = await as_(ministry.secretary), await as_(ministry.leader)
    for step in ("pause", "resume", "close"):
        await secretary.post(f"/meetings/{meeting}/{step}")

    names = [line["name"] for line in (await leader.get(f"/documents/{document}/trace")).json()]

    assert names == [
        "documents.registered", "meeting.document_added", "meeting.opened", "meeting.closed",
    ]  # fmt: skip


async def test_only_a_secretary_or_leader_plans(ministry: Ministry, clock: Clock, as_: As) -> None:
    officer = await as_(ministry.officer)

    refusal = await officer.send("POST", "/meetings", json=plan(ministry, clock))

    assert refusal.status_code == HTTPStatus.FORBIDDEN


async def test_my_meetings_are_those_i_take_part_in(
    ministry: Ministry, clock: Clock, as_: As
) -> None:
    secretary = await as_(ministry.secretary)
    meeting = (await secretary.post("/meetings", json=plan(ministry, clock))).json()
    await (await as_(ministry.leader)).post(f"/meetings/{meeting['id']}/approve")
    for step in ("invite", "cancel"):
        await secretary.post(f"/meetings/{meeting['id']}/{step}")

    mine = (await (await as_(ministry.officer)).get("/meetings")).json()

    assert [(one["id"], one["state"]) for one in mine] == [(meeting["id"], "cancelled")]
    assert (await (await as_(ministry.colleague)).get("/meetings")).json() == []


async def test_the_events_of_a_room_go_a_week_after_its_meeting_was_closed(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    runs = await called(db, ministry, *TO_SESSION)
    over = await called(db, ministry, *TO_SESSION, Move.CLOSE)
    trimming = Trimming("room", queries.room_over)

    async def kept(after: timedelta) -> list[int]:
        clock.tick(after)
        async with db.begin() as tx:
            await trimming(tx)
            rooms = [await streams.read_after(tx.session, f"room:{id_}", 0) for id_ in (runs, over)]
        return [len(room) for room in rooms]

    assert await kept(timedelta(days=7)) == [4, 5]
    assert await kept(timedelta(seconds=1)) == [4, 0]
