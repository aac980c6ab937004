"""Use-cases of agenda and table: each function is one transaction's worth of work."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlmodel import col, delete, select

from api.documents import queries as documents
from api.documents.models import Revision
from api.documents.rules import must_be_known, must_not_be_secret
from api.meetings import queries as meetings
from api.meetings.counting import count
from api.meetings.models import (
    AgendaItem,
    ItemGuest,
    Meeting,
    PageRead,
    Participant,
    TableDocument,
    TableReader,
)
from api.meetings.papers import queries
from api.meetings.papers.errors import Withdrawn, WrongAgenda
from api.meetings.papers.events import (
    AgendaChanged,
    ItemMoved,
    MeetingTableChanged,
    PaperGivenBack,
    PaperStaged,
    PaperTakenAway,
    PaperWithdrawn,
)
from api.meetings.papers.queries import OnTable
from api.meetings.papers.rules import (
    ItemMove,
    ItemState,
    PaperMove,
    PaperState,
    item_after,
    must_be_a_tree,
    paper_after,
)
from api.meetings.plans import Laid, Line
from api.meetings.rules import (
    OPEN_TO_CHANGE,
    Act,
    Part,
    may,
    must_be_in,
    must_be_in_session,
    must_have_page,
)
from api.meetings.seats import locked, seat
from core.actor import Actor
from core.db import Tx
from core.ids import new_id


async def set_agenda(tx: Tx, actor: Actor, meeting_id: UUID, lines: Sequence[Line]) -> Meeting:
    """Write the agenda: items that are there keep their id, the others go or are new."""
    meeting = (await locked(tx, actor, meeting_id, Act.CHANGE_AGENDA)).meeting
    must_be_in(meeting.state, *OPEN_TO_CHANGE, move="set_agenda")
    must_be_a_tree([line.parent for line in lines])
    must_not_be_secret("", "", [line.title for line in lines])
    before = {one.id: one for one in await queries.items(tx, meeting_id)}
    ids = [line.id or new_id() for line in lines]
    named = {line.id for line in lines if line.id}
    if len(set(ids)) != len(ids) or named - set(before):
        raise WrongAgenda
    await _must_be_people(tx, meeting_id, lines)
    for place, line in enumerate(lines):
        parent_id = None if line.parent is None else ids[line.parent]
        kept = before.get(ids[place])
        found = kept or _item(meeting, ids[place])
        found.parent_id, found.place, found.title = parent_id, place, line.title
        found.minutes, found.reporter_id = line.minutes, line.reporter_id
        tx.session.add(found)
        await tx.session.flush()
        await _let_in(tx, found, line.guests)
    await _drop_items(tx, meeting_id, [before[one] for one in before if one not in ids])
    tx.audit(actor, "meetings.set_agenda", meeting_id)
    tx.emit(AgendaChanged(meeting_id=meeting_id, by=actor.id))
    return meeting


async def move_item(
    tx: Tx, actor: Actor, meeting_id: UUID, item_id: UUID, move: ItemMove
) -> Meeting:
    """Begin, conclude, defer or withdraw an item; whatever was active before is concluded."""
    meeting = (await locked(tx, actor, meeting_id, Act.CHANGE_STATE)).meeting
    item = await queries.item(tx, meeting_id, item_id)
    must_be_in_session(meeting.state)
    if move is ItemMove.BEGIN and meeting.active_item_id not in {None, item_id}:
        active = await queries.item(tx, meeting_id, meeting.active_item_id)
        _advance(tx, actor, meeting, active, ItemMove.CONCLUDE)
    _advance(tx, actor, meeting, item, move)
    return meeting


async def lay(tx: Tx, actor: Actor, meeting_id: UUID, laid: Laid) -> Meeting:
    """Lay a document on the table; a reporter's own waits until the secretary publishes it."""
    reports = await _reports(tx, actor, meeting_id, laid.item_id)
    taken = await locked(tx, actor, meeting_id, Act.PROPOSE_PAPER, reports=reports)
    must_be_in(taken.meeting.state, *OPEN_TO_CHANGE, move="lay")
    stages = not may(Act.CHANGE_TABLE, taken.part)
    await lay_one(tx, actor, taken.meeting, laid, stages=stages)
    return taken.meeting


