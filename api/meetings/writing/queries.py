"""What is read of minutes that are written."""

from uuid import UUID

from sqlmodel import col, select

from api.meetings.writing.models import MinutesUpdate
from api.meetings.writing.rules import ROOT
from core.db import ReadTx
from realtime.texts.document import SharedText


async def catch_up(view: ReadTx, meeting_id: UUID, shared: SharedText) -> list[bytes]:
    """Apply what is kept behind the position of `shared`, and return it."""
    statement = (
        select(MinutesUpdate)
        .where(MinutesUpdate.meeting_id == meeting_id, col(MinutesUpdate.seq) > shared.position)
        .order_by(col(MinutesUpdate.seq))
    )
    found = (await view.session.exec(statement)).all()
    for one in found:
        shared.load(one.content, one.seq)
    return [one.content for one in found]


async def shared(view: ReadTx, meeting_id: UUID) -> SharedText:
    """Return the text as it is kept."""
    text = SharedText(ROOT)
    await catch_up(view, meeting_id, text)
    return text


async def words(view: ReadTx, meeting_id: UUID) -> str:
    """Return what can be read of the text."""
    return (await shared(view, meeting_id)).words
