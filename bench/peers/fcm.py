"""A server that speaks FCM HTTP v1, in a process of its own; it tells what it has taken, and when.

    python -m bench.peers.fcm PORT FOLDER

It writes the key of a service account into FOLDER. `GET /told/TOKEN` says how often each message
was taken in all, and when those to one registration token came.
"""

import asyncio
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from aiohttp import web
from typing_extensions import override

from tests.support.fcm import FcmServer


class Timed(FcmServer):
    """Notes when each message came, by the clock that all processes of a machine share."""

    def __init__(self) -> None:
        super().__init__()
        self.came: dict[str, list[float]] = defaultdict(list)

    @override
    async def _take(self, to: str, message: dict[str, Any]) -> web.Response:
        self.came[to].append(time.monotonic())
        return await super()._take(to, message)

    async def tell(self, request: web.Request) -> web.Response:
        """Say what was taken."""
        taken = Counter(one["data"]["n"] for many in self.sent.values() for one in many)
        came = self.came[request.match_info["token"]]
        return web.json_response({"taken": taken, "asked": self.asked.total(), "came": came})

    async def count(self, request: web.Request) -> web.Response:
        """Say how many came for one token."""
        return web.json_response(len(self.came[request.match_info["token"]]))


async def serve(port: int, folder: Path) -> None:
    server, app = Timed(), web.Application()
    server.url = f"http://127.0.0.1:{port}"
    server.account(folder)
    app.router.add_post("/token", server.grant)
    app.router.add_post("/v1/projects/{project}/messages:send", server.send)
    app.router.add_get("/told/{token}", server.tell)
    app.router.add_get("/count/{token}", server.count)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
