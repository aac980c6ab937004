"""What a capability says of a room's floor: who may be heard, and by whom."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Speaking:
    """The floor of a room as it is now; deny by default.

    Attributes:
        speakers: who may be heard, those who got the floor first in front.
        hearers: who may hear, and send on a connection that is not passed on yet.
        presenter: whose screen and pointer is passed on.
        recording: what is passed on is recorded under this name; None: it is not.
    """

    speakers: tuple[UUID, ...] = ()
    hearers: frozenset[UUID] = frozenset()
    presenter: UUID | None = None
    recording: UUID | None = None
