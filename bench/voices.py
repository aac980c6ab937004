"""What voices cost: a hall that listens to three, with the engines side by side."""

import asyncio
import fractions
import json
import os
import struct
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from aiortc import RTCRtpReceiver
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtp import RtpPacket
from av import Packet
from typing_extensions import override
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from bench.harness import Report, is_quick, note, percentile
from bench.processes import PYTHON, SERVER_CORE
from tests.realtime.world import ROOM, Phone
from tests.support.calls import Call, offering
from tests.support.janus import JanusServer, janus_server
from tests.support.namespaces import namespace

LISTENERS, SECONDS, CHANGES = (5, 2, 3) if is_quick() else (100, 10, 20)
SPEAKERS = 3
RATE, SAMPLES = 48_000, 960
#: Opus of some 32 kbit/s; in front of it, when it was sent and by whom.
VOICE, STAMP = bytes(72), struct.Struct("!QBI")
LOOPBACK = "127.0.0.1"
JOINING = 120


class Stamped(MediaStreamTrack):
    """Packets of a voice's size and pace, each with the moment and the speaker in it."""

    kind = "audio"

    def __init__(self, number: int) -> None:
        super().__init__()
        self.sent = 0
        self._number, self._began = number, time.monotonic()

    @override
    async def recv(self) -> Any:
        due = self._began + self.sent * SAMPLES / RATE - time.monotonic()
        await asyncio.sleep(max(0.0, due))
        packet = Packet(STAMP.pack(time.monotonic_ns(), self._number, self.sent) + VOICE)
        packet.pts, packet.time_base = self.sent * SAMPLES, fractions.Fraction(1, RATE)
        self.sent += 1
        return packet


@dataclass
class Heard:
    """What all listeners together got."""

    late: list[float] = field(default_factory=list)
    counts: bool = False
    #: By speaker: since when somebody waits for them, and when they were first heard.
    first: dict[int, float] = field(default_factory=dict)
    #: By receive slot and speaker: the numbers of the packets that came.
    came: defaultdict[tuple[int, int], set[int]] = field(default_factory=lambda: defaultdict(set))

    def taker(self) -> Callable[..., Awaitable[None]]:
        """Return what counts packets in the decoder's stead: that is no cost of the server's."""

        async def take(slot: RTCRtpReceiver, packet: RtpPacket, arrival_time_ms: int) -> None:
            del arrival_time_ms
            sent, number, count = STAMP.unpack(packet.payload[: STAMP.size])
            if self.counts:
                self.late.append((time.monotonic_ns() - sent) / 1e6)
                self.came[id(slot), number].add(count)
            self.first.setdefault(number, time.monotonic())

        return take

    def lost(self) -> float:
        """Return how many packets in a hundred are missing between the first and the last."""
        sent = sum(max(numbers) - min(numbers) + 1 for numbers in self.came.values())
        return 100 * (1 - sum(map(len, self.came.values())) / sent)


@dataclass(frozen=True)
class Serving:
    """A server under test, and whatever else works for it."""

    process: subprocess.Popen[bytes]
    beside: tuple[int, ...]

    def floor(self, *speakers: int) -> None:
        """Give the floor."""
        said = self.process.stdin
        if said is None:
            raise RuntimeError("the server was started without a line to it")
        said.write(" ".join(map(str, speakers)).encode() + b"\n")
        said.flush()

    def cpu_seconds(self) -> float:
        """Return the CPU time of all of it so far."""
        times = [psutil.Process(one).cpu_times() for one in (self.process.pid, *self.beside)]
        return sum(one.user + one.system for one in times)


def voices(report: Report) -> None:
    """Let a hall listen over each engine that is there."""
    _measured(report, "aiortc", LOOPBACK, LOOPBACK, ())
    try:
        with ExitStack() as stack:
            janus, network, pid = _janus(stack)
            _measured(report, "janus", janus.url, network, (pid,))
    except (OSError, RuntimeError) as absent:
        note(f"  not measured over Janus: {absent}")


def _janus(stack: ExitStack) -> tuple[JanusServer, str, int]:
    network = stack.enter_context(namespace())
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kg-bench-")))
    server = stack.enter_context(janus_server(network, folder))
    return server, network.outside, _pid_of("janus", str(folder))


