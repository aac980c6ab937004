"""What may be read of agenda and table: a person sees what they may read, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select

from api.documents.models import Document, Revision
from api.documents.queries import may_leave
from api.meetings import queries as meetings
from api.meetings.errors import NotOnTheTable
from api.meetings.models import (
    AgendaItem,
    ItemGuest,
    Meeting,
    PageRead,
    TableDocument,
    TableReader,
)
from api.meetings.papers.rules import Paper, PaperState, may_read
from api.meetings.rules import Part
from api.meetings.seats import Seat
from core.db import ReadTx
from core.errors import NotFound


async def items(view: ReadTx, meeting_id: UUID) -> Sequence[AgendaItem]:
    """List the agenda in its order."""
    statement = select(AgendaItem).where(AgendaItem.meeting_id == meeting_id)
    return (await view.session.exec(statement.order_by(col(AgendaItem.place)))).all()


async def item(view: ReadTx, meeting_id: UUID, item_id: UUID) -> AgendaItem:
    """Return an item of a meeting's agenda."""
    found = await view.session.get(AgendaItem, item_id)
    if found is None or found.meeting_id != meeting_id:
        raise NotFound(id=str(item_id))
    return found


async def guests(view: ReadTx, meeting_id: UUID) -> dict[UUID, set[UUID]]:
    """Return the guests of each item."""
    statement = (
        select(ItemGuest)
        .join(AgendaItem, col(AgendaItem.id) == col(ItemGuest.item_id))
        .where(AgendaItem.meeting_id == meeting_id)
    )
    found: dict[UUID, set[UUID]] = {}
    for one in (await view.session.exec(statement)).all():
        found.setdefault(one.item_id, set()).add(one.official_id)
    return found


async def seen_items(view: ReadTx, seat: Seat) -> Sequence[AgendaItem]:
    """List the items that somebody sees: all of them; a guest, the active one they are let into."""
    everything = await items(view, seat.meeting.id)
    if seat.part is not Part.GUEST:
        return everything
    let_in = await guests(view, seat.meeting.id)
    return [one for one in everything if is_let_in(seat, one.id, let_in)]


def is_let_in(seat: Seat, item_id: UUID | None, let_in: dict[UUID, set[UUID]]) -> bool:
    """Say whether a guest sits at the item that is being dealt with."""
    if item_id is None or item_id != seat.meeting.active_item_id:
        return False
    return seat.mine.official_id in let_in.get(item_id, set())


async def published(view: ReadTx, meeting_id: UUID) -> Sequence[TableDocument]:
    """List what was published, in its order."""
    statement = select(TableDocument).where(
        TableDocument.meeting_id == meeting_id, TableDocument.state == PaperState.PUBLISHED
    )
    return (await view.session.exec(statement.order_by(col(TableDocument.place)))).all()


@dataclass(frozen=True, slots=True)
class OnTable:
    """A document on the table, with what is told of it to its readers."""

    row: TableDocument
    title: str
    sha256: str
    circle: frozenset[UUID] | None


async def table(view: ReadTx, seat: Seat) -> list[OnTable]:
    """List the documents that somebody may know of, in their order."""
    let_in = await guests(view, seat.meeting.id)
    found = await _on_table(view, seat.meeting.id)
    return [one for one in found if _readable(seat, one, let_in)]


async def readers(view: ReadTx, meeting_id: UUID, document_id: UUID) -> frozenset[UUID]:
    """Return who may read a document of a table now; nobody if it does not lie there."""
    meeting = await view.session.get(Meeting, meeting_id)
    found = [
        one for one in await _on_table(view, meeting_id)
        if one.row.document_id == document_id and one.row.state is not PaperState.WITHDRAWN
    ]  # fmt: skip
    if meeting is None or not found:
        return frozenset()
    let_in = await guests(view, meeting_id)
    return frozenset(
        one.official_id for one in await meetings.people(view, meeting_id)
        if _readable(Seat(meeting, one), found[0], let_in)
    )  # fmt: skip


