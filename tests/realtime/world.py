"""A small world around the sockets: a real server, log and bus; only the gate is played."""

import asyncio
import itertools
import json
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, Self
from uuid import UUID, uuid4

from fastapi import FastAPI
from sqlmodel import SQLModel
from typing_extensions import override
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from core import relay
from core.actor import Actor
from core.bus.local import LocalBus
from core.bus.port import Bus
from core.clock import utc_now
from core.db import Database
from core.errors import Forbidden, NotFound
from core.events import Event
from core.sessions import TicketRefused
from core.streams import Fact, Stream, StreamEntry
from realtime import endpoint
from realtime.connection import Realtime
from realtime.errors import UnknownCommand
from realtime.floor import Speaking
from realtime.gate import Admitted
from realtime.hub import Hub
from realtime.limits import Limits
from realtime.log import DatabaseLog
from realtime.media.null import NullEngine
from realtime.media.port import Engine
from realtime.pictures import Picture, Wanted
from realtime.showing import Showing
from realtime.stage import Stage
from tests.support.serving import served

PATIENCE = 10
_TURNS = itertools.count(1)
ROOM = "room:m1"
Frame = dict[str, Any]


class PageTurned(Event):
    """Somebody turned a page."""

    name: ClassVar[str] = "test.page_turned"

    stream: str = ROOM
    page: int
    padding: str = ""

    @override
    def topics(self) -> frozenset[str]:
        return frozenset({self.stream})


@dataclass
class PlayedGate:
    """The gate as the tests need it: tickets are used up, `hidden` streams are heard by nobody."""

    db: Database
    tickets: dict[str, Actor] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    acks: list[tuple[str, int]] = field(default_factory=list)
    stays: timedelta = timedelta(minutes=5)
    fails: bool = False
    turns: Iterator[int] = _TURNS
    state: dict[str, Any] = field(default_factory=lambda: {"page": 1})
    floors: dict[str, Speaking] = field(default_factory=dict)
    #: Who may read which paper.
    papers: dict[UUID, frozenset[UUID]] = field(default_factory=dict)

    def ticket(self, device: UUID | None = None) -> str:
        """Give a ticket to a new official."""
        ticket = uuid4().hex
        self.tickets[ticket] = Actor(id=uuid4(), agency_id=uuid4(), device_id=device or uuid4())
        return ticket

    async def admit(self, ticket: str) -> Admitted:
        if self.fails:
            raise OSError("the database is away")
        try:
            actor = self.tickets.pop(ticket)
            return Admitted(actor, utc_now() + self.stays, turn=next(self.turns))
        except KeyError:
            raise TicketRefused from None

    async def may_hear(self, _: Actor, stream: str) -> bool:
        return stream not in self.hidden

    async def snapshot(self, _: Actor, __: str) -> dict[str, Any]:
        return self.state

    async def command(
        self, _: Actor, kind: str, stream: str, __: UUID, data: dict[str, Any]
    ) -> dict[str, Any]:
        if kind == "page.turn":
            async with self.db.begin() as tx:
                tx.emit(PageTurned(stream=stream, page=data["page"]))
            return {"page": data["page"]}
        if kind == "page.forbidden":
            raise Forbidden(needs="leader")
        raise UnknownCommand(kind=kind)

    async def floor(self, stream: str) -> Speaking:
        return self.floors.get(stream, Speaking())

    async def readers(self, _: str, document_id: UUID) -> frozenset[UUID]:
        return self.papers.get(document_id, frozenset())

    async def acked(self, _: Actor, stream: str, seq: int) -> None:
        self.acks.append((stream, seq))


class PlayedAlbum:
    """Pictures as the tests need them: page n of any paper, or a refusal."""

    def __init__(self) -> None:
        self.pages: dict[int, bytes] = {}
        self.asked: list[int] = []
        #: While it is not set, no picture comes.
        self.open = asyncio.Event()
        self.open.set()

    async def picture(self, _: Actor, __: str, wanted: Wanted) -> Picture:
        self.asked.append(wanted.page)
        await self.open.wait()
        if wanted.page not in self.pages:
            raise NotFound
        data = self.pages[wanted.page]
        etag = sha256(data).hexdigest()
        return Picture(etag, "image/jpeg", b"" if wanted.have == etag else data)


class NoAlbum:
    """No pictures at all."""

    async def picture(self, *_: object) -> Picture:
        raise NotFound


