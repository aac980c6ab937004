"""A phone's socket: `khonggiay.v1` as a client speaks it, with resume."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Self
from uuid import uuid4

import websockets
from websockets.asyncio.client import ClientConnection
from websockets.typing import Subprotocol

from api.demo.phone import Phone

PATIENCE = 20
Frame = dict[str, Any]


class Socket:
    """One connection; remembers its place in every stream, so that the next can resume."""

    def __init__(self, connection: ClientConnection, places: dict[str, list[Any]]) -> None:
        self.places = places
        self.peer = ""
        self.resumed: dict[str, Frame] = {}
        self._connection = connection
        self._waiting: list[Frame] = []
        self._asked = 0

    @classmethod
    async def open(cls, phone: Phone, url: str, places: dict[str, list[Any]] | None = None) -> Self:
        """Connect with a fresh ticket, and take up the streams where they were left."""
        ticket = await phone.ticket()
        connection = await websockets.connect(
            url.replace("http", "ws", 1) + "/realtime",
            subprotocols=[Subprotocol("khonggiay.v1"), Subprotocol(f"ticket.{ticket}")],
            compression=None,
        )
        socket = cls(connection, dict(places or {}))
        await socket.say({"t": "hello", "v": 1, "resume": socket.places})
        welcome = await socket.wait(lambda frame: frame["t"] == "welcome")
        socket.peer = str(welcome["peer"])
        socket.resumed = welcome["streams"]
        return socket

    async def say(self, frame: Frame) -> None:
        """Send a frame."""
        await self._connection.send(json.dumps(frame))

    async def ask(self, frame: Frame) -> Frame:
        """Send a request and wait for its answer."""
        self._asked += 1
        number = self._asked
        await self.say(frame | {"i": number})
        return await self.wait(lambda said: said["t"] in {"ok", "err"} and said["i"] == number)

    async def hear(self, stream: str) -> Frame:
        """Subscribe to a stream from a snapshot of its state on."""
        answer = await self.ask({"t": "sub", "s": stream, "from": "snapshot"})
        if answer["t"] == "ok":
            self.places[stream] = [answer["ep"], answer["head"]]
        return answer

    async def command(self, stream: str, kind: str, data: Frame) -> Frame:
        """Do something in a room; it happens once, however often the frame is sent."""
        return await self.ask({"t": "cmd", "k": kind, "s": stream, "key": str(uuid4()), "d": data})

    async def event(self, kind: str) -> Frame:
        """Wait for the next event of a kind."""
        return await self.wait(lambda frame: frame["t"] == "ev" and frame["k"] == kind)

    async def wait(self, wanted: Callable[[Frame], bool]) -> Frame:
        """Return the first frame that is wanted; the others keep waiting."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for place, frame in enumerate(self._waiting):
                    if wanted(frame):
                        return self._waiting.pop(place)
                self._waiting.append(self._noted(json.loads(await self._connection.recv())))

    async def drop(self) -> None:
        """Lose the network: nothing more is read or said."""
        self._connection.transport.abort()
        await self._connection.wait_closed()

    async def close(self) -> None:
        """Say goodbye."""
        await self._connection.close()

    def _noted(self, frame: Frame) -> Frame:
        if frame["t"] == "ev" and "q" in frame and frame["s"] in self.places:
            self.places[frame["s"]][1] = frame["q"]
        return frame