def _pid_of(name: str, folder: str) -> int:
    """Return the process of that name that works on a folder; others are not ours."""
    for one in psutil.process_iter(["name", "cmdline"]):
        if one.info["name"] == name and folder in one.info["cmdline"]:
            return int(one.pid)
    raise RuntimeError(f"{name} does not run")


def _measured(
    report: Report, engine: str, where: str, address: str, beside: tuple[int, ...]
) -> None:
    note(f"voices: {LISTENERS} listen to {SPEAKERS} over {engine} ...")
    with _serving(engine, where, beside) as (serving, told):
        cores, heard, changes = asyncio.run(_listen(serving, told, address))
    case = f"{LISTENERS} listeners, {SPEAKERS} speakers over {engine}"
    report.add(f"{case}: the server's work", "cores", cores, goal="ours <= 0.7")
    report.add(f"{case}: packets lost", "%", heard.lost(), goal="ours <= 0")
    report.add(f"{case}: p99 from speaker to listener", "ms", percentile(heard.late, 0.99),
               goal="ours <= 20")  # fmt: skip
    report.add(f"{case}: p99 until a new speaker is heard", "ms",
               percentile(changes, 0.99) * 1e3, goal="ours <= 300")  # fmt: skip


@contextmanager
def _serving(
    engine: str, where: str, beside: tuple[int, ...]
) -> Iterator[tuple[Serving, dict[str, Any]]]:
    people = LISTENERS + SPEAKERS + 1
    process = subprocess.Popen(
        [PYTHON, "-m", "bench.peers.voices", engine, where, str(people)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=lambda: os.sched_setaffinity(0, {SERVER_CORE}),  # noqa: PLW1509 - before exec
    )
    try:
        if process.stdout is None:
            raise RuntimeError("the server tells nothing")
        yield Serving(process, beside), json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


async def _listen(
    serving: Serving, told: dict[str, Any], address: str
) -> tuple[float, Heard, list[float]]:
    heard = Heard()
    setattr(RTCRtpReceiver, "_handle_rtp_packet", heard.taker())  # noqa: B010 - a private name
    async with AsyncExitStack() as stack, asyncio.timeout(JOINING + SECONDS + CHANGES):
        await stack.enter_async_context(offering(address))
        calls = [await _caller(stack, told["port"], one) for one in told["tickets"]]
        for who, one in enumerate(calls[: SPEAKERS + 1]):
            await one.send(Stamped(who))
        for call in calls[SPEAKERS + 1 :]:
            await call.listen()
        serving.floor(*range(SPEAKERS))
        while len(heard.first) < SPEAKERS:  # noqa: ASYNC110 - a packet sets no event
            await asyncio.sleep(0.01)
        return await _steady(serving, heard), heard, await _changes(serving, heard)


async def _steady(serving: Serving, heard: Heard) -> float:
    """Listen for a while; return how many cores the server used."""
    since, cpu = time.monotonic(), serving.cpu_seconds()
    heard.counts = True
    await asyncio.sleep(SECONDS)
    heard.counts = False
    return (serving.cpu_seconds() - cpu) / (time.monotonic() - since)


async def _changes(serving: Serving, heard: Heard) -> list[float]:
    """Let the floor go to and fro; return how long it took until the new speaker was heard."""
    took = []
    for turn in range(CHANGES):
        speaker = SPEAKERS if turn % 2 == 0 else 0
        heard.first.pop(speaker, None)
        since = time.monotonic()
        serving.floor(speaker, 1, 2)
        while speaker not in heard.first:  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.001)
        took.append(heard.first[speaker] - since)
        await asyncio.sleep(0.2)
    return took


async def _caller(stack: AsyncExitStack, port: int, ticket: str) -> Call:
    protocols = [Subprotocol("khonggiay.v1"), Subprotocol(f"ticket.{ticket}")]
    url = f"ws://{LOOPBACK}:{port}/realtime"
    socket = await stack.enter_async_context(connect(url, subprotocols=protocols, proxy=None))
    phone, asked = Phone(socket), iter(range(10, 1000))
    await phone.hello()
    await phone.subscribe()

    async def ask(kind: str, data: dict[str, Any]) -> dict[str, Any]:
        answer = await phone.ask(t="cmd", i=next(asked), k=kind, s=ROOM, d=data)
        if answer["t"] == "err":
            raise RuntimeError(answer["code"])
        return dict(answer["d"])

    call = Call(ask)
    stack.push_async_callback(call.close)
    return call
