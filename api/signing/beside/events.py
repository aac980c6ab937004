"""What happens to files beside a document; each fact stands on the document's stream."""

from typing import ClassVar
from uuid import UUID

from typing_extensions import override

from core.events import Event


class BesideEvent(Event):
    """Something happened to a file beside a document."""

    document_id: UUID
    file_id: UUID
    by: UUID

    @override
    def topics(self) -> frozenset[str]:
        return frozenset({f"document:{self.document_id}"})


class CopyMade(BesideEvent):
    """The clerk made a copy and sealed it."""

    name: ClassVar[str] = "signing.copy_made"

    form: str


class AttachmentAdded(BesideEvent):
    """The drafter added an attachment in a file of its own."""

    name: ClassVar[str] = "signing.attachment_added"


class AttachmentRemoved(BesideEvent):
    """The drafter took an attachment off again."""

    name: ClassVar[str] = "signing.attachment_removed"


class AttachmentSealed(BesideEvent):
    """The clerk sealed an attachment in a file of its own."""

    name: ClassVar[str] = "signing.attachment_sealed"
