"""Who is asking."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from core.errors import Forbidden


class Role(StrEnum):
    """What an official may do in the agency."""

    LEADER = "leader"
    CLERK = "clerk"
    SECRETARY = "secretary"
    OFFICER = "officer"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Actor:
    """An authenticated official, and the device that speaks for them."""

    id: UUID
    agency_id: UUID
    roles: frozenset[Role] = frozenset()
    device_id: UUID | None = None

    def must_be(self, *allowed: Role) -> None:
        """Refuse everybody who has none of the `allowed` roles."""
        if self.roles.isdisjoint(allowed):
            raise Forbidden(needs=" | ".join(allowed))
