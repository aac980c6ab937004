"""Somebody in a room with one socket, which comes back to its place however it was lost."""

import asyncio
import json
import random
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

import websockets
from websockets.asyncio.client import ClientConnection
from websockets.typing import Subprotocol

from api.demo.phone import Phone, Refused
from tests.journeys.room import GONE
from tests.support.server import PATIENCE

Frame = dict[str, Any]
#: The longest wait before a phone connects anew; each draws its own.
LONGEST_WAIT = 0.3


class Heard(NamedTuple):
    """A durable event as it arrived."""

    seq: int
    name: str
    id: str


class Attendee:
    """A phone in a room: what it heard in the order in which it came, and what it still asks.

    `wrong` is by how many seconds its own clock is ahead of the true one.
    """

    def __init__(self, phone: Phone, url: str, room: str, *, wrong: float = 0.0) -> None:
        self.heard: list[Heard] = []
        self.room = room
        self._wrong, self._behind, self._greeted_at = wrong, 0.0, 0.0
        self._floor: Frame = {}
        self._phone, self._url = phone, url
        self._place: list[Any] | None = None
        self._asked: dict[int, tuple[Frame, asyncio.Future[Frame]]] = {}
        self._socket: ClientConnection | None = None
        self._arrived = asyncio.Event()
        self._numbers = 1
        self._running = asyncio.create_task(self._run())

    async def say(self, kind: str, **data: Any) -> Frame:
        """Do something in the room until it is acknowledged; the key gives it one effect."""
        self._numbers += 1
        frame = {"t": "cmd", "i": self._numbers, "k": kind, "s": self.room, "key": str(uuid4()),
                 "d": data}  # fmt: skip
        answered: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._asked[self._numbers] = frame, answered
        if self._socket is not None:
            with suppress(*GONE):
                await self._socket.send(json.dumps(frame))
        answer = await self._unless_broken(answered)
        assert answer["t"] == "ok", (kind, answer)
        told: Frame = answer.get("d") or {}
        return told

    async def has_heard(self, seq: int) -> None:
        """Wait until the event at a position has come."""
        await self._until(lambda: bool(self.heard) and self.heard[-1].seq >= seq)

    async def is_in(self) -> None:
        """Wait until the room is heard."""
        await self._until(lambda: self._place is not None)

    async def sees_a_speech(self) -> None:
        """Wait until a timer runs."""
        await self._until(lambda: bool(self._floor.get("started_at")))

    async def _until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            self._arrived.clear()
            await self._unless_broken(asyncio.ensure_future(self._arrived.wait()))

    def rest(self) -> float:
        """How many seconds this phone shows that whoever speaks has left."""
        started_at = datetime.fromisoformat(self._floor["started_at"]).timestamp()
        given = float(self._floor["budget_ms"] - self._floor["spent_ms"]) / 1000
        return given - (self._time() + self._behind - started_at)

    def _time(self) -> float:
        return time.time() + self._wrong

    async def close(self) -> None:
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)

    async def _unless_broken(self, work: "asyncio.Future[Any]") -> Any:
        """Wait for something; what this phone itself stumbled over is not waited for in vain."""
        async with asyncio.timeout(3 * PATIENCE):
            await asyncio.wait({work, self._running}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            work.cancel()
            self._running.result()
        return await work

    async def _run(self) -> None:
        while True:
            try:
                await self._converse()
            except Refused as refusal:
                if refusal.answer.status_code == 401:
                    with suppress(*GONE):
                        await self._phone.refresh()
            except GONE:
                pass
            self._socket = None
            await asyncio.sleep(random.uniform(0.05, LONGEST_WAIT))

    async def _converse(self) -> None:
        ticket = await self._phone.ticket()
        async with websockets.connect(
            self._url.replace("http", "ws", 1) + "/realtime",
            subprotocols=[Subprotocol("khonggiay.v1"), Subprotocol(f"ticket.{ticket}")],
            compression=None, ping_interval=None, close_timeout=0.1,
        ) as socket:  # fmt: skip
            resume = {} if self._place is None else {self.room: self._place}
            self._greeted_at = self._time()
            await socket.send(json.dumps({"t": "hello", "v": 1, "resume": resume}))
            async for said in socket:
                await self._take(socket, json.loads(said))

    def _set_clock(self, welcome: Frame) -> None:
        """Learn the server's time: it was said between `hello` and now."""
        said = datetime.fromisoformat(welcome["now"]).timestamp()
        self._behind = said - (self._greeted_at + self._time()) / 2

    async def _take(self, socket: ClientConnection, frame: Frame) -> None:
        if frame["t"] == "welcome":
            self._set_clock(frame)
        match frame["t"]:
            case "welcome" if self._place is None:
                sub = {"t": "sub", "i": 1, "s": self.room, "from": "snapshot"}
                await socket.send(json.dumps(sub))
            case "welcome":
                resumed = frame["streams"][self.room]
                assert resumed["state"] == "recovered", resumed
                await self._go_on(socket)
            case "ok" if frame["i"] == 1:
                self._place = [frame["ep"], frame["head"]]
                self._arrived.set()
                await self._go_on(socket)
            case "ok" | "err":
                self._answered(frame)
            case "ev" if "q" in frame:
                self._hear(frame)
            case "reset":
                raise AssertionError(frame)
            case _:
                return

    async def _go_on(self, socket: ClientConnection) -> None:
        """Say again whatever was not acknowledged."""
        self._socket = socket
        for frame, _ in tuple(self._asked.values()):
            await socket.send(json.dumps(frame))

    def _answered(self, frame: Frame) -> None:
        if frame.get("retry") is not None:
            return  # a fault of a dying server: said again on the next line
        _, answered = self._asked.pop(frame["i"], (None, None))
        if answered is not None and not answered.done():
            answered.set_result(frame)

    def _hear(self, frame: Frame) -> None:
        if self._place is None:
            raise AssertionError(frame)
        if frame["k"] == "meeting.floor_moved":
            self._floor = frame["d"]
        self.heard.append(Heard(frame["q"], frame["k"], frame["id"]))
        self._place = [self._place[0], frame["q"]]
        self._arrived.set()
