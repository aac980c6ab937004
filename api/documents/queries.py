"""What may be read of documents; who may see it is part of every select."""

import base64
import binascii
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import col, or_, select, tuple_
from sqlmodel.sql.expression import SelectOfScalar

from api.documents.errors import NoSuchPage
from api.documents.models import Document, DocumentReader, PageImage, PageText, Revision
from api.documents.rules import Direction, Purpose, State
from api.people import queries as people
from api.people.acting import Scope
from core.actor import Actor, Role
from core.db import ReadTx
from core.errors import Malformed, NotFound
from core.sessions import Principal

#: Who reads: one official, or each of a column.
OfficialId = UUID | ColumnElement[UUID]
#: For what a document was let to somebody, by what their deputy acts for them in.
_LET_FOR = {Scope.TASKS: ("task", "presented"), Scope.MEETINGS: ("minutes",)}


def may_leave() -> ColumnElement[bool]:
    """Return the condition under which anything of a document may leave at all, for anybody.

    The one rule about papers that turned out to be secret: whatever gives out a title, a text, a
    page, a file or a verdict, by whatever right, has it in its select, beside the right.
    """
    return col(Document.withdrawn).is_(False)


def readable_by(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """Return the condition under which the actor may read a document.

    What was withdrawn nobody reads. Clerks read every other document of their agency; others what
    was let to them, what they drafted and what they are to sign, and what those may read for whom
    they act, within the scope of that.
    """
    ours = (col(Document.agency_id) == actor.agency_id) & may_leave()
    return ours if Role.CLERK in actor.roles else ours & _readable_as(actor.id, now)


def _readable_as(official_id: OfficialId, now: datetime) -> ColumnElement[bool]:
    """Return the condition for whoever is no clerk, by name or for a whole column of them."""
    let = select(DocumentReader.document_id).where(DocumentReader.official_id == official_id)
    return or_(
        col(Document.drafted_by) == official_id,
        col(Document.signer_id) == official_id,
        col(Document.id).in_(let),
        *_readable_for_others(official_id, now),
    )


def _readable_for_others(official_id: OfficialId, now: datetime) -> list[ColumnElement[bool]]:
    to_sign = people.principals_of(official_id, Scope.SIGN, now)
    conditions: list[ColumnElement[bool]] = [col(Document.signer_id).in_(to_sign)]
    for scope, reasons in _LET_FOR.items():
        let = select(DocumentReader.document_id).where(
            col(DocumentReader.official_id).in_(people.principals_of(official_id, scope, now)),
            col(DocumentReader.reason).in_(reasons),
        )
        conditions.append(col(Document.id).in_(let))
    return conditions


def withdrawn() -> SelectOfScalar[UUID]:
    """Return the select of the few that may not leave, for what hangs on documents."""
    return select(Document.id).where(col(Document.withdrawn).is_(True))


async def readers_among(
    view: ReadTx, document_id: UUID, official_ids: Collection[UUID]
) -> list[UUID]:
    """Return those of some officials who may read a document now: `readable_by`, all at once."""
    if not official_ids:
        return []
    who = aliased(Principal)
    reader: ColumnElement[UUID] = who.official_id  # type: ignore[assignment]  # as mapped
    open_ones = (
        select(who.official_id, who.roles)
        .join(Document, col(Document.agency_id) == col(who.agency_id))
        .where(Document.id == document_id, may_leave())
        .where(col(who.official_id).in_(official_ids), col(who.closed_at).is_(None))
    )
    roles = dict((await view.session.exec(open_ones)).all())
    clerks = {one for one, has in roles.items() if Role.CLERK in has}
    by_name = (
        select(who.official_id)
        .join(Document, col(Document.agency_id) == col(who.agency_id))
        .where(Document.id == document_id, _readable_as(reader, view.now))
        .where(col(who.official_id).in_(roles.keys() - clerks))
    )
    return sorted(clerks.union((await view.session.exec(by_name)).all()))


async def that_may_leave(view: ReadTx, document_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of some documents that were not taken from everybody."""
    statement = select(Document.id).where(col(Document.id).in_(list(document_ids)), may_leave())
    return set((await view.session.exec(statement)).all())


async def document(view: ReadTx, actor: Actor, document_id: UUID) -> Document:
    """Return a document that the actor may read."""
    statement = select(Document).where(Document.id == document_id, readable_by(actor, view.now))
    found = (await view.session.exec(statement)).first()
    if found is None:
        raise NotFound(id=str(document_id))
    return found


async def exchange(view: ReadTx, actor: Actor, document_id: UUID) -> Sequence[Document]:
    """Return what answers a document, the document and what it answers, as far as readable."""
    asked = await document(view, actor, document_id)
    beside = or_(Document.id == asked.reply_to, Document.reply_to == asked.id)
    statement = select(Document).where(beside, readable_by(actor, view.now))
    newest = statement.order_by(col(Document.created_at).desc())
    others = (await view.session.exec(newest)).all()
    answered = [one for one in others if one.id == asked.reply_to]
    return [*(one for one in others if one.reply_to == asked.id), asked, *answered]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents a list shows."""

    direction: Direction | None = None
    state: State | None = None


async def documents(
    view: ReadTx, actor: Actor, wanted: Wanted, *, cursor: str | None = None, limit: int = 50
) -> tuple[Sequence[Document], str | None]:
    """List the readable documents, newest first, and the cursor of the rest."""
    statement = select(Document).where(readable_by(actor, view.now))
    if wanted.direction is not None:
        statement = statement.where(Document.direction == wanted.direction)
    if wanted.state is not None:
        statement = statement.where(Document.state == wanted.state)
    place = tuple_(col(Document.created_at), col(Document.id))
    if cursor is not None:
        statement = statement.where(place < tuple_(*_place_of(cursor)))
    newest = statement.order_by(col(Document.created_at).desc(), col(Document.id).desc())
    rows = (await view.session.exec(newest.limit(limit + 1))).all()
    more = len(rows) > limit
    return rows[:limit], _cursor_of(rows[limit - 1]) if more else None


async def latest_revision(view: ReadTx, document_id: UUID) -> Revision:
    """Return the newest file of a document."""
    statement = (
        select(Revision)
        .where(Revision.document_id == document_id)
        .order_by(col(Revision.ordinal).desc())
        .limit(1)
    )
    return (await view.session.exec(statement)).one()


async def drafted_revision(view: ReadTx, document_id: UUID) -> Revision:
    """Return the paper of a document of ours as it is put before those who sign it."""
    statement = (
        select(Revision)
        .where(Revision.document_id == document_id, Revision.purpose == Purpose.DRAFTED)
        .order_by(col(Revision.ordinal).desc())
        .limit(1)
    )
    return (await view.session.exec(statement)).one()


async def page_texts(view: ReadTx, revision_id: UUID) -> list[str]:
    """Return the text of each page of a revision."""
    statement = (
        select(PageText.text)
        .where(PageText.revision_id == revision_id)
        .order_by(col(PageText.page))
    )
    return list((await view.session.exec(statement)).all())


async def revision_with_page(view: ReadTx, actor: Actor, document_id: UUID, page: int) -> Revision:
    """Return the newest file of a readable document, if it has such a page."""
    await document(view, actor, document_id)
    revision = await latest_revision(view, document_id)
    if page >= revision.pages:
        raise NoSuchPage(page=page, pages=revision.pages)
    return revision


async def page_image(view: ReadTx, revision_id: UUID, page: int, width: int) -> str | None:
    """Return the blob that holds the picture of a page, if it was drawn before."""
    found = await view.session.get(PageImage, (revision_id, page, width))
    return found.sha256 if found else None


async def lookalikes(view: ReadTx, document: Document, sha256: str) -> list[UUID]:
    """Return other incoming documents with the same number, symbol and issuer, or the same file."""
    same_file = select(Revision.document_id).where(
        Revision.sha256 == sha256, Revision.agency_id == document.agency_id
    )
    alike: ColumnElement[bool] = col(Document.id).in_(same_file)
    if document.number is not None and document.symbol:
        alike = alike | _same_paper(document)
    statement = (
        select(Document.id)
        .where(Document.agency_id == document.agency_id, Document.id != document.id, alike)
        .where(may_leave())
        .where(Document.direction == Direction.INCOMING)
        .order_by(col(Document.created_at), col(Document.id))
        .limit(20)
    )
    return list((await view.session.exec(statement)).all())


def _same_paper(document: Document) -> ColumnElement[bool]:
    return (
        (col(Document.number) == document.number)
        & (col(Document.symbol) == document.symbol)
        & (col(Document.issuer) == document.issuer)
    )


def _cursor_of(last: Document) -> str:
    return base64.urlsafe_b64encode(f"{last.created_at.isoformat()} {last.id}".encode()).decode()


def _place_of(cursor: str) -> tuple[Any, Any]:
    try:
        at, document_id = base64.urlsafe_b64decode(cursor.encode()).decode().split(" ")
        moment = datetime.fromisoformat(at)
        moment.astimezone()
        if moment.tzinfo is None:
            raise Malformed(where="query.cursor")
        return moment, UUID(document_id)
    except (ValueError, binascii.Error, OverflowError) as error:
        raise Malformed(where="query.cursor") from error
