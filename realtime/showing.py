"""Shows a room what passes: pointers and ink reach whoever is there now, and are kept nowhere.

No log, no database, no replay. Whoever reads too slowly is spared it before anything that lasts.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Generic, TypeVar
from uuid import UUID

from core.clock import Clock
from core.errors import NotFound
from core.ids import new_id
from realtime import pointing, signalling
from realtime.errors import NotPointing
from realtime.floor import Speaking
from realtime.frames import Ev
from realtime.gate import Gate
from realtime.hub import Hub
from realtime.pointing import OnPage
from realtime.presence import Present

#: Rooms whose floor is remembered, and papers with their readers; beyond that all are asked anew.
MOST_KEPT = 1000


Key = TypeVar("Key")
Value = TypeVar("Value")


class _AsOf(Generic[Key, Value]):
    """What was answered, each as of the last durable event of its room, which may change it."""

    def __init__(self) -> None:
        self._kept: dict[Key, tuple[int, Value]] = {}

    async def get(self, key: Key, head: int, ask: Callable[[], Awaitable[Value]]) -> Value:
        kept = self._kept.get(key)
        if kept is None or kept[0] != head:
            kept = head, await ask()
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[key] = kept
        return kept[1]


class Showing:
    """Passes on what the presenter and those who speak show, to whoever else may read it."""

    def __init__(self, gate: Gate, hub: Hub, clock: Clock) -> None:
        self._gate, self._hub, self._clock = gate, hub, clock
        self._floors: _AsOf[str, Speaking] = _AsOf()
        self._readers: _AsOf[tuple[str, UUID], frozenset[UUID]] = _AsOf()

    async def show(self, present: Present, stream: str, kind: str, shown: OnPage) -> None:
        """Show something to those of a room who may read the paper, or refuse.

        Raises:
            NotPointing: who neither presents nor speaks shows nothing.
            NotFound: the paper does not lie on the table for whoever wants to show it.
        """
        head, paper = self._hub.head(stream), (stream, shown.document_id)
        floor = await self._floors.get(stream, head, partial(self._gate.floor, stream))
        if present.who != floor.presenter and present.who not in floor.speakers:
            raise NotPointing
        readers = await self._readers.get(paper, head, partial(self._gate.readers, *paper))
        if present.who not in readers:
            raise NotFound(id=str(shown.document_id))
        said = {**signalling.sender(present.peer, present.who), **shown.model_dump(mode="json")}
        event = Ev(s=stream, id=new_id(), k=kind, at=self._clock(), d=said)
        self._hub.show(present.peer, stream, pointing.for_readers(readers, event.encode()))
