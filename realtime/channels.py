"""A stream as this process follows it, and what the hub knows of the phones that hear it."""

from typing import Protocol
from uuid import UUID

from realtime import pointing
from realtime.fanout import Message
from realtime.frames import Code, Why
from realtime.log import Log
from realtime.positions import Listening
from realtime.presence import Present

#: How many entries of the log are read at once.
BATCH = 200
ROOM = "room:"


class Phone(Protocol):
    """What the hub knows of a connection."""

    @property
    def present(self) -> Present:
        """Who it is, in a room."""
        ...

    @property
    def turn(self) -> int:
        """Which socket of its device it is; the latest counts."""
        ...

    @property
    def device(self) -> str | None:
        """The device it was admitted as."""
        ...

    @property
    def session_id(self) -> UUID | None:
        """The session that its newest ticket belongs to."""
        ...

    def deliver(self, message: Message) -> bool:
        """Write an event; False: not now, it reads too slowly or is gone."""
        ...

    def glimpse(self, message: Message) -> None:
        """Write what passes, or drop it: whatever else waits to be read goes first."""
        ...

    async def drained(self) -> None:
        """Wait until it has read most of what was written."""
        ...

    def reset(self, stream: str, why: Why) -> None:
        """Tell it to subscribe anew."""
        ...

    def recheck(self) -> None:
        """Have it asked anew what it may hear."""
        ...

    def hang_up(self, code: Code, retry: int | None = None) -> None:
        """Say goodbye and close."""
        ...

    def is_due(self, now: float) -> bool:
        """Say whether a deadline of its may have come."""
        ...

    def tick(self) -> None:
        """Look at its deadlines."""
        ...


class Onlooker(Protocol):
    """Whoever has to know what happens in the rooms of this process."""

    def greeting(self, stream: str) -> Message | None:
        """Return what somebody is told who has just come in."""
        ...

    def left(self, stream: str, present: Present) -> None:
        """Take note that a socket of a phone has left a room."""
        ...

    def happened(self, stream: str) -> None:
        """Take note that a durable event was told to a stream."""
        ...


class Channel:
    """One stream as this process follows it.

    `head` is what all live phones have (-1: not known yet), `seen` the last position heard of.
    While `busy`, one task delivers; everybody else only moves `seen`. `page` is what the phones
    that come back together read of the log, so that they read it once.
    """

    __slots__ = ("attending", "busy", "epoch", "head", "page", "seats", "seen", "stream")

    def __init__(self, stream: str) -> None:
        self.stream = stream
        self.epoch = ""
        self.head = self.seen = -1
        self.seats: dict[Phone, Listening] = {}
        self.attending = 0
        self.busy = False
        self.page: list[tuple[int, Message]] = []

    async def read_after(self, log: Log, position: int) -> list[tuple[int, Message]]:
        """Return some of what the log has behind a position, each with its own.

        A room's phones come back together: the page that one has read is there for the others.
        """
        return self._on_page(position) or await self._turn_page(log, position)

    def _on_page(self, position: int) -> list[tuple[int, Message]]:
        if not self.page:
            return []
        skipped = position + 1 - self.page[0][0]
        return self.page[skipped:] if skipped >= 0 else []

    async def _turn_page(self, log: Log, position: int) -> list[tuple[int, Message]]:
        epoch = self.epoch
        entries = await log.read_after(self.stream, position, limit=BATCH)
        page = [(entry.seq, Message(entry.frame())) for entry in entries]
        if self.stream.startswith(ROOM) and self.epoch == epoch:
            self.page = page
        return page

    def spread(self, message: Message) -> None:
        """Tell everybody something that no log has."""
        for phone in tuple(self.seats):
            phone.deliver(message)

    def flash(self, data: bytes, *, sender: str) -> None:
        """Let whoever may see it, but for its sender, see what passes."""
        readers, event = pointing.readers_of(data)
        message = Message(event)
        for phone in tuple(self.seats):
            if phone.present.peer != sender and phone.present.who.bytes in readers:
                phone.glimpse(message)
