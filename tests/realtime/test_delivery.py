"""Each durable event exactly once, in order, per subscription: under any fate of the bus.

Real connections, sessions and hub; the log is a list, the wire a list that may be slow. Wake-ups
are lost, doubled and swapped, phones drop, come back and ask for all kinds of positions.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from typing_extensions import override

from core.actor import Actor
from core.bus.local import LocalBus
from core.bus.port import Wake
from core.streams import Entry
from realtime.connection import Connection, Realtime
from realtime.fanout import Message
from realtime.floor import Speaking
from realtime.gate import Admitted
from realtime.hub import Hub
from realtime.limits import Limits
from realtime.log import Mark
from realtime.media.null import NullEngine
from realtime.showing import Showing
from realtime.stage import Stage
from tests.realtime.world import NoAlbum

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
STREAMS = ("room:1", "user:1")
LIMITS = Limits(replay=12, burst=10**9, waiting=10**6, patience=3600, settle=0)
#: How often a wake-up arrives at once; the late ones arrive another time, in the wrong order.
TIMES = {"delivered": 1, "doubled": 2, "lost": 0, "late": 0}
FATES = st.sampled_from(list(TIMES))
#: A turn of the loop for each step that any task here can take.
SETTLED = 300


class ListLog:
    """The log as lists."""

    def __init__(self) -> None:
        self.epochs = dict.fromkeys(STREAMS, "e0")
        self.entries: dict[str, list[Entry]] = {stream: [] for stream in STREAMS}

    def append(self, stream: str) -> None:
        seq = len(self.entries[stream]) + 1
        entry = Entry(stream, seq, UUID(int=seq), "test.happened", NOW, {"e": self.epochs[stream]})
        self.entries[stream].append(entry)

    def restart(self, stream: str) -> None:
        """Come back from a backup: another incarnation, with less in it."""
        self.epochs[stream] += "+"
        kept = self.entries[stream][: len(self.entries[stream]) // 2]
        self.entries[stream] = []
        for _ in kept:
            self.append(stream)

    async def mark(self, stream: str) -> Mark:
        await asyncio.sleep(0)
        return Mark(self.epochs[stream], len(self.entries[stream]))

    async def marks(self, keys: Sequence[str]) -> dict[str, Mark]:
        return {key: await self.mark(key) for key in keys}

    async def first_after(self, stream: str, after: int) -> int | None:
        await asyncio.sleep(0)
        return after + 1 if after < len(self.entries[stream]) else None

    async def read_after(self, stream: str, after: int, *, limit: int) -> list[Entry]:
        await asyncio.sleep(0)
        return self.entries[stream][after : after + min(limit, 3)]


class OpenGate:
    """Lets everybody hear everything."""

    async def admit(self, _: str) -> Admitted:
        actor = Actor(id=uuid4(), agency_id=uuid4(), device_id=uuid4())
        return Admitted(actor, NOW + timedelta(hours=1))

    async def may_hear(self, _: Actor, __: str) -> bool:
        await asyncio.sleep(0)
        return True

    async def snapshot(self, _: Actor, __: str) -> dict[str, Any]:
        await asyncio.sleep(0)
        return {}

    async def command(self, *_: object) -> dict[str, Any]:
        return {}

    async def floor(self, _: str) -> Speaking:
        return Speaking()

    async def readers(self, _: str, __: UUID) -> frozenset[UUID]:
        return frozenset()

    async def acked(self, *_: object) -> None:
        return


class ListWire:
    """A wire that checks what the phone hears as it is written."""

    def __init__(self) -> None:
        self.slow = False
        self.closed = False
        self.asked: dict[int, tuple[str, Any]] = {}
        self.left: dict[int, str] = {}
        self.resumed: dict[str, tuple[str, int]] = {}
        self.next: dict[str, tuple[str, int]] = {}

    def write(self, message: Message) -> bool:
        frame = json.loads(message.data)
        match frame["t"]:
            case "ev" if "q" in frame:
                epoch, expected = self.next[frame["s"]]
                assert (frame["q"], frame["d"]["e"]) == (expected, epoch)
                self.next[frame["s"]] = epoch, expected + 1
            case "reset":
                del self.next[frame["s"]]
            case "welcome":
                for stream, state in frame["streams"].items():
                    self._begin(stream, self.resumed[stream], state)
            case "ok" if frame["i"] in self.left:
                del self.next[self.left[frame["i"]]]
            case "ok" if frame["i"] in self.asked:
                self._begin(*self.asked.pop(frame["i"]), frame)
        return True

    def _begin(self, stream: str, start: Any, state: dict[str, Any]) -> None:
        self.next.pop(stream, None)  # a new subscription, even one in vain, ends the older one
        if state["state"] == "recovered":
            seen = start[1] if isinstance(start, tuple) else state["head"]
            assert state["n"] == state["head"] - seen
            self.next[stream] = state["ep"], seen + 1

    def buffered(self) -> int:
        return LIMITS.backlog + 1 if self.slow else 0

    async def drained(self) -> None:
        await asyncio.sleep(0)
        while self.slow and not self.closed:  # noqa: ASYNC110 a turn of the loop is its time
            await asyncio.sleep(0)

    def hang_up(self, _: int) -> None:
        self.closed = True

    def on_shutdown(self, _: Callable[[], None]) -> None:
        return


class AnyFate(RuleBasedStateMachine):
    """Whatever happens, no phone hears anything twice, out of order, or not at all."""

    wire: ListWire

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.log = ListLog()
        self.hub = Hub(self.log, LocalBus(), LIMITS, clock=lambda: NOW)
        gate = OpenGate()
        stage = Stage(NullEngine(), gate, self.hub, lambda: NOW, LIMITS.media)
        showing = Showing(gate, self.hub, lambda: NOW)
        self.realtime = Realtime(
            gate, self.log, self.hub, stage, showing, NoAlbum(), LIMITS, clock=lambda: NOW
        )
        self.late: list[Wake] = []
        self.asked = 0

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        self.runner.run(work)

    @initialize()
    def first_connection(self) -> None:
        self.wire = ListWire()
        self.phone = Connection(self.realtime, self.wire)
        self.do(self._greet({}))
        for stream in STREAMS:
            self.the_phone_subscribes(stream, "head")
        self.do(_turn(SETTLED))

    async def _greet(self, resume: dict[str, tuple[str, int]]) -> None:
        self.wire.resumed = resume
        await self.phone.open("ticket")
        await self.phone.take(json.dumps({"t": "hello", "v": 1, "resume": resume}))

    @rule(turns=st.integers(0, 20))
    def time_passes(self, turns: int) -> None:
        self.do(_turn(turns))

    @rule(stream=st.sampled_from(STREAMS), fates=st.lists(FATES, min_size=1, max_size=6))
    def it_happens(self, stream: str, fates: list[str]) -> None:
        for fate in fates:
            self.log.append(stream)
            entry = self.log.entries[stream][-1]
            wake = Wake(stream, entry.seq, entry.frame())
            if fate == "late":
                self.late.append(wake)
            for _ in range(TIMES[fate]):
                self.do(self.hub.wake(wake))

    @rule()
    def the_late_arrive(self) -> None:
        late, self.late = self.late, []
        for wake in reversed(late):
            self.do(self.hub.wake(wake))

    @rule(stream=st.sampled_from(STREAMS), start=st.sampled_from(["head", "snapshot", "resume"]))
    def the_phone_subscribes(self, stream: str, start: str) -> None:
        self.asked += 1
        epoch, following = self.wire.next.get(stream, (self.log.epochs[stream], 1))
        position = (epoch, following - 1)
        wanted = position if start == "resume" else start
        self.do(self._subscribe(stream, wanted))

    async def _subscribe(self, stream: str, wanted: Any) -> None:
        before = set(self.wire.asked)
        if any(self.wire.asked[i][0] == stream for i in before):
            return  # one at a time
        self.wire.asked[self.asked] = (stream, wanted)
        frame = {"t": "sub", "i": self.asked, "s": stream, "from": wanted}
        await self.phone.take(json.dumps(frame))

    @rule(stream=st.sampled_from(STREAMS))
    def the_phone_leaves(self, stream: str) -> None:
        if stream in self.wire.next:
            self.asked += 1
            self.wire.left[self.asked] = stream
            frame = {"t": "unsub", "i": self.asked, "s": stream}
            self.do(self.phone.take(json.dumps(frame)))

    @rule(speed=st.sampled_from(["slow", "fast"]))
    def the_phone_reads(self, speed: str) -> None:
        self.wire.slow = speed == "slow"
        self.do(_call(self.phone.tick))

    @precondition(lambda self: any(len(log) > 3 for log in self.log.entries.values()))
    @rule()
    def the_connection_drops(self) -> None:
        positions = {s: (epoch, following - 1) for s, (epoch, following) in self.wire.next.items()}
        self.wire.closed = True
        self.do(_call(self.phone.end))
        self.wire = ListWire()
        self.phone = Connection(self.realtime, self.wire)
        self.do(self._greet(positions))

    @precondition(lambda self: any(len(log) > 9 for log in self.log.entries.values()))
    @rule(stream=st.sampled_from(STREAMS))
    def a_backup_is_restored(self, stream: str) -> None:
        self.do(_turn(SETTLED))  # with the server stopped, that is: nothing is under way
        self.late = [wake for wake in self.late if wake.stream != stream]
        self.log.restart(stream)
        self.do(self.hub.poll())

    @invariant()
    def the_phone_was_not_cut(self) -> None:
        assert not (hasattr(self, "wire") and self.wire.closed)

    @override
    def teardown(self) -> None:
        if hasattr(self, "wire"):
            self.wire.slow = False
            self.do(_turn(SETTLED))
            self.do(_call(self.phone.tick))
            self.do(self.hub.poll())
            self.do(_turn(SETTLED))
            heads = {s: (self.log.epochs[s], len(self.log.entries[s]) + 1) for s in self.wire.next}
            assert self.wire.next == heads
        self.runner.close()


async def _turn(turns: int) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)


async def _call(work: Callable[[], None]) -> None:
    work()


TestAnyFate = AnyFate.TestCase
TestAnyFate.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
