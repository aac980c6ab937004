"""What the long-term work tells."""

from typing import ClassVar
from uuid import UUID

from typing_extensions import override

from core.events import Event


class LevelReached(Event):
    """The signatures of a document now last longer: B-T has a trusted time, B-LTA its evidence."""

    name: ClassVar[str] = "signing.level_reached"

    document_id: UUID
    level: str

    @override
    def topics(self) -> frozenset[str]:
        return frozenset({f"document:{self.document_id}"})
