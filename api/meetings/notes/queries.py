"""What may be read of annotations: whose they are is part of the select."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, or_, select

from api.meetings.notes.models import Annotation
from api.meetings.notes.rules import Layer, may_see
from api.meetings.papers import queries as papers
from api.meetings.papers.rules import PaperState
from api.meetings.seats import Seat
from core.db import ReadTx


async def notes(view: ReadTx, mine: Seat) -> Sequence[Annotation]:
    """List the annotations that somebody may read, on papers that they may read now."""
    me = mine.mine.official_id
    laid = [one.row for one in await papers.table(view, mine)]
    open_to_me = [one.document_id for one in laid if one.state is not PaperState.WITHDRAWN]
    visible = or_(col(Annotation.author_id) == me, col(Annotation.layer) != Layer.PRIVATE)
    statement = (
        select(Annotation)
        .where(Annotation.meeting_id == mine.meeting.id, visible, ~col(Annotation.dropped))
        .where(col(Annotation.document_id).in_(open_to_me))
        .order_by(col(Annotation.document_id), col(Annotation.page), col(Annotation.id))
    )
    found = (await view.session.exec(statement)).all()
    return [one for one in found if _is_seen(one, me, mine)]


def _is_seen(one: Annotation, me: UUID, mine: Seat) -> bool:
    submitted = one.submitted_at is not None
    return may_see(one.layer, author=one.author_id, reader=me, part=mine.part, submitted=submitted)
