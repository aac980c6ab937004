"""Our own application, as `khonggiay serve` runs it, and a line that has pages turned in a room.

Each turn is the use-case itself: who may turn, the meeting's row, the fact in the log, its position
in the room's stream, one commit. What a phone's command would add is its frame and its key.
"""

import asyncio
import gc
import itertools
import sys
from collections.abc import Callable
from uuid import UUID

import uvicorn

from api import wiring
from api.app import create_app
from api.meetings import service
from bench.peers.event import serve_control
from core import sessions
from core.config import Settings
from realtime.endpoint import SERVER_OPTIONS


async def _main(port: int, control: int, room: str) -> None:
    meeting_id, document_id, official_id = map(UUID, room.split(","))
    settings = Settings()
    engines = wiring.assemble(settings)
    async with engines.db.read() as view:
        presenter = await sessions.owner_of(view, official_id)
    if presenter is None:
        raise SystemExit("the presenter has no account")
    pages = itertools.cycle(range(10, 100))

    async def turn(_: int, out: Callable[[], None]) -> None:
        async with engines.db.begin() as tx:
            page = next(pages)
            await service.turn_page(tx, presenter, meeting_id, document_id=document_id, page=page)
        out()  # the sockets' task has not run yet

    config = uvicorn.Config(
        create_app(engines), **SERVER_OPTIONS, port=port, log_level="warning", access_log=False,
        timeout_graceful_shutdown=settings.http.drain_seconds,
    )  # fmt: skip
    gc.collect()
    gc.freeze()
    async with asyncio.TaskGroup() as group:
        group.create_task(uvicorn.Server(config).serve())
        group.create_task(serve_control(control, turn))


if __name__ == "__main__":
    import uvloop

    uvloop.run(_main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
