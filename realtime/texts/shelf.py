"""The texts that are open in this process: what is written is committed, then passed on.

Any node serves any text: updates commute, so nodes need no order among them. A node that has
committed wakes the others, which read the log; what the bus loses, the next look finds.
"""

import asyncio
import time
from collections.abc import Coroutine
from itertools import accumulate
from typing import Any, Protocol
from uuid import UUID

import structlog

from core.bus.port import Bus, Heard, Wake
from core.clock import Clock, utc_now
from realtime.frames import Code
from realtime.limits import Limits
from realtime.texts import wire
from realtime.texts.awareness import Awareness
from realtime.texts.document import SharedText
from realtime.texts.gate import Refused, TextGate, Written
from realtime.texts.lib0 import BadBytes

TEXT, SHOWN = "text", "shown"
#: How many updates of one text may wait for a commit, and how many bytes of them.
MOST_WAITING, MOST_WAITING_BYTES = 512, 1024 * 1024
#: A commit takes no more of them than this, but for one: nothing pauses inside a transaction.
GROUP_BYTES = 64 * 1024

_log = structlog.get_logger()


class Editor(Protocol):
    """What a text knows of a socket."""

    @property
    def official_id(self) -> UUID:
        """Whose it is."""
        ...

    @property
    def device(self) -> tuple[UUID, UUID] | None:
        """Its device and its session, if it came from one."""
        ...

    def say(self, message: bytes) -> None:
        """Send a message."""
        ...

    def refuse(self, refused: Refused) -> None:
        """Say why an update was not kept."""
        ...

    def hang_up(self, code: Code) -> None:
        """Close the socket."""
        ...

    def recheck(self) -> None:
        """Have it asked anew what it may."""
        ...

    def tick(self) -> None:
        """Look at its deadlines."""
        ...


