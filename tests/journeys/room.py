"""A paperless meeting whose server dies under it: whoever speaks insists, whoever hears resumes."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
from websockets.exceptions import WebSocketException

from api.demo.phone import Refused
from api.demo.socket import Frame, Socket
from tests.journeys.world import World
from tests.support.server import PATIENCE

#: What a phone sees of a server that has just died, or is not yet there again.
GONE = (WebSocketException, httpx.TransportError, OSError, TimeoutError, Refused)


class Line:
    """A phone's socket that comes back after every kill, to the place where it was."""

    def __init__(self, here: World, who: str, room: str) -> None:
        self._here = here
        self._who = who
        self._room = room
        self._socket: Socket | None = None
        self._places: dict[str, list[Any]] = {}

    async def insist(self, act: Callable[[Socket], Awaitable[Frame]]) -> Frame:
        """Do something over the socket until the server says that it was done."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    return await act(await self._open())
                except GONE:
                    await self._lose()

    async def turn(self, document_id: str, page: int) -> None:
        """Turn a page; it is turned once, however often the command is sent."""
        said = {"t": "cmd", "k": "page.turn", "s": self._room, "key": str(uuid4()),
                "d": {"document_id": document_id, "page": page}}  # fmt: skip
        answer = await self.insist(lambda socket: socket.ask(said))
        assert answer["t"] == "ok", answer

    async def join(self) -> None:
        """Begin to hear the room."""
        await self.insist(_nothing)

    async def hear_turns(self, count: int) -> list[int]:
        """Return the pages of the next turns."""
        turned = [await self.insist(_turn_heard) for _ in range(count)]
        return [event["d"]["page"] for event in turned]

    async def close(self) -> None:
        """Leave the room."""
        if self._socket is not None:
            await self._socket.close()

    async def _open(self) -> Socket:
        if self._socket is None:
            phone = await self._here.fresh(self._who)
            socket = await Socket.open(phone, self._here.server.url, self._places)
            await self._listen(socket)
            self._places = socket.places
            self._socket = socket
        return self._socket

    async def _listen(self, socket: Socket) -> None:
        if self._places:
            assert socket.resumed[self._room]["state"] == "recovered", socket.resumed
        else:
            answer = await socket.hear(self._room)
            assert answer["t"] == "ok", answer

    async def _lose(self) -> None:
        if self._socket is not None:
            with suppress(*GONE):
                await self._socket.close()
        self._socket = None
        await self._here.server.ready()


async def meet(here: World, document_id: str, *, turns: int) -> None:
    """Hold a meeting about a document; nothing of it is lost, whoever dies meanwhile."""
    meeting = await here.post("secretary", "/meetings", json=planned(here))
    path, room = f"/meetings/{meeting['id']}", f"room:{meeting['id']}"
    here.acknowledged[path] = "officer"
    await here.post("leader", f"{path}/approve")
    await here.post("secretary", f"{path}/invite")
    await here.post("leader", f"{path}/documents", json={"document_id": document_id})
    await here.post("secretary", f"{path}/open-check-in")
    await here.post("secretary", f"{path}/open")
    await _turn_pages(here, room, document_id, [number % 2 for number in range(turns)])
    await here.post("secretary", f"{path}/close")


async def _turn_pages(here: World, room: str, document_id: str, pages: list[int]) -> None:
    """Let one turn pages and another hear it; who was cut off misses none and hears none twice."""
    speaker, hearer = Line(here, "leader", room), Line(here, "officer", room)
    await hearer.join()
    hearing = asyncio.create_task(hearer.hear_turns(len(pages)))
    for page in pages:
        await speaker.turn(document_id, page)
    assert await hearing == pages
    for line in (speaker, hearer):
        await line.close()


async def _nothing(_: Socket) -> Frame:
    return {}


async def _turn_heard(socket: Socket) -> Frame:
    return await socket.event("meeting.page_turned")


def planned(here: World) -> dict[str, Any]:
    """Plan a meeting of the leader and the officer; the secretary writes."""
    return {
        "title": "Họp về văn bản trả lời",
        "starts_at": datetime.now(UTC).isoformat(),
        "people": [
            {"official_id": str(here.ministry.leader.id), "part": "chair"},
            {"official_id": str(here.ministry.officer.id)},
        ],
    }
