"""What saved searches tell, on the official's own stream alone: nobody else hears of them."""

from typing import ClassVar
from uuid import UUID

from typing_extensions import override

from core.events import Event


class SavedSearchAnswered(Event):
    """A document answers searches that an official has saved; told once for each document.

    Attributes:
        search_ids: which of their searches.
    """

    name: ClassVar[str] = "lookup.answered"

    document_id: UUID
    official_id: UUID
    search_ids: tuple[UUID, ...]

    @override
    def topics(self) -> frozenset[str]:
        return frozenset({f"user:{self.official_id}"})

    @override
    def subject(self) -> str:
        return f"document:{self.document_id}"

    @override
    def notifies(self) -> frozenset[UUID]:
        return frozenset({self.official_id})
