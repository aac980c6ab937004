"""Our sockets with one media engine; who speaks is told line by line.

    python -m bench.peers.voices aiortc ADDRESS PEOPLE
    python -m bench.peers.voices janus URL PEOPLE

Prints one line: the port, and for each of the people a ticket. Each line that it reads names, by
their numbers, who has the floor from then on.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from realtime.floor import Speaking
from realtime.media.aiortc import AiortcEngine
from realtime.media.janus import JanusEngine
from realtime.media.janus_rooms import Address
from realtime.media.port import Engine
from tests.realtime.world import ROOM, running
from tests.support.janus import KEY


async def _main(engine: Engine, people: int) -> None:
    with tempfile.TemporaryDirectory(prefix="kg-bench-") as folder:
        async with running(Path(folder), engine=engine) as world:
            tickets = [world.gate.ticket() for _ in range(people)]
            who = [world.gate.tickets[one].id for one in tickets]
            world.gate.floors[ROOM] = Speaking((), frozenset(who))
            print(json.dumps({"port": world.port, "tickets": tickets}), flush=True)
            turns = 0
            async for line in await _said():
                speakers = tuple(who[int(number)] for number in line.split())
                world.gate.floors[ROOM] = Speaking(speakers, frozenset(who))
                turns += 1
                await world.turn_pages(turns)


async def _said() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    return reader


def _engine(name: str, where: str) -> Engine:
    return AiortcEngine(where) if name == "aiortc" else JanusEngine(Address(where, KEY))


if __name__ == "__main__":
    import uvloop

    uvloop.run(_main(_engine(sys.argv[1], sys.argv[2]), int(sys.argv[3])))
