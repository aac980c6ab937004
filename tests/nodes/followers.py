"""A phone that follows streams over real sockets, on any node, and checks every position."""

import asyncio
import json
from contextlib import suppress
from typing import Any
from uuid import uuid4

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from api.demo.phone import Phone, Refused
from tests.nodes.installation import Installation
from tests.support.server import Server

Frame = dict[str, Any]
_GONE = (OSError, WebSocketException, TimeoutError, httpx.TransportError, Refused)


class Follower:
    """One device: connects anew for ever, resumes by position, and knows no node."""

    def __init__(self, installation: Installation, phone: Phone, *streams: str) -> None:
        self.phone = phone
        self.streams = streams
        self.places: dict[str, tuple[str, int]] = {}
        self.heard: dict[str, list[str]] = {stream: [] for stream in streams}
        self.closed_with: list[int] = []
        self.resets: list[Frame] = []
        self.connections = 0
        self.only: Server | None = None
        self._installation = installation
        self._socket: ClientConnection | None = None
        self._answers: dict[int, asyncio.Future[Frame]] = {}
        self._asked = 0

    async def follow(self) -> None:
        """Follow until cancelled."""
        while True:
            with suppress(*_GONE):
                await self._converse()
            for answer in self._answers.values():
                answer.cancel()
            self._answers.clear()
            self._socket = None
            await asyncio.sleep(0.02)  # what a phone would wait, drawn short

    @property
    def is_settled(self) -> bool:
        """Whether it is connected and hears all of its streams."""
        return self._socket is not None and set(self.places) == set(self.streams)

    def drop(self) -> None:
        """Lose the network."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def command(self, stream: str, kind: str, **data: Any) -> Frame:
        """Do something once, however often the network has to be asked for it."""
        key = str(uuid4())
        while True:
            with suppress(*_GONE, asyncio.InvalidStateError):
                return await self._ask({"t": "cmd", "k": kind, "s": stream, "key": key, "d": data})
            await asyncio.sleep(0.02)  # the same again, on the next connection

    async def _converse(self) -> None:
        node = self.only or self._installation.any_node()
        names = [Subprotocol("khonggiay.v1"), Subprotocol(f"ticket.{await self.phone.ticket()}")]
        url = node.url.replace("http", "ws", 1) + "/realtime"
        async with connect(url, subprotocols=names, proxy=None, open_timeout=5) as socket:
            await socket.send(json.dumps({"t": "hello", "v": 1, "resume": self.places}))
            self.connections += 1
            async for said in socket:
                await self._take(socket, json.loads(said))

    async def _take(self, socket: ClientConnection, frame: Frame) -> None:
        match frame["t"]:
            case "welcome":
                states = {told["state"] for told in frame["streams"].values()}
                assert states <= {"recovered"}, frame
                self._socket = socket
                for number, stream in enumerate(self.streams):
                    if stream not in self.places:
                        ask = {"t": "sub", "i": number, "s": stream, "from": "snapshot"}
                        await socket.send(json.dumps(ask))
            case "ok" if "snap" in frame:
                self.places[self.streams[frame["i"]]] = frame["ep"], frame["head"]
            case "ok" | "err" if frame["i"] in self._answers:
                self._answers.pop(frame["i"]).set_result(frame)
            case "ev" if "q" in frame:
                self._note(frame)
            case "reset" | "bye":
                self._part(frame)
            case _:  # presence, pings
                return

    def _part(self, frame: Frame) -> None:
        if frame["t"] == "bye":
            self.closed_with.append(frame["code"])
        else:
            self.resets.append(frame)

    def _note(self, frame: Frame) -> None:
        epoch, seen = self.places[frame["s"]]
        assert frame["q"] == seen + 1, (frame, seen)
        self.places[frame["s"]] = epoch, frame["q"]
        self.heard[frame["s"]].append(frame["k"])

    async def _ask(self, frame: Frame) -> Frame:
        if self._socket is None:
            raise TimeoutError
        self._asked += 1
        number = 100 + self._asked
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        await self._socket.send(json.dumps(frame | {"i": number}))
        try:
            async with asyncio.timeout(5):
                return await answer
        except asyncio.CancelledError:
            if answer.cancelled():  # the connection went, not we
                raise TimeoutError from None
            raise
