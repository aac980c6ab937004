"""Sandbox workers that serve every test of a run: starting one takes longer than most tests."""

import asyncio
from collections.abc import Callable
from threading import Thread
from typing import Any, TypeVar

from typing_extensions import override

from core.bounds import SandboxLimits
from core.sandbox import Sandbox

T = TypeVar("T")


class LastingSandbox(Sandbox):
    """The product's own sandbox, on a loop that outlives the loops of the tests."""

    def __init__(self, limits: SandboxLimits) -> None:
        super().__init__(limits)
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="sandbox")
        self._thread.start()

    @override
    async def run(self, function: Callable[..., T], *args: Any) -> T:
        work = asyncio.run_coroutine_threadsafe(super().run(function, *args), self._loop)
        return await asyncio.wrap_future(work)

    @override
    async def close(self) -> None:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(super().close(), self._loop))

    def end(self) -> None:
        """End the workers and their loop."""
        asyncio.run(self.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
