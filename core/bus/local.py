"""The in-process bus: the default on one machine."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from core.bus.port import Wake


class LocalBus:
    """One queue for each subscriber of this process."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[Wake]] = set()

    async def publish(self, wake: Wake) -> None:
        """See `Bus.publish`."""
        for queue in self._queues:
            queue.put_nowait(wake)

    @asynccontextmanager
    async def subscribe(self) -> AsyncGenerator[AsyncIterator[Wake]]:
        """See `Bus.subscribe`."""
        queue: asyncio.Queue[Wake] = asyncio.Queue()
        self._queues.add(queue)
        try:
            yield _drain(queue)
        finally:
            self._queues.discard(queue)


async def _drain(queue: asyncio.Queue[Wake]) -> AsyncIterator[Wake]:
    while True:
        yield await queue.get()
