"""Below the requests: heads that are too long or too slow, and too many connections."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from ipaddress import ip_network

import httpx2 as httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect

from api.guards.connections import guarded
from core.config import Http
from tests.support.serving import Served, served
from tests.support.waiting import until

LIMITS = Http(head_limit=2000, head_seconds=0.3, connections_per_address=4)
GET = b"GET /echo HTTP/1.1\r\nHost: here\r\n"


async def echo(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def talk(websocket: WebSocket) -> None:
    await websocket.accept()
    async for said in websocket.iter_text():
        await websocket.send_text(said)


APP = Starlette(
    routes=[Route("/echo", echo, methods=["GET", "POST"]), WebSocketRoute("/talk", talk)]
)


@pytest.fixture
async def server() -> AsyncGenerator[Served]:
    async with served(APP, http=guarded(LIMITS)) as server:
        yield server


async def test_ten_kilobytes_may_be_searched_for_beside_a_phones_headers() -> None:
    words = "quyết định ".encode()
    query = "".join(f"%{byte:02X}" for byte in (words * 1000)[: 10 * 1024])
    said = {"Authorization": "DPoP " + "x" * 1500, "DPoP": "x" * 1500}

    async with served(APP, http=guarded(Http())) as server, httpx.AsyncClient() as phone:
        answer = await phone.get(f"{server.url}/echo?q={query}", headers=said)

    assert answer.status_code == HTTPStatus.OK


class Raw:
    """A connection that says what it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, said: bytes) -> bytes:
        """Say something and return the first line of the answer; nothing: it hung up."""
        self.writer.write(said)
        async with asyncio.timeout(5):
            return (await self.reader.readline()).strip()

    async def rest(self) -> bytes:
        async with asyncio.timeout(5):
            return await self.reader.read()


Dial = Callable[[Served], Awaitable[Raw]]


@pytest.fixture
async def dial() -> AsyncGenerator[Dial]:
    opened = []

    async def to(server: Served) -> Raw:
        opened.append(Raw(*await asyncio.open_connection("127.0.0.1", server.port)))
        return opened[-1]

    yield to
    for raw in opened:
        raw.writer.close()
        with suppress(ConnectionError):
            await raw.writer.wait_closed()


def status(line: bytes) -> int:
    return int(line.split()[1])


async def test_a_request_in_pieces_is_answered(server: Served, dial: Dial) -> None:
    raw = await dial(server)
    for piece in (GET[:5], GET[5:], b"Accept: "):
        raw.writer.write(piece)
        await raw.writer.drain()

    assert status(await raw.ask(b"*/*\r\n\r\n")) == HTTPStatus.OK


async def test_a_large_body_is_no_large_head(server: Served, dial: Dial) -> None:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        for size in (0, 1, 5000, 500_000):
            assert (await client.post("/echo", content=b"x" * size)).text == str(size)


@pytest.mark.parametrize(
    "head",
    [
        GET + b"Cookie: " + b"x" * 3000 + b"\r\n\r\n",
        GET + b"Cookie: " + b"x" * 3000,  # never ends
        GET + b"".join(b"X-%d: y\r\n" % number for number in range(400)) + b"\r\n",
        b"GET /" + b"x" * 3000,
        b"GET /" + b"x" * 3000 + b" HTTP/1.1\r\n\r\n",
    ],
)
async def test_a_head_that_is_too_long_is_refused(server: Served, dial: Dial, head: bytes) -> None:
    raw = await dial(server)

    assert status(await raw.ask(head)) == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    assert (await raw.rest()).endswith(b"\r\n\r\n")


async def test_a_head_that_drips_in_for_ever_is_refused(server: Served, dial: Dial) -> None:
    raw = await dial(server)
    raw.writer.write(GET)

    answer = asyncio.create_task(raw.ask(b""))

    while not answer.done():
        raw.writer.write(b"X")
        await asyncio.wait([answer], timeout=0.01)

    assert status(answer.result()) == HTTPStatus.REQUEST_TIMEOUT


async def test_whoever_says_nothing_at_all_is_hung_up_on(server: Served, dial: Dial) -> None:
    assert status(await (await dial(server)).ask(b"")) == HTTPStatus.REQUEST_TIMEOUT


async def test_the_second_head_of_a_connection_has_the_same_limits(
    server: Served, dial: Dial
) -> None:
    raw = await dial(server)
    await raw.ask(GET + b"\r\n")
    await raw.reader.readuntil(b"\r\n\r\n0")

    assert status(await raw.ask(GET)) == HTTPStatus.REQUEST_TIMEOUT


async def test_between_requests_a_connection_may_rest(server: Served, dial: Dial) -> None:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        await client.get("/echo")

        (connection,) = server.server.server_state.connections
        assert connection._timer is None  # type: ignore[union-attr]


async def test_an_address_has_a_limited_number_of_connections(server: Served, dial: Dial) -> None:
    opened = [await dial(server) for _ in range(4)]
    assert [status(await raw.ask(GET + b"\r\n")) for raw in opened] == [200] * 4

    refused = await (await dial(server)).ask(GET + b"\r\n")
    opened.pop().writer.close()
    await until(lambda: len(server.server.server_state.connections) == 3)
    taken = await (await dial(server)).ask(GET + b"\r\n")

    assert status(refused) == HTTPStatus.TOO_MANY_REQUESTS
    assert status(taken) == HTTPStatus.OK


async def test_a_proxy_may_bring_as_many_as_it_has(dial: Dial) -> None:
    behind = LIMITS.model_copy(update={"proxies": [ip_network("127.0.0.0/8")]})
    async with served(APP, http=guarded(behind)) as server:
        opened = [await dial(server) for _ in range(6)]

        assert [status(await raw.ask(GET + b"\r\n")) for raw in opened] == [200] * 6


async def test_sockets_do_not_count_among_the_connections(server: Served, dial: Dial) -> None:
    url = f"ws://127.0.0.1:{server.port}/talk"
    opened = [await connect(url, proxy=None) for _ in range(6)]

    for socket in opened:
        await socket.send("x" * 5000)
        assert await socket.recv() == "x" * 5000
        await socket.close()
