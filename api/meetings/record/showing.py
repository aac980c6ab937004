"""The minutes as phones see them."""

from api.meetings.record.models import Minutes
from api.meetings.record.schemas import MinutesOut
from api.meetings.writing import queries as writing
from core.db import ReadTx


async def whole(view: ReadTx, minutes: Minutes) -> MinutesOut:
    """Return the minutes with their text."""
    text = await writing.words(view, minutes.meeting_id)
    return MinutesOut(text=text, **minutes.model_dump(include=set(MinutesOut.model_fields)))
