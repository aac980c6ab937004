"""The desk: where files lie while they are worked on, and from which every one is cleared."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from weakref import WeakValueDictionary


class Desk:
    """Private folders, one for each piece of work, removed at its end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._busy: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def space(self) -> AsyncGenerator[Path]:
        """Give an empty folder that nobody else reads and that is gone afterwards."""
        path = Path(await asyncio.to_thread(tempfile.mkdtemp, dir=self._folder))
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    @asynccontextmanager
    async def alone(self, work: str) -> AsyncGenerator[None]:
        """Let nobody else in this process begin the same work meanwhile."""
        lock = self._busy.get(work) or asyncio.Lock()
        self._busy[work] = lock
        async with lock:
            yield

    def sweep(self) -> int:
        """Remove what a killed process left lying; call it before serving."""
        leftovers = list(self._folder.iterdir())
        for leftover in leftovers:
            shutil.rmtree(leftover)
        return len(leftovers)
