"""What waits for one reader of the bus, in bounded memory."""

import asyncio
from collections import deque

from core.bus.port import LOST, Heard, Wake

#: In bytes; beyond it the reader is told to look into the log instead.
MOST_WAITING = 32 * 1024 * 1024
#: What an entry costs beside its bytes.
OVERHEAD = 200


class Mailbox:
    """Takes in without waiting; what no reader empties in time becomes one `LOST`."""

    def __init__(self) -> None:
        self._waiting: deque[Heard] = deque()
        self._bytes = 0
        self._arrived = asyncio.Event()

    def put(self, heard: Heard) -> None:
        """Take `heard` in."""
        self._bytes += size_of(heard)
        if self._bytes > MOST_WAITING:
            self._waiting = deque([LOST])
            self._bytes = size_of(LOST) + size_of(heard)
        self._waiting.append(heard)
        self._arrived.set()

    async def take(self) -> list[Heard]:
        """Wait until there is something, and take all of it out."""
        await self._arrived.wait()
        taken = list(self._waiting)
        self._waiting.clear()
        self._bytes = 0
        self._arrived.clear()
        return taken


def size_of(heard: Heard) -> int:
    """Return what an entry costs, in bytes."""
    return OVERHEAD + (len(heard.data) if isinstance(heard, Wake) else 0)
