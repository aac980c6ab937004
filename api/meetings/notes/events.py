"""What is told of annotations: ids and the layer, never the words; of private ones nothing."""

from typing import ClassVar
from uuid import UUID

from api.meetings.events import MeetingEvent


class NotePut(MeetingEvent):
    """A shared annotation was written or changed, or an opinion submitted; fetch its body."""

    name: ClassVar[str] = "meeting.note_put"

    note_id: UUID
    document_id: UUID
    page: int
    layer: str
    version: int


class NoteDropped(MeetingEvent):
    """A shared annotation was taken away."""

    name: ClassVar[str] = "meeting.note_dropped"

    note_id: UUID
