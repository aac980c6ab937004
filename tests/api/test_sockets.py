"""Sockets of the whole product: whose streams they hear, and that they end with their session."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from fastapi import FastAPI
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from api import background, endings
from api.demo.editor import Editor
from api.demo.phone import Phone
from api.demo.socket import Socket
from api.wiring import Engines
from core.bus.port import LOST
from core.db import Database, tell_nobody
from core.sessions import Principal
from realtime.endpoint import SERVER_OPTIONS
from realtime.frames import Code
from tests.support.clock import Clock
from tests.support.correspondence import received
from tests.support.delegations import delegated
from tests.support.gatherings import TO_INVITED, called
from tests.support.ministry import PASSWORD, Ministry, Person
from tests.support.serving import Served, served
from tests.support.waiting import until
from tests.support.writing import begun

As = Callable[[Person], Awaitable[Phone]]


@pytest.fixture
async def office(app: FastAPI, engines: Engines) -> AsyncGenerator[Served]:
    """A server that listens to its bus, as `khonggiay serve` does."""
    listening = asyncio.create_task(background.listen(engines))
    async with served(app, **SERVER_OPTIONS) as office:
        yield office
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def end_of(socket: Socket) -> int:
    """Hear everything, and return the code that the server closed with."""
    with pytest.raises(ConnectionClosed):
        await socket.wait(lambda _: False)
    return socket._connection.close_code or 0


async def refusal_of(office: Served, *protocols: str) -> int:
    """Connect with what is no good ticket, and return the code that ends it."""
    url = f"ws://127.0.0.1:{office.port}/realtime"
    names = [Subprotocol(name) for name in protocols]
    async with connect(url, subprotocols=names, proxy=None) as socket:
        with pytest.raises(ConnectionClosed):
            while True:
                await socket.recv()
        return socket.close_code or 0


async def test_a_foreign_stream_is_not_there_whoever_owns_it(
    office: Served, db: Database, ministry: Ministry, as_: As
) -> None:
    leader = await as_(ministry.leader)
    meeting_id = await called(db, ministry, *TO_INVITED)
    stranger = await as_(ministry.stranger)
    foreign = [
        f"user:{ministry.leader.id}",
        f"room:{meeting_id}",
        f"document:{uuid4()}",
        "user:0",
        "device:" + leader.device_id,
        "agency:" + str(ministry.stranger.agency_id),
    ]

    socket = await Socket.open(stranger, office.url, {name: ["e", 0] for name in foreign})
    answers = [await socket.hear(name) for name in foreign]

    assert {state["state"] for state in socket.resumed.values()} == {"refused"}
    assert {answer.get("code") for answer in answers} == {"not_found"}


async def came_in(office: Served, ticket: str) -> bool:
    """Say whether a ticket was welcomed; the handshake alone says nothing of that."""
    url = f"ws://127.0.0.1:{office.port}/realtime"
    names = [Subprotocol("khonggiay.v1"), Subprotocol(f"ticket.{ticket}")]
    async with connect(url, subprotocols=names, proxy=None) as socket:
        try:
            await socket.send('{"t":"hello","v":1}')
            return '"welcome"' in str(await socket.recv())
        except ConnectionClosed:
            return False


async def test_of_sockets_that_race_with_one_ticket_exactly_one_comes_in(
    office: Served, ministry: Ministry, as_: As
) -> None:
    phone = await as_(ministry.officer)
    for _ in range(5):
        ticket = await phone.ticket()

        let_in = await asyncio.gather(*(came_in(office, ticket) for _ in range(6)))

        assert sum(let_in) == 1


async def test_a_ticket_lets_in_once_and_nothing_else_is_a_ticket(
    office: Served, ministry: Ministry, clock: Clock, as_: As
) -> None:
    phone = await as_(ministry.officer)
    ticket = await phone.ticket()
    old = await phone.ticket()

    assert await refusal_of(office, "khonggiay.v1", f"ticket.{phone.access_token}") == 4401
    assert await refusal_of(office, "khonggiay.v1", f"ticket.{phone.refresh_token}") == 4401
    assert await came_in(office, ticket)
    assert await refusal_of(office, "khonggiay.v1", f"ticket.{ticket}") == 4401
    clock.tick(timedelta(seconds=30))
    assert await refusal_of(office, "khonggiay.v1", f"ticket.{old}") == 4401


async def test_a_revoked_device_loses_its_socket_and_its_tickets(
    office: Served, ministry: Ministry, as_: As
) -> None:
    phone, administrator = await as_(ministry.officer), await as_(ministry.administrator)
    socket, ticket = await Socket.open(phone, office.url), await phone.ticket()

    await administrator.post(f"/devices/{phone.device_id}/revoke")

    assert await end_of(socket) == Code.REVOKED
    assert await refusal_of(office, "khonggiay.v1", f"ticket.{ticket}") == Code.UNAUTHENTICATED


async def test_logging_out_ends_the_socket(office: Served, ministry: Ministry, as_: As) -> None:
    phone = await as_(ministry.officer)
    socket = await Socket.open(phone, office.url)

    await phone.send("DELETE", "/sessions/current")

    assert await end_of(socket) == Code.UNAUTHENTICATED


async def test_a_room_ends_with_its_session_though_a_text_is_open_in_a_newer_one(
    app: FastAPI, engines: Engines, ministry: Ministry, as_: As
) -> None:
    meeting_id = await begun(engines.db, ministry)
    phone = await as_(ministry.officer)
    stream = f"user:{ministry.officer.id}"
    async with served(app, **SERVER_OPTIONS) as office:
        socket = await Socket.open(phone, office.url, {stream: ["e", 0]})
        await phone.log_in(ministry.officer.account, PASSWORD)
        editor = await Editor.open(phone, office.url, str(meeting_id))
        await until(lambda: bool(engines.texts.devices()))

        await engines.endings.look()

        assert await end_of(socket) == Code.UNAUTHENTICATED
        assert editor.closed is None
        await editor.close()


async def test_a_leaked_refresh_token_ends_the_socket(
    office: Served, ministry: Ministry, clock: Clock, as_: As
) -> None:
    phone = await as_(ministry.officer)
    leaked = phone.refresh_token
    await phone.refresh()
    socket = await Socket.open(phone, office.url)
    clock.tick(timedelta(seconds=11))

    phone.refresh_token = leaked
    await phone.refresh()

    assert await end_of(socket) == Code.UNAUTHENTICATED


async def test_a_mandate_that_runs_out_ends_what_was_heard_by_it(
    office: Served, engines: Engines, db: Database, ministry: Ministry, clock: Clock, as_: As
) -> None:
    for_an_hour, for_good = ministry.officer, ministry.colleague
    await delegated(db, ministry, for_an_hour, until=clock() + timedelta(hours=1))
    await delegated(db, ministry, for_good)
    stream = f"document:{await received(db, ministry)}"
    deputy, other = [
        await Socket.open(await as_(one), office.url) for one in (for_an_hour, for_good)
    ]
    for socket in (deputy, other):
        assert (await socket.hear(stream))["t"] == "ok"
    clock.tick(timedelta(minutes=59, seconds=57))
    assert await engines.endings.look_at_clock() == 3
    clock.tick(timedelta(seconds=3))

    await engines.endings.look_at_clock()

    reset = await deputy.wait(lambda frame: frame["t"] == "reset")
    assert (reset["s"], reset["why"]) == (stream, "gone")
    assert (await other.ask({"t": "unsub", "s": stream}))["t"] == "ok"


@pytest.fixture
def no_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at nobody but those whom the door names."""
    monkeypatch.setattr(endings, "LOOK_SECONDS", 3600)


