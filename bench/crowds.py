"""Phones of our own application in a crowd: tickets, `hello`, a room."""

import asyncio
import json
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench import processes, world
from bench.processes import PYTHON, Server, free_port
from bench.sockets import Control, Crowd
from bench.world import Room

#: Tickets live for half a minute: so many phones come in at a time.
BATCH = 250
#: The longest silence that a phone may ask for: no pings fall into a measurement.
QUIET = 240
EVENT = b"meeting.page_turned"


@dataclass(frozen=True)
class Hall:
    """Our application with a meeting in session, and the line on which pages are turned."""

    folder: Path
    room: Room
    server: Server
    control: Control

    def close(self) -> None:
        """Stop the server."""
        self.control.close()
        self.server.stop(signal.SIGTERM)


def hall(folder: Path, room: Room, *, port: int = 0) -> Hall:
    """Start our application on a folder that holds `room`."""
    port, control = port or free_port(), free_port()
    command = [PYTHON, "-m", "bench.peers.phones", str(port), str(control), room.key]
    environment = {"KHONGGIAY_DATA": str(folder), **processes.NO_CAPS}
    server = processes.start(command, port=port, environment=environment).wait("/health/ready")
    return Hall(folder, room, server, Control(control))


def come_in(hall: Hall, crowd: Crowd, count: int) -> None:
    """Let so many more phones in, and into the room."""
    first = len(crowd)
    for start in range(first, first + count, BATCH):
        devices = hall.room.phones[start : min(start + BATCH, first + count)]
        join(hall, crowd, offers_of(hall, devices))


def join(hall: Hall, crowd: Crowd, offers: list[str]) -> None:
    """Open sockets with tickets, greet, and hear the room."""
    numbers = range(len(crowd), len(crowd) + len(offers))
    crowd.open("/realtime", offers)
    crowd.say(hello({}), numbers)
    crowd.wait(b'"welcome"', numbers)
    crowd.say(subscribe(hall.room.stream), numbers)
    crowd.wait(b'"t":"ok"', numbers)


def offers_of(hall: Hall, devices: list[str]) -> list[str]:
    """Return what each device offers in its handshake: the protocol and a ticket of its own."""
    return [f"khonggiay.v1, ticket.{ticket}" for ticket in tickets_of(hall, devices)]


def tickets_of(hall: Hall, devices: list[str]) -> list[str]:
    """Return a ticket for each device."""
    return asyncio.run(world.tickets(hall.folder, devices))


def hello(resume: Mapping[str, tuple[str, int]]) -> str:
    """Return the first frame."""
    return json.dumps({"t": "hello", "v": 1, "hb": QUIET, "resume": resume})


def subscribe(stream: str, start: object = "head", number: int = 1) -> str:
    """Return the frame that asks for a stream."""
    return json.dumps({"t": "sub", "i": number, "s": stream, "from": start})
