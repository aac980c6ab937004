"""The quorum as everybody sees it."""

from api.meetings.attendance import queries
from api.meetings.attendance.schemas import QuorumOut
from api.meetings.models import Meeting
from core.db import ReadTx


async def quorum(view: ReadTx, meeting: Meeting) -> QuorumOut:
    """Count who is there now."""
    counted = await queries.count(view, meeting)
    return QuorumOut(
        entitled=counted.entitled,
        present=counted.present,
        weight_entitled=counted.weight_entitled,
        weight_present=counted.weight_present,
        percent=counted.percent,
        met=counted.is_met,
    )
