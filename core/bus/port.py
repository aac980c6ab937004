"""What the project asks of a bus between processes."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Wake:
    """A stream has something new.

    Attributes:
        stream: `user:<id>`, `room:<id>`, `document:<id>`, ...
        seq: the position in the stream, or None for an ephemeral frame that no log keeps.
        data: the frame's JSON as every listener gets it.
    """

    stream: str
    seq: int | None
    data: bytes


class Bus(Protocol):
    """Fan-out to every present subscriber, in publishing order per process.

    A bus may lose: the log in the database is the truth, and readers fill gaps from it.
    """

    async def publish(self, wake: Wake) -> None:
        """Hand `wake` to every present subscriber, in every process."""
        ...

    def subscribe(self) -> AbstractAsyncContextManager[AsyncIterator[Wake]]:
        """Receive everything published from now until the block ends."""
        ...
