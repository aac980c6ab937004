"""A running server for each test of sockets."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.realtime.world import World, running


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with running(tmp_path) as world:
        yield world
