"""Telling rooms who comes and goes: what this node knows goes to the others, and the reverse."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from pydantic import ValidationError

from core.bus.port import Bus, Wake
from core.clock import Clock
from realtime import presence
from realtime.fanout import Message
from realtime.limits import Limits
from realtime.presence import Part, Presence, Present

PREFIX = "part:"


class Attendance:
    """The rooms of this node, as they are told to its phones and to the other nodes.

    Args:
        node: a name that no other node has.
        bus: between the nodes.
        limits: how long arrivals are gathered, how often a part is told again.
        clock: what people read.
        tell: sends an event to everybody in a room, on this node.
        start: runs something beside everything else.
    """

    def __init__(
        self,
        node: str,
        bus: Bus,
        limits: Limits,
        *,
        clock: Clock,
        tell: Callable[[str, Message], None],
        start: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self.presence = Presence(node)
        self._bus, self._limits, self._clock = bus, limits, clock
        self._tell, self._start = tell, start
        #: By how long it waits: the rooms whose part is told then.
        self._waiting: dict[float, set[str]] = {}
        self._told_at = 0.0

    def arrive(self, stream: str, who: Present) -> Message:
        """Note an arrival; return what the newcomer is told."""
        self.presence.join(stream, who)
        self._tell_after(self._limits.settle, stream)
        return self._event(stream, self.presence.here(stream))

    def leave(self, stream: str, who: Present) -> None:
        """Note that a connection has left; it may be on its way to another node."""
        self.presence.leave(stream, who)
        self._tell_after(self._limits.linger, stream)

    def hear(self, told: str, data: bytes, now: float) -> None:
        """Take in what a node, this one too, tells of its part of a room."""
        node, _, stream = told.partition(":")
        if node != self.presence.node:  # a thousand names of our own need not be read back
            self._hear_another(stream, data, now)
        self._tell_change(stream)

    def _hear_another(self, stream: str, data: bytes, now: float) -> None:
        try:
            part = Part.model_validate_json(data)
        except ValidationError:  # of a node with another version
            return
        if self.presence.hear(stream, part, now):
            self._tell_after(self._limits.settle, stream)  # it does not know us either

    def tell_again(self) -> None:
        """Tell the other nodes of every room: they may have missed it."""
        self._tell_after(self._limits.settle, *self.presence.rooms)

    def tick(self, now: float) -> None:
        """Tell every part again now and then, and miss nodes that do not."""
        if now - self._told_at >= self._limits.parts:
            self._told_at = now
            self.tell_again()
        for stream in self.presence.forget_silent(now - 3 * self._limits.parts):
            self._tell_change(stream)

    def _tell_after(self, delay: float, *streams: str) -> None:
        if streams and delay not in self._waiting:
            self._waiting[delay] = set()
            self._start(self._tell_parts(delay))
        self._waiting.get(delay, set()).update(streams)

    async def _tell_parts(self, delay: float) -> None:
        await asyncio.sleep(delay)
        for stream in sorted(self._waiting.pop(delay)):
            part = self.presence.part(stream)
            told = f"{PREFIX}{part.node}:{stream}"
            self._bus.publish(Wake(told, None, part.model_dump_json().encode()))

    def _tell_change(self, stream: str) -> None:
        change = self.presence.change(stream)
        if change is not None:
            self._tell(stream, self._event(stream, change))

    def _event(self, stream: str, change: presence.RoomPresence) -> Message:
        return Message(presence.event(stream, change, self._clock()))
