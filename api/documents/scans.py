"""The pages that are pictures: which of them wait, and what OCR read of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import col, select, tuple_

from api.documents import quarantine, rules
from api.documents.events import DocumentTextRead
from api.documents.models import READING_JOB, Document, PageText, Revision, ScannedPage
from api.documents.queries import may_leave
from api.documents.rules import PageState, TextState
from api.documents.secrecy import SecrecyLevel
from api.documents.words import Line, Word, sureness, text_of
from core.db import ReadTx, Tx

_NEWER = aliased(Revision)


@dataclass(frozen=True, slots=True)
class Turn:
    """The next page to be read, and the file that it stands in."""

    document_id: UUID
    revision_id: UUID
    sha256: str
    page: int


@dataclass(frozen=True, slots=True)
class PageReading:
    """What came of a page.

    Attributes:
        words: in reading order; None where nothing could be read.
        stamp: the secrecy stamp that is on it.
        is_blank: nothing is on it, so that there was nothing to be read.
        framed: the lines that stand in frames.
    """

    words: list[Word] | None
    stamp: SecrecyLevel | None = None
    is_blank: bool = False
    framed: Sequence[Line] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading of a file's pictures has come.

    Attributes:
        pages: how many there are.
        read: how many are done with, the unreadable ones too.
        unreadable: which pages gave nothing, counted from 0.
        confidence: the mean of those that were read, 0 to 100.
    """

    pages: int
    read: int
    unreadable: list[int]
    confidence: int | None


def begin(tx: Tx, revision: Revision, pages: Iterable[int]) -> None:
    """Have these pages of a new file read."""
    waiting = [
        ScannedPage(revision_id=revision.id, page=page, agency_id=revision.agency_id, words=[])
        for page in pages
    ]
    tx.session.add_all(waiting)
    if waiting:
        tx.enqueue(READING_JOB, str(revision.id), {"revision_id": str(revision.id)})


async def inherit(tx: Tx, before: Revision, revision: Revision) -> None:
    """Take over what was read of the same pages in the file before; the rest goes on here."""
    pages = await scanned(tx, before.id)
    begin(tx, revision, [one.page for one in pages if one.state is PageState.WAITING])
    for one in pages:
        if one.state is not PageState.WAITING:
            values = one.model_dump() | {"revision_id": revision.id}
            tx.session.add(ScannedPage(**values))


async def scanned(view: ReadTx, revision_id: UUID) -> Sequence[ScannedPage]:
    """Return the pages of a file that are pictures, in their order."""
    statement = select(ScannedPage).where(ScannedPage.revision_id == revision_id)
    return (await view.session.exec(statement.order_by(col(ScannedPage.page)))).all()


async def progress(view: ReadTx, revision_id: UUID) -> Progress | None:
    """Return how far the reading of a file has come; None where it has no pictures."""
    statement = (
        select(ScannedPage.page, ScannedPage.state, ScannedPage.confidence)
        .where(ScannedPage.revision_id == revision_id)
        .order_by(col(ScannedPage.page))
    )
    rows = (await view.session.exec(statement)).all()
    if not rows:
        return None
    known = [sure for _, state, sure in rows if state is PageState.READ and sure is not None]
    return Progress(
        pages=len(rows),
        read=sum(state is not PageState.WAITING for _, state, _ in rows),
        unreadable=[page for page, state, _ in rows if state is PageState.UNREADABLE],
        confidence=round(sum(known) / len(known)) if known else None,
    )


async def words_on(
    view: ReadTx, pages: Iterable[tuple[UUID, int]]
) -> dict[tuple[UUID, int], list[Word]]:
    """Return the words of those pages of revisions that OCR has read."""
    place = tuple_(col(ScannedPage.revision_id), col(ScannedPage.page))
    statement = select(ScannedPage).where(place.in_(list(pages)))
    rows = (await view.session.exec(statement)).all()
    return {(one.revision_id, one.page): [Word(*word) for word in one.words] for one in rows}


def sureness_of(part: str, words: list[Word]) -> int:
    """Return how sure OCR is of a part of a page's text, its blanks single."""
    line = " ".join(word.text for word in words)
    start = line.find(part)
    if start < 0:
        return sureness(words)
    ends = list(accumulate((len(word.text) + 1 for word in words), initial=0))
    inside = [
        word
        for place, word in enumerate(words)
        if ends[place] < start + len(part) and ends[place + 1] - 1 > start
    ]
    return sureness(inside)


async def next_turn(view: ReadTx, revision_id: UUID) -> Turn | None:
    """Return the first page that waits; none of a file that is not the newest any more."""
    newer = select(_NEWER.id).where(
        _NEWER.document_id == Revision.document_id, col(_NEWER.ordinal) > col(Revision.ordinal)
    )
    statement = (
        select(Document.id, Revision.sha256, ScannedPage.page)
        .join(Revision, col(Revision.document_id) == col(Document.id))
        .join(ScannedPage, col(ScannedPage.revision_id) == col(Revision.id))
        .where(Revision.id == revision_id, ScannedPage.state == PageState.WAITING)
        .where(may_leave(), ~newer.exists())
        .order_by(col(ScannedPage.page))
        .limit(1)
    )
    found = (await view.session.exec(statement)).first()
    return Turn(found[0], revision_id, found[1], found[2]) if found else None


async def keep(tx: Tx, turn: Turn, reading: PageReading) -> None:
    """Keep what came of a page; a second time changes nothing."""
    document = await tx.session.get_one(Document, turn.document_id, with_for_update=True)
    row = await tx.session.get_one(ScannedPage, (turn.revision_id, turn.page))
    if row.state is not PageState.WAITING or document.withdrawn:
        return
    if reading.stamp and not await quarantine.was_released(tx, document):
        await quarantine.find(tx, document, page=turn.page, level=reading.stamp)
        return
    _note(row, reading)
    await _keep_text(tx, turn, reading.words or [])
    revision = await tx.session.get_one(Revision, turn.revision_id)
    pages = await scanned(tx, revision.id)
    revision.text_state = rules.reading_state(one.state for one in pages)
    tx.session.add(revision)
    if revision.text_state is not TextState.BEING_READ:
        _end(tx, document, revision, pages)


def _note(row: ScannedPage, reading: PageReading) -> None:
    has_words = bool(reading.words)
    row.state = PageState.READ if has_words or reading.is_blank else PageState.UNREADABLE
    row.confidence = sureness(reading.words or []) if has_words else 100 * reading.is_blank
    row.words = [list(word) for word in reading.words or []]


async def _keep_text(tx: Tx, turn: Turn, words: list[Word]) -> None:
    text = await tx.session.get_one(PageText, (turn.revision_id, turn.page))
    if words:
        text.text = text_of(words)
        tx.session.add(text)


def _end(tx: Tx, document: Document, revision: Revision, pages: Sequence[ScannedPage]) -> None:
    sure = [one.confidence or 0 for one in pages]
    tells: tuple[UUID, ...] = ()
    if document.held and rules.may_be_spread(revision.text_state, sure):
        document.held = False
        tells = (document.presented_to,) if document.presented_to else ()
    tx.emit(
        DocumentTextRead(
            document_id=document.id,
            pages=len(pages),
            unreadable=sum(one.state is PageState.UNREADABLE for one in pages),
            held=document.held,
            tells=tells,
        )
    )
