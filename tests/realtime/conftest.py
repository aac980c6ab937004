"""A running server for each test of sockets, with prepared frames or over plain ASGI."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from realtime.endpoint import SERVER_OPTIONS
from realtime.limits import Limits
from tests.realtime.world import World, running

QUICK = Limits(patience=0.1, sweep=0.02)
WAYS: dict[str, dict[str, Any]] = {
    "prepared": SERVER_OPTIONS,
    "plain": {**SERVER_OPTIONS, "ws": WebSocketsSansIOProtocol},
}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with running(tmp_path) as world:
        yield world


@pytest.fixture(params=list(WAYS))
async def either(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[World]:
    """The same over both ways to a phone."""
    async with running(tmp_path, QUICK, WAYS[request.param]) as world:
        yield world