class OpenText:
    """One text, and who is at it in this process."""

    def __init__(self, name: str, gate: TextGate, bus: Bus) -> None:
        self.name = name
        self.editors: set[Editor] = set()
        self.awareness = Awareness()
        self._gate, self._bus = gate, bus
        self._shared: SharedText | None = None
        self._lock = asyncio.Lock()
        self._waiting: list[tuple[Editor, Written]] = []
        self._writing: asyncio.Task[None] | None = None
        self._is_behind = False
        #: How far of the log everybody here has been told.
        self.position = -1

    # Reading

    async def vector(self) -> bytes:
        """Return how much of each writer is committed."""
        async with self._lock:
            return (await self._current()).vector

    async def since(self, vector: bytes) -> bytes:
        """Return what a client lacks that has this much; nothing that is not committed.

        Raises:
            BadUpdate: `vector` is no state vector.
        """
        async with self._lock:
            return (await self._current()).since(vector)

    async def look(self) -> None:
        """Take up what others have committed."""
        async with self._lock:
            shared = await self._current()
            for update in await self._gate.catch_up(self.name, shared):
                self.tell(wire.writes(update))
            self.position = shared.position

    async def _current(self) -> SharedText:
        if self._shared is None:
            shared = self._gate.blank(self.name)
            await self._gate.catch_up(self.name, shared)
            self._shared, self.position = shared, shared.position
            if self._is_behind:  # what went wrong may have kept something from those who listen
                self._is_behind = False
                self.tell(wire.writes(shared.whole()))
        return self._shared

    # Writing

    def write(self, editor: Editor, written: Written) -> bool:
        """Have an update committed and passed on; False: too many wait."""
        waiting = sum(len(said.update) for _, said in self._waiting)
        if len(self._waiting) >= MOST_WAITING or waiting >= MOST_WAITING_BYTES:
            return False
        self._waiting.append((editor, written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return True

    async def _write(self) -> None:
        try:
            while self._waiting:
                group = self._next_group()
                try:
                    await self._keep(group)
                except Exception as error:  # noqa: BLE001 the writers learn of it, the log too
                    _log.error("realtime.text_not_kept", exc_info=error)
                    for editor, _ in group:
                        editor.hang_up(Code.INTERNAL)
        finally:
            self._writing = None

    def _next_group(self) -> list[tuple[Editor, Written]]:
        sizes = accumulate(len(said.update) for _, said in self._waiting)
        most = max(1, sum(size <= GROUP_BYTES for size in sizes))
        group, self._waiting = self._waiting[:most], self._waiting[most:]
        return group

    async def _keep(self, group: list[tuple[Editor, Written]]) -> None:
        async with self._lock:
            shared = await self._current()
            self._shared, self._is_behind = None, True  # until the commit has held
            kept = await self._gate.keep(self.name, shared, [said for _, said in group])
            self._shared, self._is_behind, self.position = shared, False, shared.position
            for update in kept.updates:
                self.tell(wire.writes(update))
        for place, refused in kept.refused.items():
            group[place][0].refuse(refused)
        if kept.updates:
            self._bus.publish(Wake(f"{TEXT}:{self.name}", shared.position, b""))

    def tell(self, message: bytes) -> None:
        """Send a message to everybody who is at the text here."""
        for editor in tuple(self.editors):
            editor.say(message)

    # Who is here

    def show(self, states: bytes | None) -> None:
        """Pass on what a socket of this process shows."""
        if states is not None:
            self.tell(wire.shows(states))
            self._bus.publish(Wake(f"{SHOWN}:{self.name}", None, states))

    def hear(self, states: bytes, now: float) -> None:
        """Take in what another node shows, or asks for."""
        if not states:
            own = self.awareness.own()
            if own is not None:
                self._bus.publish(Wake(f"{SHOWN}:{self.name}", None, own))
            return
        news = self.awareness.hear(states, now)
        if news is not None:
            self.tell(wire.shows(news))


class Shelf:
    """The open texts of one process, and everybody who is at them."""

    def __init__(
        self, gate: TextGate, bus: Bus, limits: Limits | None = None, clock: Clock = utc_now
    ) -> None:
        self.gate, self.limits, self.clock = gate, limits or Limits(), clock
        self._bus = bus
        self._texts: dict[str, OpenText] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # Coming and going

    def enter(self, name: str, editor: Editor) -> OpenText:
        """Let a socket be at a text."""
        text = self._texts.get(name)
        if text is None:
            text = self._texts[name] = OpenText(name, self.gate, self._bus)
            self._bus.publish(Wake(f"{SHOWN}:{name}", None, b""))
        text.editors.add(editor)
        return text

    def leave(self, text: OpenText, editor: Editor) -> None:
        """Let a socket go; a text that nobody is at is put away."""
        text.editors.discard(editor)
        text.show(text.awareness.leave(editor, time.monotonic()))
        if not text.editors and self._texts.get(text.name) is text:
            del self._texts[text.name]

    # What the watch at the door asks

    def devices(self) -> dict[UUID, UUID]:
        """Return the devices that have a socket here, each with the oldest of its sessions."""
        held = [one.device for one in self._editors() if one.device is not None]
        return dict(sorted(held, reverse=True))  # ids sort by age

    def drop_device(self, device_id: object, code: Code = Code.REVOKED) -> bool:
        """Close the sockets of a device; say whether there were any."""
        its = [one for one in self._editors() if one.device and one.device[0] == device_id]
        for editor in its:
            editor.hang_up(code)
        return bool(its)

    def recheck(self, official_id: UUID) -> None:
        """Have an official's sockets asked anew what they may: a right was lost."""
        for editor in self._editors():
            if editor.official_id == official_id:
                editor.recheck()

    def _editors(self) -> list[Editor]:
        return [editor for text in self._texts.values() for editor in text.editors]

    # Running

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` beside everything else, and keep it from being forgotten."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def run(self) -> None:
        """Follow the bus and the clock until cancelled."""
        try:
            async with self._bus.subscribe() as heard, asyncio.TaskGroup() as group:
                group.create_task(self._look_for_ever())
                group.create_task(self._tick_for_ever())
                async for one in heard:
                    self._wake(one)
        finally:
            for task in self._tasks:
                task.cancel()

    def _wake(self, heard: Heard) -> None:
        if not isinstance(heard, Wake):
            self.start(self._look_at_all())
            return
        kind, _, name = heard.stream.partition(":")
        text = self._texts.get(name)
        if text is None:
            return
        if kind == TEXT and heard.seq is not None and heard.seq > text.position:
            self.start(self._look_safely(text))
        elif kind == SHOWN:
            self._hear(text, heard.data)

    def _hear(self, text: OpenText, states: bytes) -> None:
        try:
            text.hear(states, time.monotonic())
        except BadBytes as error:
            _log.warning("realtime.bad_states", error=str(error))

    async def _look_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self.limits.poll)
            await self._look_at_all()

    async def _look_at_all(self) -> None:
        for text in list(self._texts.values()):
            text.awareness.forget_silent(time.monotonic())
            await self._look_safely(text)

    async def _look_safely(self, text: OpenText) -> None:
        try:
            await text.look()
        except Exception as error:  # noqa: BLE001 the next look may find the database again
            _log.error("realtime.look_failed", error=type(error).__name__)

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self.limits.sweep)
            for editor in self._editors():
                editor.tick()
