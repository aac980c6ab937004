"""Waiting for what has no event of ours: the inside of a server, another process."""

import asyncio
from collections.abc import Awaitable, Callable

PATIENCE = 10


async def until(holds: Callable[[], bool], *, patience: float = PATIENCE) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(patience):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def until_found(holds: Callable[[], Awaitable[bool]], *, patience: float = PATIENCE) -> None:
    """Wait until something that has to be asked for holds."""
    async with asyncio.timeout(patience):
        while not await holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
