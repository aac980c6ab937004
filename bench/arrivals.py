"""What coming in costs: a hundred at once to the first page, and everybody back after a restart."""

import asyncio
import json
import signal
import time
from contextlib import closing
from pathlib import Path

from bench import crowds, load, world
from bench.crowds import Hall
from bench.harness import Report, is_quick, note, percentile
from bench.sockets import Crowd
from bench.world import Room

ROUNDS, AT_ONCE = (1, 10) if is_quick() else (5, 100)
BACK = 50 if is_quick() else 500
#: How a JPEG ends; nothing else in a picture looks like it.
END_OF_PICTURE = b"\xff\xd9"


def joins(report: Report, folder: Path, room: Room) -> None:
    """Let phones come in at the same moment, each to the snapshot and the first page's bytes."""
    note(f"rooms: {AT_ONCE} come in at once ...")
    hall = crowds.hall(folder, room)
    try:
        _join(hall, room.phones[:1])  # the page is drawn once, for whoever looks first
        took = []
        for number in range(ROUNDS):
            start = 1 + number * AT_ONCE
            took += _join(hall, room.phones[start : start + AT_ONCE])
    finally:
        hall.close()
    case = f"{AT_ONCE} come in at once: p95 from the handshake to the first page"
    report.add(case, "ms", percentile(took, 0.95) * 1e3, goal="ours <= 300")


def _join(hall: Hall, devices: list[str]) -> list[float]:
    offers = crowds.offers_of(hall, devices)
    page = {"document_id": hall.room.document_id, "page": 0, "width": 1080}
    wanted = {"t": "cmd", "i": 2, "k": "picture.get", "s": hall.room.stream, "d": page}
    with closing(Crowd(hall.server.port)) as crowd:
        since = time.perf_counter()
        crowd.open("/realtime", offers)
        crowd.say(crowds.hello({}))
        crowd.wait(b'"welcome"')
        crowd.say(crowds.subscribe(hall.room.stream, "snapshot"))
        crowd.wait(b'"t":"ok"')
        crowd.say(json.dumps(wanted))
        return [arrived - since for arrived in crowd.wait(END_OF_PICTURE)]


def storm(report: Report, folder: Path, room: Room) -> None:
    """The server is killed; everybody gets a ticket over HTTP and is in the room again."""
    note(f"rooms: {BACK} come back after a restart ...")
    hall = crowds.hall(folder, room)
    hall.server.stop(signal.SIGKILL)
    port = hall.server.port
    handsets = asyncio.run(world.log_in_again(folder, room.phones[:BACK]))
    url = f"http://127.0.0.1:{port}/realtime/tickets"
    asked = [load.post(port, "/realtime/tickets", **one.headers("POST", url)) for one in handsets]
    hall = crowds.hall(folder, room, port=port)
    with closing(hall), closing(Crowd(port)) as crowd:
        since = time.perf_counter()
        answers = load.answers(port, asked)
        offers = [f"khonggiay.v1, ticket.{json.loads(one)['ticket']}" for one in answers]
        crowds.join(hall, crowd, offers)
        took = time.perf_counter() - since
    report.add(f"{BACK} are back in the room after a restart", "s", took, goal="ours <= 10")
