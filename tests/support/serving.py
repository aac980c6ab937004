"""An application behind a real port of this process."""

import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp


@dataclass(frozen=True)
class Served:
    """A server that runs, and where."""

    server: uvicorn.Server
    listener: socket.socket

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def stop(self) -> None:
        await self.server.shutdown(sockets=[self.listener])


@asynccontextmanager
async def served(app: ASGIApp, **options: Any) -> AsyncGenerator[Served]:
    """Serve `app` until the block ends; `options` are uvicorn's."""
    config = uvicorn.Config(app, **{"lifespan": "off", "log_level": "critical", **options})
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    await server.startup(sockets=[listener])
    running = Served(server, listener)
    try:
        yield running
    finally:
        await running.stop()
