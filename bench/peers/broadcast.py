"""The reference of fan-out in Python: `websockets.broadcast`, on uvloop, without compression."""

import sys
from collections.abc import Callable

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve

from bench.peers.event import encoded, serve_control

_connections: set[ServerConnection] = set()


async def _take(connection: ServerConnection) -> None:
    _connections.add(connection)
    try:
        await connection.wait_closed()
    finally:
        _connections.discard(connection)


async def _publish(number: int, out: Callable[[], None]) -> None:
    out()
    broadcast(_connections, encoded(number).decode())


async def _main(port: int, control: int) -> None:
    async with serve(_take, "127.0.0.1", port, compression=None, ping_interval=None, backlog=2048):
        await serve_control(control, _publish)


if __name__ == "__main__":
    uvloop.run(_main(int(sys.argv[1]), int(sys.argv[2])))
