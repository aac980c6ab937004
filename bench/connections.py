"""Many sockets of our own application: what they hold, what they do when it gets hard."""

import asyncio
import json
import signal
import socket
import time
from contextlib import closing
from pathlib import Path

from bench import crowds, load, world
from bench.crowds import EVENT, Hall
from bench.harness import Report, is_quick, note, percentile
from bench.processes import PATIENCE
from bench.sockets import HANDSHAKE, Crowd, masked
from bench.world import Room

FEW, MANY = (50, 200) if is_quick() else (1000, 10_000)
MISSED = 50
TURNS, PACE = (5, 0.2) if is_quick() else (25, 0.2)
#: A window this small makes the server hold what a stuck phone does not read.
TINY = 2048
#: Snapshots of some 27 KB that a stuck phone asks for when the kernel is full: they wait in the
#: server, more than it likes and less than it bears.
AFTERWARDS, PAUSE = 14, 0.1
#: How the kernel writes that a connection is open, and how often it is asked.
ESTABLISHED, SOON = "01", 0.02
#: A server that has not grown for so long has loaded everything.
SETTLES = 3.0


def idle(report: Report, folder: Path, room: Room) -> None:
    """Hold phones that hear their room and say nothing."""
    note(f"phone: {FEW}, then {MANY} idle connections ...")
    hall = crowds.hall(folder, room)
    with closing(Crowd(hall.server.port)) as crowd, closing(hall):
        before = _at_rest(hall)
        crowds.come_in(hall, crowd, FEW)
        crowd.settle(1.0)
        each = (hall.server.memory() - before) * 1e6 / 1024 / FEW
        report.add(
            f"memory of one of {FEW} idle, authenticated connections", "KiB", each,
            goal="ours <= 35",
        )  # fmt: skip
        many = min(MANY, len(room.phones))
        crowds.come_in(hall, crowd, many - FEW)
        crowd.settle(1.0)
        whole = hall.server.memory() * 1e6 / 1024**2
        report.add(f"memory of one process with {many} idle connections", "MiB", whole,
                   goal="ours <= 400")  # fmt: skip


def stuck(report: Report, folder: Path, room: Room) -> None:
    """One phone asks for much and reads nothing, among many that do."""
    note(f"phone: one stuck reader among {FEW} ...")
    hall = crowds.hall(folder, room)
    with closing(Crowd(hall.server.port)) as crowd, closing(hall):
        crowds.come_in(hall, crowd, FEW)
        crowd.settle(1.0)
        before = _p99(hall, crowd)
        with closing(_stuck_phone(hall)) as phone:
            _ask_without_reading(phone, room.table)
            since = time.perf_counter()
            beside = _p99(hall, crowd)
            cut = _when_cut(phone) - since
        usual = (before + _p99(hall, crowd)) / 2
    report.add(
        f"p99 of {FEW} phones with a stuck one among them", "ms", beside,
        goal="ratio <= 1.1", against=("the same before and after", usual),
    )  # fmt: skip
    report.add(
        "a stuck phone is cut, from some 400 KB waiting in the server", "s", cut, goal="ours <= 5"
    )


def resume(report: Report, folder: Path, room: Room) -> None:
    """All phones lose the network, miss some events, and come back at once."""
    note(f"phone: {FEW} phones resume after {MISSED} missed events ...")
    hall = crowds.hall(folder, room)
    with closing(hall):
        with closing(Crowd(hall.server.port)) as crowd:
            crowds.come_in(hall, crowd, FEW)
            epoch, head = _place(hall, crowd)
        hall.control.publish(MISSED)
        for _ in range(MISSED):
            hall.control.published()
        last = f'"q":{head + MISSED},'.encode()
        seconds: list[float] = []
        with closing(Crowd(hall.server.port)) as crowd:
            for start in range(0, FEW, crowds.BATCH):
                numbers = range(start, min(start + crowds.BATCH, FEW))
                devices = room.phones[numbers.start : numbers.stop]
                crowd.open("/realtime", crowds.offers_of(hall, devices))
                since = time.perf_counter()
                crowd.say(crowds.hello({room.stream: (epoch, head)}), numbers)
                seconds += [arrived - since for arrived in crowd.wait(last, numbers)]
    report.add(
        f"{FEW} phones, {crowds.BATCH} at a time, resume {MISSED} missed events: p99 from hello",
        "s", percentile(seconds, 0.99), goal="ours <= 2",
    )  # fmt: skip


