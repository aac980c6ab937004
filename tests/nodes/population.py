"""A population of phones in one process: real nodes, log and conversations; the network is played.

Everything comes from one seed: which phone drops when, which node dies, and what becomes of each
wake-up on its way between the nodes.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import orjson
from typing_extensions import override

from core import relay
from core.actor import Actor
from core.bus.local import LocalBus
from core.bus.port import LOST, Heard
from core.clock import utc_now
from core.db import Database
from realtime.connection import Connection, Realtime
from realtime.fanout import Message
from realtime.floor import Speaking
from realtime.frames import Code
from realtime.gate import Admitted
from realtime.hub import Hub
from realtime.limits import Limits
from realtime.log import DatabaseLog
from realtime.media.null import NullEngine
from realtime.showing import Showing
from realtime.stage import Stage
from tests.realtime.world import NoAlbum
from tests.support.facts import Rang
from tests.support.waiting import until_found

LIMITS = Limits(
    replay=10**6, burst=10**9, waiting=10**6, poll=0.2, sweep=0.05, patience=0.5, backlog=4096
)
ROOMS = [f"room:{number}" for number in range(6)]
#: What becomes of a wake-up between two nodes, and how often.
FATES = {"arrives": 14, "arrives twice": 2, "is late": 2, "is lost": 1, "is lost and missed": 1}
CHANCES = tuple(FATES.values())


class Weather:
    """The network between the nodes."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.buses: list[LocalBus] = []
        self._late: list[tuple[LocalBus, Heard]] = []

    def carry(self, heard: Heard) -> None:
        for bus in self.buses:
            (fate,) = self.chance.choices(list(FATES), CHANCES)
            match fate:
                case "arrives":
                    bus.publish(heard)
                case "arrives twice":
                    bus.publish(heard)
                    bus.publish(heard)
                case "is late":
                    self._late.append((bus, heard))
                case "is lost":
                    bus.publish(LOST)
                case _:  # lost, and nobody knows
                    continue

    def clear_up(self) -> None:
        """Let arrive, in any order, what is late."""
        self.chance.shuffle(self._late)
        for bus, heard in self._late:
            bus.publish(heard)
        self._late.clear()


class NodeBus(LocalBus):
    """The bus as one node has it."""

    def __init__(self, weather: Weather) -> None:
        super().__init__()
        self._weather = weather

    @override
    def publish(self, heard: Heard) -> None:
        self._weather.carry(heard)


class OpenGate:
    """Lets the phone in that names itself, and hear everything."""

    def __init__(self) -> None:
        self.turn = 0

    async def admit(self, ticket: str) -> Admitted:
        self.turn += 1
        actor = Actor(id=UUID(ticket), agency_id=UUID(int=0), device_id=UUID(ticket))
        return Admitted(actor, utc_now() + timedelta(hours=1), turn=self.turn)

    async def may_hear(self, _: Actor, __: str) -> bool:
        return True

    async def snapshot(self, _: Actor, __: str) -> dict[str, Any]:
        return {}

    async def command(self, *_: object) -> dict[str, Any]:
        return {}

    async def floor(self, _: str) -> Speaking:
        return Speaking()

    async def readers(self, _: str, __: UUID) -> frozenset[UUID]:
        return frozenset()

    async def acked(self, *_: object) -> None:
        return


class Node:
    """One process of the installation, as far as sockets are concerned."""

    def __init__(self, url: str, weather: Weather, gate: OpenGate) -> None:
        self.phones: set[Handset] = set()
        self._weather = weather
        self._inbox = LocalBus()
        bus = NodeBus(weather)
        bus.subscribe = self._inbox.subscribe  # type: ignore[method-assign]
        self.db = Database(url, tell=partial(relay.tell, bus))
        log = DatabaseLog(self.db)
        self.hub = Hub(log, bus, LIMITS, clock=utc_now)
        stage = Stage(NullEngine(), gate, self.hub, utc_now, LIMITS.media)
        showing = Showing(gate, self.hub, utc_now)
        self.realtime = Realtime(gate, log, self.hub, stage, showing, NoAlbum(), LIMITS)
        weather.buses.append(self._inbox)
        self._running = asyncio.create_task(self.hub.run())

    async def die(self) -> None:
        """End at once: nobody hears a goodbye, and what was under way stays undone."""
        self._weather.buses.remove(self._inbox)
        for phone in list(self.phones):
            phone.drop()
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        await self.db.dispose()


