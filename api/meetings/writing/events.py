"""What is told of the writing of minutes: who may, and no word of them."""

from typing import ClassVar

from api.meetings.events import MeetingEvent


class MinutesWritersChanged(MeetingEvent):
    """The secretary let others write the minutes, or no more."""

    name: ClassVar[str] = "meeting.minutes_writers_changed"
