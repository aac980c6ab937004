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


class StatusUnknown(Event):
    """Nobody could say whether the signer's certificate is revoked; the signer is warned."""

    name: ClassVar[str] = "signing.status_unknown"

    request_id: UUID
    signer_id: UUID

    @override
    def topics(self) -> frozenset[str]:
        return frozenset({f"user:{self.signer_id}"})