def storm(report: Report, folder: Path, room: Room) -> None:
    """The server is killed and starts again; every phone gets a ticket over HTTP and comes back."""
    phones = min(MANY, len(room.phones))
    note(f"phone: {phones} phones come back after a restart ...")
    hall = crowds.hall(folder, room)
    hall.server.stop(signal.SIGKILL)
    port = hall.server.port
    handsets = asyncio.run(world.log_in_again(folder, room.phones[:phones]))
    url = f"http://127.0.0.1:{port}/realtime/tickets"
    asked = [load.post(port, "/realtime/tickets", **one.headers("POST", url)) for one in handsets]
    hall = crowds.hall(folder, room, port=port)
    with closing(hall), closing(Crowd(port)) as crowd:
        since = time.perf_counter()
        for start in range(0, phones, crowds.BATCH):
            answers = load.answers(port, asked[start : start + crowds.BATCH])
            offers = [f"khonggiay.v1, ticket.{json.loads(one)['ticket']}" for one in answers]
            crowds.join(hall, crowd, offers)
        seconds = time.perf_counter() - since
    report.add(f"{phones} phones are live again after a restart", "s", seconds, goal="ours <= 60")


def _at_rest(hall: Hall) -> float:
    """Return the server's memory, in MB, once it has loaded what it loads after its start."""
    before, until = 0.0, time.perf_counter() + PATIENCE
    while abs((now := hall.server.memory()) - before) > 1.0 and time.perf_counter() < until:
        before = now
        time.sleep(SETTLES)
    return now


def _p99(hall: Hall, crowd: Crowd) -> float:
    hall.control.publish(TURNS, PACE)
    late: list[float] = []
    for _ in range(TURNS):
        out = hall.control.published()
        late += [arrived - out for arrived in crowd.wait(EVENT)]
    return percentile(late, 0.99) * 1e3


def _place(hall: Hall, crowd: Crowd) -> tuple[str, int]:
    """Return where the room's stream stands, as a phone is told."""
    said = crowd.ask(0, crowds.subscribe(hall.room.stream, number=2), b'"i":2')
    start = said.rindex(b'{"t":"ok"')
    told = json.JSONDecoder().raw_decode(said[start:].decode(errors="ignore"))[0]
    return str(told["ep"]), int(told["head"])


def _stuck_phone(hall: Hall) -> socket.socket:
    """Bring a phone into the room that will not read any more."""
    (ticket,) = crowds.tickets_of(hall, hall.room.phones[FEW : FEW + 1])
    phone = socket.socket()
    phone.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, TINY)
    phone.connect(("127.0.0.1", hall.server.port))
    offer = f"Sec-WebSocket-Protocol: khonggiay.v1, ticket.{ticket}\r\n"
    phone.sendall(HANDSHAKE.format(path="/realtime", port=hall.server.port, more=offer).encode())
    _read_until(phone, b"\r\n\r\n")
    phone.sendall(masked(crowds.hello({}).encode()))
    _read_until(phone, b'"welcome"')
    phone.sendall(masked(crowds.subscribe(hall.room.stream).encode()))
    _read_until(phone, b'"t":"ok"')
    return phone


def _ask_without_reading(phone: socket.socket, table: str) -> None:
    """Ask for snapshots until the kernel takes no more, and then for what the server must keep."""
    ask = masked(crowds.subscribe(table, "snapshot", 2).encode())
    queued, full, until = -1, 0, time.perf_counter() + PATIENCE
    while full < AFTERWARDS:
        if time.perf_counter() > until:
            raise TimeoutError("the kernel takes whatever the stuck phone does not read")
        phone.sendall(ask)
        time.sleep(PAUSE)  # one answer after the other, as the protocol wants it
        before, queued = queued, _queued_for(phone)
        full = full + 1 if queued == before > 0 else 0


def _queued_for(phone: socket.socket) -> int:
    """Return how many bytes the kernel holds for a phone on the server's side."""
    fields = _servers_end(phone)
    if fields is None:
        raise ConnectionError("the stuck phone was cut too early")
    return int(fields[4].partition(":")[0], 16)


def _servers_end(phone: socket.socket) -> list[str] | None:
    """Return the kernel's line about the server's end of a connection, while that is open."""
    here, there = (
        f"0100007F:{address[1]:04X}" for address in (phone.getpeername(), phone.getsockname())
    )
    for line in Path("/proc/net/tcp").read_text().splitlines():
        fields = line.split()
        if fields[1:4] == [here, there, ESTABLISHED]:
            return fields
    return None


def _read_until(phone: socket.socket, mark: bytes) -> None:
    said = b""
    while mark not in said:
        said += phone.recv(TINY)


def _when_cut(phone: socket.socket) -> float:
    """Return when the server hung up; the phone, which reads nothing, cannot see that."""
    until = time.perf_counter() + PATIENCE
    while _servers_end(phone) is not None:
        if time.perf_counter() > until:
            raise TimeoutError("the stuck phone is still there")
        time.sleep(SOON)
    return time.perf_counter()
