"""What the project asks of a bus between processes."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final, Protocol


@dataclass(frozen=True, slots=True)
class Wake:
    """A stream has something new.

    Attributes:
        stream: `user:<id>`, `room:<id>`, `document:<id>`, ...
        seq: the position in the stream, or None for an ephemeral frame that no log keeps.
        data: the frame's JSON as every listener gets it; empty: too large for the bus, the log
            has it.
    """

    stream: str
    seq: int | None
    data: bytes


@dataclass(frozen=True, slots=True)
class Lost:
    """Something was published that did not arrive: look into the log."""


LOST: Final = Lost()
Heard = Wake | Lost


class Bus(Protocol):
    """Fan-out to every present subscriber, in publishing order per process.

    A bus may lose: the log in the database is the truth, and readers fill gaps from it. What it
    knows to have lost it says with `LOST`, so that nobody waits for the next poll.
    """

    def publish(self, heard: Heard) -> None:
        """Hand `heard` to every present subscriber, in every process; never waits, never fails."""
        ...

    def subscribe(self) -> AbstractAsyncContextManager[AsyncIterator[Heard]]:
        """Receive everything published from now until the block ends.

        Whoever reads too slowly gets one `LOST` in place of everything that waited.
        """
        ...

    async def run(self) -> None:
        """Keep in touch with the other processes until cancelled; ends at once without any."""
        ...
