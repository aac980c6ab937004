"""A meeting over a real server: what one phone does, the other phones see, whatever the network."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
import uvicorn
from fastapi import FastAPI

from api import background
from api.demo.phone import Phone
from api.demo.socket import Socket
from api.meetings import service
from api.meetings.rules import Move
from api.wiring import Engines
from core.db import Database
from realtime.endpoint import SERVER_OPTIONS
from tests.support.gatherings import in_session
from tests.support.ministry import Ministry, Person

As = Callable[[Person], Awaitable[Phone]]
Dial = Callable[..., Awaitable[Socket]]
Frame = dict[str, Any]


@pytest.fixture
async def url(app: FastAPI, engines: Engines) -> AsyncGenerator[str]:
    """The address of a running server, with what passes events on behind it."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, lifespan="off", log_level="critical", **SERVER_OPTIONS)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    work = asyncio.create_task(background.listen(engines))
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    await server.shutdown(sockets=[listener])
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


@pytest.fixture
async def dial(url: str, as_: As) -> AsyncGenerator[Dial]:
    """Connect somebody's phone; with `places`, take up streams where they were left."""
    phones: dict[UUID, Phone] = {}
    opened: list[Socket] = []

    async def connect(person: Person, places: dict[str, list[Any]] | None = None) -> Socket:
        if person.id not in phones:
            phones[person.id] = await as_(person)
        opened.append(await Socket.open(phones[person.id], url, places))
        return opened[-1]

    yield connect
    for one in opened:
        await one.close()


@pytest.fixture
async def meeting(db: Database, ministry: Ministry) -> tuple[UUID, UUID]:
    return await in_session(db, ministry, pages=9)


async def in_room(dial: Dial, person: Person, meeting: tuple[UUID, UUID]) -> Socket:
    phone = await dial(person)
    assert (await phone.hear(f"room:{meeting[0]}"))["t"] == "ok"
    return phone


async def turn(
    phone: Socket, meeting: tuple[UUID, UUID], page: int, *, key: str | None = None
) -> Frame:
    data = {"document_id": str(meeting[1]), "page": page}
    command = {"t": "cmd", "k": "page.turn", "s": f"room:{meeting[0]}", "d": data}
    return await phone.ask(command | {"key": key or str(uuid4())})


async def pages(phone: Socket, count: int) -> list[int]:
    return [(await phone.event("meeting.page_turned"))["d"]["page"] for _ in range(count)]


async def test_everybody_sees_the_same_page_turn(
    dial: Dial, ministry: Ministry, meeting: tuple[UUID, UUID]
) -> None:
    people = (ministry.leader, ministry.officer, ministry.colleague)
    leader, officer, colleague = [await in_room(dial, one, meeting) for one in people]

    answer = await turn(leader, meeting, 7)

    seen = [await one.event("meeting.page_turned") for one in (leader, officer, colleague)]
    assert (answer["t"], answer["d"]) == ("ok", {"page": 7})
    assert seen[0]["d"]["page"] == 7
    assert seen[0] == seen[1] == seen[2]


async def test_a_phone_that_was_away_misses_nothing_and_hears_nothing_twice(
    dial: Dial, ministry: Ministry, meeting: tuple[UUID, UUID]
) -> None:
    leader, officer = [
        await in_room(dial, one, meeting) for one in (ministry.leader, ministry.officer)
    ]
    await turn(leader, meeting, 0)
    assert await pages(officer, 1) == [0]
    await officer.drop()
    for page in (1, 2, 3):
        await turn(leader, meeting, page)

    back = await dial(ministry.officer, officer.places)
    await turn(leader, meeting, 4)

    assert back.resumed[f"room:{meeting[0]}"]["state"] == "recovered"
    assert await pages(back, 4) == [1, 2, 3, 4]


async def test_whoever_comes_late_sees_the_room_as_it_is_and_then_what_follows(
    dial: Dial, ministry: Ministry, meeting: tuple[UUID, UUID]
) -> None:
    leader = await in_room(dial, ministry.leader, meeting)
    await turn(leader, meeting, 5)
    late = await dial(ministry.officer)

    room = await late.hear(f"room:{meeting[0]}")
    await turn(leader, meeting, 6)

    shown = room["snap"]
    assert (shown["state"], shown["shown_page"]) == ("in_session", 5)
    assert (await late.event("meeting.page_turned"))["q"] == room["head"] + 1


async def test_a_command_sent_again_after_a_broken_line_turns_one_page(
    dial: Dial, ministry: Ministry, meeting: tuple[UUID, UUID]
) -> None:
    officer, leader, key = (
        await in_room(dial, ministry.officer, meeting),
        await in_room(dial, ministry.leader, meeting),
        str(uuid4()),
    )
    first = await turn(leader, meeting, 2, key=key)
    await leader.drop()

    back = await dial(ministry.leader, leader.places)
    again = await turn(back, meeting, 2, key=key)
    await turn(back, meeting, 3)

    assert again["d"] == first["d"]
    assert await pages(officer, 2) == [2, 3]


async def test_a_handed_over_room_obeys_the_new_presenter(
    dial: Dial, ministry: Ministry, meeting: tuple[UUID, UUID]
) -> None:
    leader, officer = [
        await in_room(dial, one, meeting) for one in (ministry.leader, ministry.officer)
    ]
    refusal = await turn(officer, meeting, 1)
    assert (refusal["t"], refusal["code"]) == ("err", "meetings.not_your_part")

    said = {"official_id": str(ministry.officer.id)}
    await leader.command(f"room:{meeting[0]}", "presenter.hand", said)
    await officer.event("meeting.presenter_changed")

    assert (await turn(officer, meeting, 1))["t"] == "ok"
    assert await pages(leader, 1) == [1]


async def test_outsiders_neither_hear_the_room_nor_act_in_it(
    dial: Dial, ministry: Ministry, meeting: tuple[UUID, UUID]
) -> None:
    for outsider in (ministry.clerk, ministry.stranger):
        phone = await dial(outsider)
        for refusal in (await phone.hear(f"room:{meeting[0]}"), await turn(phone, meeting, 1)):
            assert (refusal["t"], refusal["code"]) == ("err", "not_found")


async def test_the_room_hears_that_the_meeting_is_over(
    db: Database, dial: Dial, ministry: Ministry, meeting: tuple[UUID, UUID]
) -> None:
    officer = await in_room(dial, ministry.officer, meeting)

    async with db.begin() as tx:
        await service.advance(tx, ministry.secretary.actor, meeting[0], Move.CLOSE)

    assert (await officer.event("meeting.closed"))["d"]["documents"] == [str(meeting[1])]
    refusal = await turn(await dial(ministry.leader), meeting, 1)
    assert (refusal["t"], refusal["code"]) == ("err", "meetings.wrong_state")