async def lay_one(
    tx: Tx, actor: Actor, meeting: Meeting, laid: Laid, *, stages: bool = False
) -> None:
    """Lay a document on the table of a meeting that is locked; a second time changes nothing."""
    document = await documents.document(tx, actor, laid.document_id)
    must_be_known(held=document.held)
    if await tx.session.get(TableDocument, (meeting.id, laid.document_id)) is not None:
        return
    if laid.item_id is not None:
        await queries.item(tx, meeting.id, laid.item_id)
    revision = await documents.latest_revision(tx, laid.document_id)
    row = await _row(tx, actor, meeting, laid, revision)
    row.state = PaperState.STAGED if stages else PaperState.PUBLISHED
    tx.session.add(row)
    await tx.session.flush()
    for official_id in set(laid.circle or ()):
        await meetings.participant(tx, meeting.id, official_id)
        tx.session.add(
            TableReader(
                meeting_id=meeting.id,
                document_id=row.document_id,
                official_id=official_id,
                agency_id=meeting.agency_id,
            )
        )
    tx.audit(actor, "meetings.lay", meeting.id, document=str(laid.document_id))
    _tell(tx, actor, row)


async def move_paper(
    tx: Tx, actor: Actor, meeting_id: UUID, document_id: UUID, move: PaperMove
) -> Meeting:
    """Publish a document, lay its newest revision, or withdraw it for good."""
    meeting = (await locked(tx, actor, meeting_id, Act.CHANGE_TABLE)).meeting
    row = await queries.laid(tx, meeting_id, document_id)
    row.state = paper_after(row.state, move)
    if move is PaperMove.RENEW:
        must_be_in(meeting.state, *OPEN_TO_CHANGE, move="renew")
        revision = await documents.latest_revision(tx, document_id)
        row.revision_id, row.pages = revision.id, revision.pages
    if move is PaperMove.WITHDRAW:
        row.withdrawn_at = tx.now
        if meeting.shown_document_id == document_id:
            _show_nothing(tx, meeting)
    tx.session.add(row)
    tx.audit(actor, f"meetings.{move}_document", meeting_id, document=str(document_id))
    _tell(tx, actor, row)
    return meeting


async def follow_quarantine(tx: Tx, document_id: UUID, *, is_gone: bool) -> None:
    """Tell every table that a document was taken from everybody, or given back; again is no harm.

    Whether it lies there is asked of the document itself; what is shown of it ends at once.
    """
    statement = select(TableDocument.meeting_id).where(TableDocument.document_id == document_id)
    for meeting_id in (await tx.session.exec(statement.order_by("meeting_id"))).all():
        meeting = await tx.session.get_one(Meeting, meeting_id, with_for_update=True)
        if is_gone and meeting.shown_document_id == document_id:
            _show_nothing(tx, meeting)
        told = PaperTakenAway if is_gone else PaperGivenBack
        by = await meetings.chair_of(tx, meeting_id)
        tx.emit(told(meeting_id=meeting_id, by=by, document_id=document_id))


def _show_nothing(tx: Tx, meeting: Meeting) -> None:
    meeting.shown_document_id = meeting.shown_revision_id = meeting.shown_page = None
    tx.session.add(meeting)


async def open_page(
    tx: Tx, actor: Actor, meeting_id: UUID, document_id: UUID, page: int
) -> tuple[OnTable, Revision]:
    """Let somebody read a page now, and write down that they did."""
    mine = await seat(tx, actor, meeting_id)
    paper = await queries.paper(tx, mine, document_id)
    if paper.row.state is PaperState.WITHDRAWN:
        raise Withdrawn(id=str(document_id))
    must_have_page(page, paper.row.pages)
    await _note_read(tx, mine.mine, paper.row.revision_id, page)
    tx.audit(actor, "meetings.read_page", meeting_id, document=str(document_id), page=page)
    return paper, await tx.session.get_one(Revision, paper.row.revision_id)


