"""What the CSC server tells the official whose phone rings."""

from typing import ClassVar
from uuid import UUID

from typing_extensions import override

from core.events import Event


class ApplicationPrompted(Event):
    """A third party's application asked the official's SIM; the code must be the same there."""

    name: ClassVar[str] = "csc.prompted"

    official_id: UUID
    application: str
    verification_codes: list[str]

    @override
    def topics(self) -> frozenset[str]:
        return frozenset({f"user:{self.official_id}"})