async def _on_table(view: ReadTx, meeting_id: UUID) -> list[OnTable]:
    statement = (
        select(TableDocument, Document.title, Revision.sha256)
        .join(Document, col(Document.id) == col(TableDocument.document_id))
        .join(Revision, col(Revision.id) == col(TableDocument.revision_id))
        .where(TableDocument.meeting_id == meeting_id)
        .where(may_leave())
        .order_by(col(TableDocument.place))
    )
    circles = await _circles(view, meeting_id)
    return [
        OnTable(row, title, sha256, _circle(row, circles))
        for row, title, sha256 in (await view.session.exec(statement)).all()
    ]


async def paper(view: ReadTx, seat: Seat, document_id: UUID) -> OnTable:
    """Return a document that somebody may know of."""
    for one in await table(view, seat):
        if one.row.document_id == document_id:
            return one
    raise NotOnTheTable(id=str(document_id))


async def laid(view: ReadTx, meeting_id: UUID, document_id: UUID) -> TableDocument:
    """Return the place of a document on a table, whoever may know of it."""
    statement = (
        select(TableDocument)
        .join(Document, col(Document.id) == col(TableDocument.document_id))
        .where(TableDocument.meeting_id == meeting_id)
        .where(TableDocument.document_id == document_id, may_leave())
    )
    found = (await view.session.exec(statement)).first()
    if found is None:
        raise NotOnTheTable(id=str(document_id))
    return found


async def reads(view: ReadTx, meeting_id: UUID) -> Sequence[PageRead]:
    """List who read which page how often."""
    statement = select(PageRead).where(PageRead.meeting_id == meeting_id)
    place = (col(PageRead.revision_id), col(PageRead.page), col(PageRead.official_id))
    return (await view.session.exec(statement.order_by(*place))).all()


async def progress(view: ReadTx, meeting_id: UUID) -> list[tuple[UUID, UUID, int]]:
    """Return for each revision and person how many of its pages they have read."""
    statement = (
        select(PageRead.revision_id, PageRead.official_id, func.count())
        .where(PageRead.meeting_id == meeting_id)
        .group_by(col(PageRead.revision_id), col(PageRead.official_id))
        .order_by(col(PageRead.revision_id), col(PageRead.official_id))
    )
    return [(one[0], one[1], one[2]) for one in (await view.session.exec(statement)).all()]


async def next_place(view: ReadTx, meeting_id: UUID) -> int:
    """Return the place after the last document, whatever became of those before."""
    last = select(func.max(TableDocument.place)).where(TableDocument.meeting_id == meeting_id)
    found: int | None = (await view.session.exec(last)).one()
    return 0 if found is None else found + 1


async def _circles(view: ReadTx, meeting_id: UUID) -> dict[UUID, set[UUID]]:
    statement = select(TableReader).where(TableReader.meeting_id == meeting_id)
    found: dict[UUID, set[UUID]] = {}
    for one in (await view.session.exec(statement)).all():
        found.setdefault(one.document_id, set()).add(one.official_id)
    return found


def _circle(row: TableDocument, circles: dict[UUID, set[UUID]]) -> frozenset[UUID] | None:
    return frozenset(circles.get(row.document_id, ())) if row.closed_circle else None


def _readable(seat: Seat, one: OnTable, let_in: dict[UUID, set[UUID]]) -> bool:
    row = one.row
    judged = Paper(
        state=row.state,
        laid_by=row.laid_by,
        circle=one.circle,
        item_id=row.item_id,
        item_guests=let_in.get(row.item_id, set()) if row.item_id else (),
    )
    me = seat.mine
    # A delegate reads what the principal was given.
    both = [me.official_id, me.stands_for] if me.stands_for else [me.official_id]
    active = seat.meeting.active_item_id
    return any(may_read(judged, one_, me.part, active_item_id=active) for one_ in both)