async def _note_read(tx: Tx, reader: Participant, revision_id: UUID, page: int) -> None:
    read = PageRead(
        meeting_id=reader.meeting_id,
        revision_id=revision_id,
        page=page,
        official_id=reader.official_id,
        agency_id=reader.agency_id,
        times=1,
        first_at=tx.now,
        last_at=tx.now,
    )
    await count(tx, read)


def _advance(tx: Tx, actor: Actor, meeting: Meeting, item: AgendaItem, move: ItemMove) -> None:
    """Move an item on, or refuse; the only place that changes an item's state."""
    item.state = item_after(item.state, move)
    if move is ItemMove.BEGIN:
        meeting.active_item_id, item.begun_at = item.id, tx.now
    elif meeting.active_item_id == item.id:
        meeting.active_item_id, item.ended_at = None, tx.now
    tx.session.add_all([meeting, item])
    tx.audit(actor, f"meetings.{move}_item", meeting.id, item=str(item.id))
    tx.emit(ItemMoved(meeting_id=meeting.id, by=actor.id, item_id=item.id, state=item.state))


def _tell(tx: Tx, actor: Actor, row: TableDocument) -> None:
    of = {"meeting_id": row.meeting_id, "by": actor.id, "document_id": row.document_id}
    match row.state:
        case PaperState.PUBLISHED:
            tx.emit(MeetingTableChanged(**of, revision_id=row.revision_id))
        case PaperState.STAGED:
            tx.emit(PaperStaged(**of))
        case PaperState.WITHDRAWN:
            tx.emit(PaperWithdrawn(**of))


async def _row(
    tx: Tx, actor: Actor, meeting: Meeting, laid: Laid, revision: Revision
) -> TableDocument:
    return TableDocument(
        meeting_id=meeting.id,
        agency_id=meeting.agency_id,
        document_id=laid.document_id,
        revision_id=revision.id,
        pages=revision.pages,
        place=await queries.next_place(tx, meeting.id),
        item_id=laid.item_id,
        restricted=laid.restricted,
        closed_circle=laid.circle is not None,
        laid_by=actor.id,
    )


async def _reports(tx: Tx, actor: Actor, meeting_id: UUID, item_id: UUID | None) -> bool:
    """Say whether the actor reports on the item; of nothing that is not there."""
    item = await tx.session.get(AgendaItem, item_id) if item_id else None
    return item is not None and (item.meeting_id, item.reporter_id) == (meeting_id, actor.id)


async def _must_be_people(tx: Tx, meeting_id: UUID, lines: Sequence[Line]) -> None:
    parts = {one.official_id: one.part for one in await meetings.people(tx, meeting_id)}
    for place, line in enumerate(lines):
        strange = line.reporter_id is not None and line.reporter_id not in parts
        if strange or any(parts.get(one) is not Part.GUEST for one in line.guests):
            raise WrongAgenda(place=place)


async def _let_in(tx: Tx, item: AgendaItem, guests: Iterable[UUID]) -> None:
    await tx.session.exec(delete(ItemGuest).where(col(ItemGuest.item_id) == item.id))
    tx.session.add_all(
        ItemGuest(item_id=item.id, official_id=one, agency_id=item.agency_id)
        for one in dict.fromkeys(guests)
    )


async def _drop_items(tx: Tx, meeting_id: UUID, gone: Sequence[AgendaItem]) -> None:
    ids = [one.id for one in gone]
    used = select(TableDocument.item_id).where(
        TableDocument.meeting_id == meeting_id, col(TableDocument.item_id).in_(ids)
    )
    if (await tx.session.exec(used.limit(1))).first() is not None:
        raise WrongAgenda
    if any(one.state is not ItemState.PENDING for one in gone):
        raise WrongAgenda
    await tx.session.flush()
    await tx.session.exec(delete(ItemGuest).where(col(ItemGuest.item_id).in_(ids)))
    for one in reversed(gone):  # children stand behind their parents
        await tx.session.delete(one)
        await tx.session.flush()


def _item(meeting: Meeting, item_id: UUID) -> AgendaItem:
    return AgendaItem(
        id=item_id, meeting_id=meeting.id, agency_id=meeting.agency_id, place=0, title="", minutes=0
    )