class Phone:
    """A phone's end of the socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.events: list[Frame] = []
        self.parts: list[bytes] = []

    async def say(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def hear(self) -> Frame:
        async with asyncio.timeout(PATIENCE):
            while isinstance(said := await self.socket.recv(), bytes):
                self.parts.append(said)
            frame: Frame = json.loads(said)
        if "q" in frame:
            self.events.append(frame)
        return frame

    async def wait_for(self, matches: Callable[[Frame], bool]) -> Frame:
        while not matches(frame := await self.hear()):
            pass
        return frame

    async def wait_for_kind(self, kind: str) -> Frame:
        return await self.wait_for(lambda frame: frame.get("k") == kind)

    async def wait_until_at(self, seq: int) -> list[int]:
        """Hear events until position `seq`; return all positions in the order they came."""
        if not (self.events and self.events[-1]["q"] >= seq):
            await self.wait_for(lambda frame: frame.get("q") == seq)
        return [event["q"] for event in self.events]

    async def ask(self, **frame: Any) -> Frame:
        """Send a request and return its answer."""
        await self.say(**frame)
        return await self.wait_for(lambda answer: answer.get("i") == frame["i"])

    async def hello(self, **resume: tuple[str, int]) -> Frame:
        await self.say(t="hello", v=1, resume=resume)
        return await self.wait_for(lambda frame: frame["t"] == "welcome")

    async def subscribe(self, stream: str = ROOM, start: Any = "head") -> Frame:
        return await self.ask(t="sub", i=1, s=stream, **{"from": start})

    async def turn(self, page: int, stream: str = ROOM) -> Frame:
        return await self.ask(
            t="cmd", i=page, k="page.turn", s=stream, key=str(uuid4()), d={"page": page}
        )

    async def end(self) -> int:
        """Hear everything there is, and return the code the server closed with."""
        with suppress(ConnectionClosed):
            while True:
                await self.hear()
        return self.socket.close_code or 0


class World:
    """One process of the product, as far as sockets are concerned."""

    def __init__(
        self, folder: Path, limits: Limits, *, options: dict[str, Any], bus: Bus | None = None,
        engine: Engine | None = None,
    ) -> None:  # fmt: skip
        self.bus = bus or LocalBus()
        url = f"sqlite+aiosqlite:///{folder / 'test.db'}"
        self.db = Database(url, tell=partial(relay.tell, self.bus))
        self.gate = PlayedGate(self.db)
        log = DatabaseLog(self.db)
        self.hub = Hub(log, self.bus, limits, clock=utc_now)
        self.stage = Stage(engine or NullEngine(), self.gate, self.hub, utc_now, limits.media)
        showing = Showing(self.gate, self.hub, utc_now)
        self.album = PlayedAlbum()
        self.realtime = Realtime(self.gate, log, self.hub, self.stage, showing, self.album, limits)
        self.app = FastAPI()
        self.app.state.realtime = self.realtime
        self.app.include_router(endpoint.router)
        self._options = options
        self._running, self._phones = AsyncExitStack(), AsyncExitStack()

    async def __aenter__(self) -> Self:
        tables = [SQLModel.metadata.tables[t.__tablename__] for t in (Fact, Stream, StreamEntry)]
        async with self.db.engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.create_all, tables=tables)
        self.served = await self._running.enter_async_context(served(self.app, **self._options))
        self.port = self.served.port
        self._work = asyncio.gather(self.hub.run(), self.stage.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._phones.aclose()
        await self._running.aclose()
        self._work.cancel()
        await asyncio.gather(self._work, return_exceptions=True)
        await self.db.dispose()

    async def dial(self, *protocols: str, query: str = "", **options: Any) -> Phone:
        """Open a socket that offers `protocols`, and say nothing."""
        names = [Subprotocol(name) for name in protocols] or None
        url = f"ws://127.0.0.1:{self.port}/realtime{query}"
        opening = connect(url, subprotocols=names, ping_interval=None, proxy=None, **options)
        return Phone(await self._phones.enter_async_context(opening))

    async def phone(self, device: UUID | None = None, **options: Any) -> Phone:
        """Open a socket with a good ticket."""
        ticket = self.gate.ticket(device)
        return await self.dial("khonggiay.v1", f"ticket.{ticket}", **options)

    async def listener_in(self, stream: str = ROOM) -> Phone:
        """Return a phone that hears `stream` from now on."""
        phone = await self.phone()
        await phone.hello()
        await phone.subscribe(stream)
        return phone

    async def turn_pages(self, *pages: int, stream: str = ROOM, padding: str = "") -> None:
        """Let durable events happen, one transaction each."""
        for page in pages:
            async with self.db.begin() as tx:
                tx.emit(PageTurned(stream=stream, page=page, padding=padding))


@asynccontextmanager
async def running(
    folder: Path,
    limits: Limits | None = None,
    options: dict[str, Any] | None = None,
    bus: Bus | None = None,
    engine: Engine | None = None,
) -> AsyncGenerator[World]:
    """Run a world; `options` are uvicorn's, and two worlds of one bus are two nodes."""
    fast = endpoint.SERVER_OPTIONS if options is None else options
    async with World(folder, limits or Limits(), options=fast, bus=bus, engine=engine) as world:
        yield world


async def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 the server's inside has no event for tests
            await asyncio.sleep(0)
