"""Many small writes in one commit: each waits a moment for others, then for the common commit."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")

#: How long the first one waits for others, in seconds, and how many share a commit at most.
WINDOW, MOST = 0.02, 200


class Grouped(Generic[_Item, _Answer]):
    """Gathers what comes within a moment and commits it together, in an order of chance.

    The order in which the items were put is neither kept nor told: what is written shows, at most,
    in which commit something stands.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[_Item]], Awaitable[Sequence[_Answer]]],
        *,
        window: float = WINDOW,
        most: int = MOST,
    ) -> None:
        """Group calls.

        Args:
            commit: writes all it is given in one transaction and returns an answer for each; what
                it raises, every one of them gets.
            window: how long the first waits for others, in seconds.
            most: how many share a commit at most.
        """
        self._commit = commit
        self._window = window
        self._most = most
        self._waiting: list[tuple[_Item, asyncio.Future[_Answer]]] = []
        self._running: asyncio.Task[None] | None = None

    async def put(self, item: _Item) -> _Answer:
        """Return the item's answer once its commit is durable."""
        answer: asyncio.Future[_Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await answer

    async def _run(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(self._window)
                group, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                secrets.SystemRandom().shuffle(group)
                await self._write(group)
        finally:
            self._running = None

    async def _write(self, group: list[tuple[_Item, asyncio.Future[_Answer]]]) -> None:
        try:
            answers = await self._commit([item for item, _ in group])
        except Exception as error:  # noqa: BLE001 - everybody who waits must hear of it
            for _, waiter in group:
                if not waiter.done():
                    waiter.set_exception(error)
            return
        for (_, waiter), answer in zip(group, answers, strict=True):
            if not waiter.done():  # else whoever asked has gone
                waiter.set_result(answer)
