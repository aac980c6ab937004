"""Use-cases of annotations: each function is one transaction's worth of work."""

from uuid import UUID

from api.documents.rules import must_not_be_secret
from api.meetings.errors import NotOnTheTable
from api.meetings.notes.errors import Submitted, WrongTarget
from api.meetings.notes.events import NoteDropped, NotePut
from api.meetings.notes.models import Annotation
from api.meetings.notes.rules import WRITES, Layer
from api.meetings.notes.schemas import PutNote
from api.meetings.papers import queries as papers
from api.meetings.papers.rules import PaperState
from api.meetings.rules import Act
from api.meetings.seats import Seat, seat
from core.actor import Actor
from core.db import Tx
from core.errors import NotFound, Stale


async def put(tx: Tx, actor: Actor, meeting_id: UUID, said: PutNote) -> Annotation:
    """Write an annotation, or change one's own; the same again changes nothing."""
    mine = await seat(tx, actor, meeting_id, WRITES[said.layer])
    if said.layer is not Layer.PRIVATE:
        must_not_be_secret("", "", [said.body])
    await _must_be_readable(tx, mine, said)
    known = await tx.session.get(Annotation, said.id, with_for_update=True)
    if known is None:
        known = _new(actor, mine, said)
    else:
        _must_be_mine(known, actor, mine)
        if _is_same(known, said):
            return known
        if known.submitted_at is not None:
            raise Submitted
        if known.layer is not said.layer or said.version != known.version:
            raise Stale(version=known.version)
    known.motivation, known.body = said.motivation, said.body
    known.selector = said.target.selector.model_dump()
    known.changed_at, known.dropped = tx.now, False
    tx.session.add(known)
    await tx.session.flush()
    if known.layer is Layer.SHARED:
        _tell(tx, actor, known)
    return known


async def submit(tx: Tx, actor: Actor, meeting_id: UUID, note_id: UUID) -> Annotation:
    """Submit a formal opinion for good; again changes nothing."""
    mine = await seat(tx, actor, meeting_id, Act.GIVE_OPINION)
    found = await _mine(tx, actor, mine, note_id)
    if found.layer is not Layer.OPINION:
        raise NotFound(id=str(note_id))
    if found.submitted_at is None:
        found.submitted_at = tx.now
        tx.session.add(found)
        await tx.session.flush()
        tx.audit(actor, "meetings.submit_opinion", meeting_id, note=str(note_id))
        _tell(tx, actor, found)
    return found


async def drop(tx: Tx, actor: Actor, meeting_id: UUID, note_id: UUID) -> Annotation:
    """Take one's own annotation away; a submitted opinion stays."""
    mine = await seat(tx, actor, meeting_id, Act.NOTE)
    found = await _mine(tx, actor, mine, note_id)
    if found.submitted_at is not None:
        raise Submitted
    if not found.dropped:
        found.dropped = True
        tx.session.add(found)
        if found.layer is Layer.SHARED:
            tx.emit(NoteDropped(meeting_id=meeting_id, by=actor.id, note_id=note_id))
    return found


async def _must_be_readable(tx: Tx, mine: Seat, said: PutNote) -> None:
    try:
        paper = (await papers.paper(tx, mine, said.target.source)).row
    except NotOnTheTable:
        raise WrongTarget from None
    wrong = paper.revision_id != said.target.revision or said.target.page >= paper.pages
    if wrong or paper.state is PaperState.WITHDRAWN:
        raise WrongTarget


async def _mine(tx: Tx, actor: Actor, mine: Seat, note_id: UUID) -> Annotation:
    found = await tx.session.get(Annotation, note_id, with_for_update=True)
    if found is None:
        raise NotFound(id=str(note_id))
    _must_be_mine(found, actor, mine)
    return found


def _must_be_mine(found: Annotation, actor: Actor, mine: Seat) -> None:
    if (found.author_id, found.meeting_id) != (actor.id, mine.meeting.id):
        raise NotFound(id=str(found.id))


def _is_same(known: Annotation, said: PutNote) -> bool:
    before = (known.layer, known.motivation, known.body, known.selector, known.dropped)
    return before == (
        said.layer, said.motivation, said.body, said.target.selector.model_dump(), False,
    )  # fmt: skip


def _new(actor: Actor, mine: Seat, said: PutNote) -> Annotation:
    return Annotation(
        id=said.id,
        meeting_id=mine.meeting.id,
        agency_id=mine.meeting.agency_id,
        document_id=said.target.source,
        revision_id=said.target.revision,
        page=said.target.page,
        layer=said.layer,
        author_id=actor.id,
        motivation=said.motivation,
        selector={},
        body="",
        changed_at=mine.meeting.created_at,
    )


def _tell(tx: Tx, actor: Actor, note: Annotation) -> None:
    tx.emit(
        NotePut(
            meeting_id=note.meeting_id,
            by=actor.id,
            note_id=note.id,
            document_id=note.document_id,
            page=note.page,
            layer=note.layer,
            version=note.version,
        )
    )
