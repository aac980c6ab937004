"""What sockets ask of the rest of the product; `api.wiring` registers the answers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from core.actor import Actor
from realtime.floor import Speaking


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who a ticket let in, in which session, and until when.

    Attributes:
        turn: grows with every socket of the device, on whichever node; the latest one counts.
    """

    actor: Actor
    expires_at: datetime
    session_id: UUID | None = None
    turn: int = 0


class Gate(Protocol):
    """Decides who comes in, who hears what, and what a command does.

    Every method refuses by raising an `AppError`; its code reaches the phone.
    """

    async def admit(self, ticket: str, /) -> Admitted:
        """Use up `ticket`: the second use is refused."""
        ...

    async def may_hear(self, actor: Actor, stream: str, /) -> bool:
        """Say whether `actor` may hear `stream`; what does not exist may not be heard either."""
        ...

    async def snapshot(self, actor: Actor, stream: str, /) -> dict[str, Any]:
        """Return the present state of what `stream` tells about, as JSON values."""
        ...

    async def command(
        self, actor: Actor, kind: str, stream: str, key: UUID, data: dict[str, Any], /
    ) -> dict[str, Any]:
        """Do what the phone asks and return the answer; the same `key` has one effect."""
        ...

    async def floor(self, stream: str, /) -> Speaking:
        """Say who of a room may be heard now, and by whom; nobody where there is no such room."""
        ...

    async def readers(self, stream: str, document_id: UUID, /) -> frozenset[UUID]:
        """Say who of a room may read a paper now; nobody where it does not lie on the table."""
        ...

    async def acked(self, actor: Actor, stream: str, seq: int, /) -> None:
        """Take note that the actor's device has everything of `stream` up to `seq`."""
        ...
