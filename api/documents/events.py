"""What happens to documents; each fact stands on the document's own stream."""

from typing import ClassVar
from uuid import UUID

from typing_extensions import override

from core.events import DOOR, Event


class AboutDocument(Event):
    """Something happened to a document, perhaps by itself.

    Attributes:
        document_id: which.
        tells: officials who hear of it on their own streams, and whose phones ring.
    """

    document_id: UUID
    tells: tuple[UUID, ...] = ()

    @override
    def topics(self) -> frozenset[str]:
        users = {f"user:{official_id}" for official_id in self.tells}
        return frozenset({f"document:{self.document_id}", *users})

    @override
    def notifies(self) -> frozenset[UUID]:
        return frozenset(self.tells)


class DocumentEvent(AboutDocument):
    """Somebody did something with a document.

    Attributes:
        by: the official who did it; they need not be told.
    """

    by: UUID

    @override
    def notifies(self) -> frozenset[UUID]:
        return super().notifies() - {self.by}


class DocumentTextRead(AboutDocument):
    """The pages that are pictures were read."""

    name: ClassVar[str] = "documents.text_read"

    pages: int
    unreadable: int
    held: bool


class DocumentQuarantined(AboutDocument):
    """A secrecy stamp was found: nobody sees the document any more, on whichever process."""

    name: ClassVar[str] = "documents.quarantined"

    @override
    def topics(self) -> frozenset[str]:
        return super().topics() | {DOOR}


class DocumentReleased(DocumentEvent):
    """Two officials have vouched that the document is not secret."""

    name: ClassVar[str] = "documents.released"


class DocumentRegistered(DocumentEvent):
    """A clerk registered an incoming document."""

    name: ClassVar[str] = "documents.registered"

    arrival_number: int
    presented_to: UUID
    held: bool


class DocumentConfirmed(DocumentEvent):
    """A clerk has looked at every page: the document is not secret."""

    name: ClassVar[str] = "documents.confirmed"


class DocumentForceSaid(DocumentEvent):
    """A clerk said from when to when what the document lays down holds."""

    name: ClassVar[str] = "documents.force_said"


class DocumentDirected(DocumentEvent):
    """A leader gave the document to those who work on it."""

    name: ClassVar[str] = "documents.directed"


class DocumentResolved(DocumentEvent):
    """What the document asked for is done."""

    name: ClassVar[str] = "documents.resolved"


class DocumentDrafted(DocumentEvent):
    """An official drafted a document."""

    name: ClassVar[str] = "documents.drafted"

    reply_to: UUID | None


class DocumentSubmitted(DocumentEvent):
    """The drafter put the draft before its signer."""

    name: ClassVar[str] = "documents.submitted"

    signer_id: UUID


class DocumentReturned(DocumentEvent):
    """The draft is its drafter's again: sent back, or taken back."""

    name: ClassVar[str] = "documents.returned"


class DocumentCosigned(DocumentEvent):
    """One of several signed; the document still waits for the others."""

    name: ClassVar[str] = "documents.cosigned"


class DocumentSigned(DocumentEvent):
    """The signer signed; of several, the last."""

    name: ClassVar[str] = "documents.signed"


class DocumentNumbered(DocumentEvent):
    """The clerk gave the document its number and date."""

    name: ClassVar[str] = "documents.numbered"

    number: int
    year: int


class DocumentSealed(DocumentEvent):
    """The clerk sealed the document with the agency's signature."""

    name: ClassVar[str] = "documents.sealed"


class DocumentIssued(DocumentEvent):
    """The clerk issued the document."""

    name: ClassVar[str] = "documents.issued"
