"""Pages over the room's own socket, for phones that have one connection and no HTTP beside it.

The answer to `picture.get` says how many bytes follow; they come as binary messages of at most
`PART` bytes, each behind the number of its request (`i`, 8 bytes, most significant first). One
picture of a phone is sent at a time, and only as fast as the phone reads: events go in between.
"""

import asyncio
import struct
from collections.abc import AsyncGenerator, Container, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Protocol
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from core.actor import Actor
from realtime import signalling
from realtime.errors import NotListening, TooManyPictures
from realtime.fanout import Message, Wire

KIND = "picture.get"
PART = 32 * 1024
#: How many pictures one phone may wait for: the page that is shown, and those that come next.
MOST_WAITING = 4


class Wanted(BaseModel):
    """A page of a paper on the table; with the `etag` of the picture that the phone has, if any."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    document_id: UUID
    page: Annotated[int, Field(strict=True, ge=0, le=100_000)]
    width: Annotated[int, Field(strict=True, ge=1, le=10_000)] = 1080
    have: Annotated[str, Field(max_length=100)] = ""


def read(data: dict[str, Any]) -> Wanted:
    """Check what a phone wants to see, or refuse it."""
    return signalling.shaped({KIND: Wanted}, KIND, data)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a page; without data the phone has it already."""

    etag: str
    media_type: str
    data: bytes

    @property
    def told(self) -> dict[str, Any]:
        """What the answer says of it."""
        return {"etag": self.etag, "type": self.media_type, "size": len(self.data)}


class Album(Protocol):
    """Where pictures come from."""

    async def picture(self, actor: Actor, stream: str, wanted: Wanted, /) -> Picture:
        """Return a picture that `actor` may see now, or refuse by raising an `AppError`."""
        ...


class Sending:
    """What one phone is sent, of streams that it hears."""

    def __init__(self, wire: Wire, heard: Container[str]) -> None:
        self._wire, self._heard = wire, heard
        self._turn = asyncio.Lock()
        self._waiting = 0

    @asynccontextmanager
    async def turn(self, stream: str) -> AsyncGenerator[None]:
        """Wait for one's turn.

        Raises:
            TooManyPictures: too many wait already.
            NotListening: the phone has left the stream meanwhile, or lost the right to it.
        """
        if self._waiting >= MOST_WAITING:
            raise TooManyPictures(most=MOST_WAITING)
        self._waiting += 1
        try:
            async with self._turn:
                if stream not in self._heard:
                    raise NotListening(stream=stream)
                yield
        finally:
            self._waiting -= 1

    async def send(self, i: int, stream: str, data: bytes) -> None:
        """Send a picture while its stream is heard, as fast as the phone reads and no faster."""
        for part in parts_of(i, data):
            await self._wire.drained()
            if stream not in self._heard or not self._wire.write(part):
                return


def parts_of(i: int, data: bytes) -> Iterator[Message]:
    """Cut a picture into binary messages."""
    for start in range(0, len(data), PART):
        yield Message(struct.pack("!Q", i) + data[start : start + PART], is_binary=True)