@pytest.mark.usefixtures("no_round")
async def test_a_socket_let_in_while_its_device_is_shut_out_ends_as_well(
    office: Served, engines: Engines, ministry: Ministry, as_: As
) -> None:
    """The door was asked about it when the hub did not know it yet."""
    phone, administrator = await as_(ministry.officer), await as_(ministry.administrator)
    socket = await Socket.open(phone, office.url)
    (connection,) = engines.realtime.hub._phones
    engines.realtime.hub.exit(connection)
    await administrator.post(f"/devices/{phone.device_id}/revoke")
    await until(lambda: engines.endings._watch._seen.seq > 0)

    engines.realtime.hub.enter(connection)

    assert await end_of(socket) == Code.REVOKED


async def test_what_the_bus_lost_is_found_by_looking(
    office: Served, engines: Engines, db: Database, ministry: Ministry, as_: As
) -> None:
    revoked, closed, stays = [
        await as_(person) for person in (ministry.officer, ministry.leader, ministry.clerk)
    ]
    administrator = await as_(ministry.administrator)
    first, second, third = [
        await Socket.open(phone, office.url) for phone in (revoked, closed, stays)
    ]
    db._tell = tell_nobody
    await administrator.post(f"/devices/{revoked.device_id}/revoke")
    async with db.begin() as tx:
        (await tx.session.get_one(Principal, ministry.leader.id)).closed_at = tx.now

    engines.bus.publish(LOST)

    assert await end_of(first) == Code.REVOKED
    assert await end_of(second) == Code.REVOKED
    assert (await third.hear(f"user:{ministry.clerk.id}"))["t"] == "ok"
