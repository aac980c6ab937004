"""Who converses over a socket, and how far the conversation has come."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Phase(StrEnum):
    """How far the conversation has come."""

    STRANGER = "stranger"
    GUEST = "guest"
    TALKING = "talking"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Guest:
    """Whom the ticket let in: the device it was given to, and how long it holds."""

    peer: str
    official_id: UUID
    device: str | None
    expires_at: datetime
    seconds_left: float

    def is_same_as(self, other: "Guest") -> bool:
        """Say whether a later ticket was given to the same phone."""
        return (self.peer, self.official_id) == (other.peer, other.official_id)
