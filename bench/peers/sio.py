"""python-socketio, a room and `emit`, on uvicorn; run with the library on PYTHONPATH."""

import asyncio
import sys
from collections.abc import Callable
from typing import Any

import socketio  # type: ignore[import-not-found]
import uvicorn
import uvloop

from bench.peers.event import event, serve_control

# A year between pings: none of them falls into a measurement.
_server = socketio.AsyncServer(async_mode="asgi", ping_interval=3e7, cors_allowed_origins="*")


@_server.event  # type: ignore[untyped-decorator]
async def connect(sid: str, _environment: dict[str, Any], _auth: object) -> None:
    await _server.enter_room(sid, "room")


async def _publish(number: int, out: Callable[[], None]) -> None:
    out()
    await _server.emit("event", event(number), room="room")


async def _main(port: int, control: int) -> None:
    config = uvicorn.Config(
        socketio.ASGIApp(_server), port=port, log_level="warning", access_log=False,
        ws_per_message_deflate=False, ws_ping_interval=None, backlog=2048,
    )  # fmt: skip
    async with asyncio.TaskGroup() as group:
        group.create_task(uvicorn.Server(config).serve())
        group.create_task(serve_control(control, _publish))


if __name__ == "__main__":
    uvloop.run(_main(int(sys.argv[1]), int(sys.argv[2])))
