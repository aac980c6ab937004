"""One event to 1,000 sockets: CPU for each message, rate, and how late the last phones are."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import crowds, packages, processes
from bench.harness import Report, interleaved, is_quick, note, percentile
from bench.processes import PYTHON, Server, free_port
from bench.sockets import Control, Crowd, same_for_all
from bench.world import Room

PHONES = 100 if is_quick() else 1000
ROUNDS = 2 if is_quick() else 5
#: Saturated: as fast as it goes. Paced: the pages of a meeting, faster than anybody turns them.
SATURATED, PACED, PACE = (20, 5, 0.2) if is_quick() else (100, 15, 0.2)
OURS, RAW, BROADCAST = "khonggiay", "raw asyncio protocol, pre-framed", "websockets.broadcast()"
NODE_WS, UWS, SOCKETIO = "node ws", "uWebSockets.js", "python-socketio"


@dataclass
class Runner:
    """A server with its crowd."""

    server: Server
    control: Control
    crowd: Crowd
    rates: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)

    def saturated(self) -> float:
        """Publish as fast as it goes; return the µs of CPU for each message."""
        before, cpu = list(self.crowd.received), self.server.cpu_seconds()
        since = time.perf_counter()
        self.control.publish(SATURATED)
        for _ in range(SATURATED):
            self.control.published()
        last = self.crowd.settle()
        messages = SATURATED * len(self.crowd)
        self._must_all_have_got(before)
        self.rates.append(messages / (last - since))
        return (self.server.cpu_seconds() - cpu) * 1e6 / messages

    def paced(self) -> float:
        """Publish at a meeting's pace; return the 99th percentile of the delay, in ms."""
        before = list(self.crowd.received)
        self.control.publish(PACED, PACE)
        late = []
        for _ in range(PACED):
            out = self.control.published()
            late += [arrived - out for arrived in self.crowd.wait(crowds.EVENT)]
        self._must_all_have_got(before)
        self.late += late
        return percentile(late, 0.99) * 1e3

    def _must_all_have_got(self, before: list[int]) -> None:
        got = [now - then for now, then in zip(self.crowd.received, before, strict=True)]
        if not same_for_all(got) or not got[0]:
            raise RuntimeError(f"not everybody got the same: {sorted(set(got))[:5]} bytes")


def measure(report: Report, folder: Path, room: Room) -> None:
    """Measure ours and every peer that can be had, side by side."""
    note(f"phone: fan-out to {PHONES} sockets ...")
    with ExitStack() as stack:
        runners = {OURS: stack.enter_context(_ours(folder, room))}
        for name, command, environment in _peers():
            greet = _join_socketio if name == SOCKETIO else _join
            runners[name] = stack.enter_context(_peer(command, environment, greet))
        cpu = interleaved(ROUNDS, {name: run.saturated for name, run in runners.items()})
        rate = {name: percentile(run.rates, 0.5) for name, run in runners.items()}
        note("phone: the same at 5 events a second ...")
        both = {name: run.paced for name, run in runners.items() if name in {OURS, RAW}}
        late = interleaved(ROUNDS, both)
    _report(report, cpu, rate, late)


def _report(
    report: Report, cpu: dict[str, float], rate: dict[str, float], late: dict[str, float]
) -> None:
    goals = {
        BROADCAST: "ratio <= 0.75",
        NODE_WS: "ratio <= 1",
        SOCKETIO: "ratio <= 0.12",
        UWS: "ratio <= 1.3",
        RAW: None,
    }
    case = f"one event to {PHONES} sockets"
    for name, goal in goals.items():
        if name in cpu:
            against = (name, cpu[name])
            report.add(f"{case}: a message", "µs CPU", cpu[OURS], goal=goal, against=against)
    report.add(
        f"{case}: rate", "1/s", rate[OURS], goal="ratio >= 1.2",
        against=(BROADCAST, rate[BROADCAST]),
    )  # fmt: skip
    report.add(
        f"{case}: 5 a second, p99 from commit to frame", "ms", late[OURS], goal="ratio <= 1.1",
        against=(RAW, late[RAW]),
    )  # fmt: skip


def _peers() -> Iterator[tuple[str, list[str], dict[str, str]]]:
    yield BROADCAST, [PYTHON, "-m", "bench.peers.broadcast"], {}
    yield RAW, [PYTHON, "-m", "bench.peers.raw"], {}
    node, library = packages.node_path(), packages.python_path()
    if node is not None:
        yield NODE_WS, ["node", "bench/peers/ws.cjs"], {"NODE_PATH": node}
        yield UWS, ["node", "bench/peers/uws.cjs"], {"NODE_PATH": node}
    if library is not None:
        yield SOCKETIO, [PYTHON, "-m", "bench.peers.sio"], {"PYTHONPATH": library}


@contextmanager
def _ours(folder: Path, room: Room) -> Iterator[Runner]:
    hall = crowds.hall(folder, room)
    crowd = Crowd(hall.server.port)
    try:
        crowds.come_in(hall, crowd, PHONES)
        crowd.settle(1.0)
        yield Runner(hall.server, hall.control, crowd)
    finally:
        crowd.close()
        hall.close()


@contextmanager
def _peer(
    command: list[str], environment: dict[str, str], join: Callable[[Crowd], None]
) -> Iterator[Runner]:
    port, control = free_port(), free_port()
    server = processes.start(
        [*command, str(port), str(control)], port=port, environment=environment
    )
    processes.listens(port)
    processes.listens(control)
    crowd, line = Crowd(port), Control(control)
    try:
        join(crowd)
        crowd.settle(1.0)
        yield Runner(server, line, crowd)
    finally:
        crowd.close()
        line.close()
        server.stop(signal.SIGKILL)


def _join(crowd: Crowd) -> None:
    crowd.open("/", [""] * PHONES)


def _join_socketio(crowd: Crowd) -> None:
    crowd.open("/socket.io/?EIO=4&transport=websocket", [""] * PHONES)
    crowd.say("40")
    crowd.wait(b"40{")