class Air:
    """The way to one phone: what is written waits until the phone takes it in."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []
        self.is_open = True

    def write(self, message: Message) -> bool:
        if self.is_open:
            self.waiting.append(message.data)
        return self.is_open

    def buffered(self) -> int:
        return sum(map(len, self.waiting))

    async def drained(self) -> None:
        while self.is_open and self.buffered() > LIMITS.backlog:  # noqa: ASYNC110
            await asyncio.sleep(0.001)

    def hang_up(self, _: int) -> None:
        self.is_open = False

    def on_shutdown(self, _: Callable[[], None]) -> None:
        return


@dataclass(eq=False)
class Handset:
    """A phone: what it has taken in, in strict order, and its present connection."""

    streams: list[str]
    id: UUID = field(default_factory=uuid4)
    epochs: dict[str, str] = field(default_factory=dict)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    node: Node | None = None
    _air: Air = field(default_factory=Air)
    _connection: Connection | None = None

    async def connect(self, node: Node) -> None:
        """Connect to any node; resume what is known, subscribe to the rest from its beginning."""
        self.drop()
        self.node, self._air = node, Air()
        node.phones.add(self)
        self._connection = connection = Connection(node.realtime, self._air)
        await connection.open(str(self.id))
        resume = self.places | {s: (e, 0) for s, e in self.epochs.items() if s not in self.places}
        await connection.take(orjson.dumps({"t": "hello", "v": 1, "resume": resume}).decode())

    def drop(self) -> None:
        """Lose the network: what was not taken in is gone."""
        self._air.is_open = False
        if self.node is not None and self._connection is not None:
            self._connection.end()
            self.node.phones.discard(self)
        self.node = self._connection = None

    def take_in(self) -> None:
        """Take in what has arrived."""
        arrived, self._air.waiting = self._air.waiting, []
        for raw in arrived:
            self._take(orjson.loads(raw))

    def _take(self, frame: dict[str, Any]) -> None:
        match frame["t"]:
            case "welcome":
                states = {s: told["state"] for s, told in frame["streams"].items()}
                assert set(states.values()) <= {"recovered"}, states
            case "ev" if "q" in frame:
                epoch, seen = self.places.get(frame["s"], (self.epochs[frame["s"]], 0))
                assert frame["q"] == seen + 1, (frame["s"], frame["q"], seen)
                self.places[frame["s"]] = epoch, frame["q"]
            case "reset":
                raise AssertionError(frame)
            case "bye":
                assert frame["code"] == Code.SLOW, frame
                self.drop()
            case _:  # presence, pings
                return


class Population:
    """Nodes, phones and what happens to them."""

    def __init__(self, url: str, chance: random.Random, *, nodes: int, phones: int) -> None:
        self.chance, self.url = chance, url
        self.weather, self.gate = Weather(chance), OpenGate()
        self.nodes = [self._node() for _ in range(nodes)]
        self.phones = [self._phone() for _ in range(phones)]
        self.drops = self.kills = self.facts = 0

    def _node(self) -> Node:
        return Node(self.url, self.weather, self.gate)

    def _phone(self) -> Handset:
        phone = Handset([])
        phone.streams = [f"user:{phone.id}", *self.chance.sample(ROOMS, 2)]
        return phone

    async def begin(self) -> None:
        """Give every stream its epoch, and every phone its first connection."""
        log = self.nodes[0].realtime.log
        for phone in self.phones:
            for stream in phone.streams:
                phone.epochs[stream] = (await log.mark(stream)).epoch
            await phone.connect(self.chance.choice(self.nodes))

    async def live_through(self, drops: int) -> None:
        """Let things happen until phones have dropped so often."""
        deeds: dict[Callable[[], Coroutine[Any, Any, None]], int] = {
            self._drop: 40, self._something_happens: 25, self._a_phone_reads: 100,
            self._clear_up: 10, self._a_node_dies: 1,
        }  # fmt: skip
        while self.drops < drops:
            (deed,) = self.chance.choices(list(deeds), list(deeds.values()))
            await deed()
            for _ in range(self.chance.randrange(4)):
                await asyncio.sleep(0)

    async def _drop(self) -> None:
        phone = self.chance.choice(self.phones)
        self.drops += phone.node is not None
        phone.drop()
        if self.chance.random() < 0.9:
            await phone.connect(self.chance.choice(self.nodes))

    async def _something_happens(self) -> None:
        node = self.chance.choice(self.nodes)
        streams = [*ROOMS, *(phone.streams[0] for phone in self.phones)]
        async with node.db.begin() as tx:
            for number in range(self.chance.randrange(1, 5)):
                rooms = tuple(self.chance.sample(streams, self.chance.randrange(1, 4)))
                tx.emit(Rang(rooms=rooms, number=number))
                self.facts += 1

    async def _a_phone_reads(self) -> None:
        self.chance.choice(self.phones).take_in()

    async def _clear_up(self) -> None:
        self.weather.clear_up()

    async def _a_node_dies(self) -> None:
        place = self.chance.randrange(len(self.nodes))
        await self.nodes[place].die()
        self.nodes[place] = self._node()
        self.kills += 1

    async def settle(self) -> None:
        """Let the weather clear up; every phone must end with all of its streams."""
        self.weather.clear_up()
        keys = [stream for phone in self.phones for stream in phone.streams]
        heads = await self.nodes[0].realtime.log.marks(keys)
        wanted = {s: (mark.epoch, mark.seq) for s, mark in heads.items() if mark.seq}

        async def all_have_all() -> bool:
            return all([await self._has_all(phone, wanted) for phone in self.phones])

        await until_found(all_have_all, patience=60)

    async def _has_all(self, phone: Handset, wanted: dict[str, tuple[str, int]]) -> bool:
        phone.take_in()
        if phone.node is None:  # dropped before, or cut because this machine is slow
            await phone.connect(self.chance.choice(self.nodes))
        return phone.places == {s: wanted[s] for s in phone.streams if s in wanted}

    async def end(self) -> None:
        """Stop every node."""
        for node in self.nodes:
            await node.die()


@asynccontextmanager
async def population(url: str, seed: int, *, nodes: int, phones: int) -> AsyncGenerator[Population]:
    """Bring a population to life."""
    living = Population(url, random.Random(seed), nodes=nodes, phones=phones)
    try:
        await living.begin()
        yield living
    finally:
        await living.end()
