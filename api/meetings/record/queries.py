"""What may be read of the record."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from api.meetings import queries as meetings
from api.meetings.attendance import queries as attendance
from api.meetings.models import Meeting
from api.meetings.record.composing import Concluded, Decided, Person, Record
from api.meetings.record.models import Conclusion, Minutes, MinutesComment
from api.meetings.rules import Form, Part
from api.meetings.votes import queries as votes
from api.meetings.votes.models import Vote
from api.meetings.votes.rules import State as VoteState
from api.meetings.writing import queries as writing
from api.people import queries as people
from core.db import ReadTx
from core.errors import NotFound


async def minutes(view: ReadTx, meeting_id: UUID) -> Minutes:
    """Return the minutes that are begun."""
    found = await view.session.get(Minutes, meeting_id)
    if found is None:
        raise NotFound(id=str(meeting_id))
    return found


async def of_document(view: ReadTx, document_id: UUID) -> Minutes | None:
    """Return the minutes that were frozen into a document."""
    statement = select(Minutes).where(Minutes.document_id == document_id)
    return (await view.session.exec(statement)).first()


async def comments(view: ReadTx, meeting_id: UUID) -> Sequence[MinutesComment]:
    """List what was said about the minutes, the oldest first."""
    statement = select(MinutesComment).where(MinutesComment.meeting_id == meeting_id)
    oldest = statement.order_by(col(MinutesComment.at), col(MinutesComment.id))
    return (await view.session.exec(oldest)).all()


async def conclusions(view: ReadTx, meeting_id: UUID) -> Sequence[Conclusion]:
    """List the conclusions in their order."""
    statement = select(Conclusion).where(Conclusion.meeting_id == meeting_id)
    return (await view.session.exec(statement.order_by(col(Conclusion.ordinal)))).all()


async def record(view: ReadTx, meeting: Meeting) -> Record:
    """Return everything that the minutes of a meeting tell."""
    everybody = await meetings.people(view, meeting.id)
    by_part = {one.part: one.official_id for one in everybody}
    found = await conclusions(view, meeting.id)
    leads = [one.lead_id for one in found if one.lead_id is not None]
    known = await people.names(view, [*leads, *(one.official_id for one in everybody)])
    named = {who: Person(one.full_name, one.position) for who, one in known.items()}
    came = {one.official_id for one in await attendance.stays(view, meeting.id)}
    others = [
        one for one in everybody if one.part not in {Part.CHAIR, Part.SECRETARY}
    ] if meeting.form is not Form.BALLOT else []  # fmt: skip
    return Record(
        title=meeting.title,
        place=meeting.place,
        opened_at=meeting.opened_at,
        closed_at=meeting.closed_at,
        chair=named[by_part[Part.CHAIR]],
        secretary=named[by_part[Part.SECRETARY]],
        present=[named[one.official_id] for one in others if one.official_id in came],
        absent=[named[one.official_id] for one in others if one.official_id not in came],
        text=await writing.words(view, meeting.id),
        votes=[_decided(one) for one in await votes.votes(view, meeting.id) if _is_out(one)],
        conclusions=[
            Concluded(one.words, named[one.lead_id] if one.lead_id else None, one.due)
            for one in found
        ],
    )


def _is_out(vote: Vote) -> bool:
    return vote.state is VoteState.PUBLISHED


def _decided(vote: Vote) -> Decided:
    result = vote.result or {}
    adopted = result["adopted"]
    counted = list(zip(vote.choices, result["counts"], strict=True))
    return Decided(vote.question, counted, None if adopted is None else vote.choices[adopted])
