"""What is told of the agenda and its documents: ids, and no titles."""

from typing import ClassVar
from uuid import UUID

from typing_extensions import override

from api.meetings.events import MeetingEvent


class AgendaChanged(MeetingEvent):
    """The agenda was written or reordered; read it anew."""

    name: ClassVar[str] = "meeting.agenda_changed"


class ItemMoved(MeetingEvent):
    """An agenda item stands elsewhere now; `state` says where."""

    name: ClassVar[str] = "meeting.item_moved"

    item_id: UUID
    state: str


class _OfDocument(MeetingEvent):
    document_id: UUID

    @override
    def topics(self) -> frozenset[str]:
        return frozenset({f"room:{self.meeting_id}", f"document:{self.document_id}"})


class MeetingTableChanged(_OfDocument):
    """A document was laid on the table; everybody concerned may read it."""

    name: ClassVar[str] = "meeting.document_added"

    revision_id: UUID


class PaperStaged(_OfDocument):
    """A reporter proposed a document; the secretary publishes it."""

    name: ClassVar[str] = "meeting.document_staged"


class PaperWithdrawn(_OfDocument):
    """A document was withdrawn: no page of it is given out any more."""

    name: ClassVar[str] = "meeting.document_withdrawn"


class PaperTakenAway(MeetingEvent):
    """A secrecy stamp was found on a document of the table: phones forget every page of it."""

    name: ClassVar[str] = "meeting.document_taken_away"

    document_id: UUID


class PaperGivenBack(MeetingEvent):
    """The stamp was a false alarm: the document lies on the table again."""

    name: ClassVar[str] = "meeting.document_given_back"

    document_id: UUID
