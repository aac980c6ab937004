"""What is told of recordings: everybody in the room hears it."""

from typing import ClassVar
from uuid import UUID

from api.meetings.events import MeetingEvent


class _OfRecording(MeetingEvent):
    recording_id: UUID


class RecordingStarted(_OfRecording):
    """From now on what the room hears and sees through its media engine is recorded."""

    name: ClassVar[str] = "meeting.recording_started"


class RecordingStopped(_OfRecording):
    """Nothing more is recorded."""

    name: ClassVar[str] = "meeting.recording_stopped"


class RecordingKept(_OfRecording):
    """What was recorded lies in the meeting's record; `tracks` says in how many files."""

    name: ClassVar[str] = "meeting.recording_kept"

    tracks: int
