"""What may be read of saved searches, and which of them a document answers."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, bindparam, func
from sqlalchemy import select as columns
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlmodel import col, select

from api.documents import queries as documents
from api.documents.models import Document
from api.documents.queries import may_leave, readable_by
from api.lookup.filters import Filters
from api.lookup.models import LookupEntry, LookupPassage
from api.lookup.saved.matching import Findable, Watched
from api.lookup.saved.models import SavedSearch, SavedSearchTerm, SearchAlert
from core import sessions
from core.actor import Actor
from core.clock import day_in_vietnam
from core.db import ReadTx
from core.errors import NotFound

_WATCHING = columns(
    col(SavedSearch.id), col(SavedSearch.official_id), col(SavedSearch.watched),
    col(SavedSearch.filters),
)  # fmt: skip


async def saved(view: ReadTx, actor: Actor) -> list[tuple[SavedSearch, int]]:
    """Return the actor's searches by name, and how many documents each has told of."""
    statement = select(SavedSearch).where(SavedSearch.official_id == actor.id)
    found = (await view.session.exec(statement)).all()
    counts = await told_counts(view, actor)
    return [(one, counts[one.id]) for one in sorted(found, key=lambda one: (one.name, one.id))]


async def told_counts(view: ReadTx, actor: Actor) -> Mapping[UUID, int]:
    """Return how many documents that the actor may read each of their searches has told of."""
    told = (
        select(SearchAlert.search_id, func.count())
        .join(Document, col(Document.id) == col(SearchAlert.document_id))
        .where(SearchAlert.official_id == actor.id, readable_by(actor, view.now))
        .group_by(col(SearchAlert.search_id))
    )
    return Counter(dict((await view.session.exec(told)).all()))


async def one_saved(view: ReadTx, actor: Actor, search_id: UUID) -> SavedSearch:
    """Return a search of the actor's own."""
    found = await view.session.get(SavedSearch, search_id)
    if found is None or found.official_id != actor.id:
        raise NotFound(id=str(search_id))
    return found


async def told_by(
    view: ReadTx, actor: Actor, search_id: UUID, *, limit: int
) -> Sequence[tuple[Document, datetime]]:
    """Return the documents that a search has told of and that the actor may read, newest first."""
    await one_saved(view, actor, search_id)
    statement = (
        select(Document, SearchAlert.at)
        .join(SearchAlert, col(SearchAlert.document_id) == col(Document.id))
        .where(SearchAlert.search_id == search_id, readable_by(actor, view.now))
        .order_by(col(SearchAlert.at).desc(), col(Document.id))
        .limit(limit)
    )
    return (await view.session.exec(statement)).all()


async def findable(view: ReadTx, document_id: UUID) -> Findable | None:
    """Return a document as the index holds it; None where nobody is to be told of it.

    What is held may bear a stamp that nobody has seen yet; what was withdrawn does.
    """
    ready = select(Document, LookupEntry).join(
        LookupEntry, col(LookupEntry.document_id) == col(Document.id)
    )
    ready = ready.where(Document.id == document_id, col(Document.held).is_(False), may_leave())
    found = (await view.session.exec(ready)).first()
    if found is None:
        return None
    its_own = select(LookupPassage).where(LookupPassage.document_id == document_id)
    return Findable(*found, (await view.session.exec(its_own)).all())


async def anybody_watches(view: ReadTx, document_id: UUID) -> bool:
    """Say whether anybody in a document's agency has saved a search."""
    agency = select(Document.agency_id).where(Document.id == document_id).scalar_subquery()
    statement = select(SavedSearch.id).where(
        col(SavedSearch.agency_id) == agency, col(SavedSearch.alerts).is_(True)
    )
    return (await view.session.exec(statement.limit(1))).first() is not None


async def answered_by(view: ReadTx, found: Findable) -> dict[UUID, list[UUID]]:
    """Return the searches that a document answers, by those of their officials who may read it."""
    document, today = found.document, day_in_vietnam(view.now)
    searches: dict[UUID, list[tuple[UUID, Filters]]] = defaultdict(list)
    for search_id, official_id, watched, filters in await candidates(view, found):
        narrowed = Filters.read(filters)
        if narrowed.admits(document, today) and found.answers(Watched.read(watched)):
            searches[official_id].append((search_id, narrowed))
    readers = await documents.readers_among(view, document.id, searches)
    return {
        official_id: [
            search_id
            for search_id, filters in searches[official_id]
            if await _passes(view, document.id, official_id, filters)
        ]
        for official_id in readers
    }


async def candidates(view: ReadTx, found: Findable) -> Sequence[Any]:
    """Return the searches of which a document holds a sign: id, owner, what is asked, filters."""
    signs, values = _given(view, found.signs)
    signed = columns(col(SavedSearchTerm.search_id)).where(
        col(SavedSearchTerm.agency_id) == found.document.agency_id, signs
    )
    statement = _WATCHING.where(col(SavedSearch.id).in_(signed), col(SavedSearch.alerts).is_(True))
    return (await (await view.session.connection()).execute(statement, values)).all()


def _given(view: ReadTx, signs: Sequence[str]) -> tuple[ColumnElement[bool], Mapping[str, Any]]:
    """Return the condition that a term is one of many, handed over as one value."""
    term = col(SavedSearchTerm.term)
    if view.session.get_bind().dialect.name == "postgresql":
        return term == func.any(bindparam("signs", type_=ARRAY(TEXT))), {"signs": list(signs)}
    each = func.json_each(bindparam("signs")).table_valued("value")
    return term.in_(columns(each.c.value)), {"signs": orjson.dumps(signs).decode()}


async def _passes(view: ReadTx, document_id: UUID, official_id: UUID, filters: Filters) -> bool:
    """Say whether a document passes the filters that depend on who asks."""
    if not filters.depend_on_who_asks:  # most do not, and whoever reads it has an account
        return True
    actor = await sessions.owner_of(view, official_id)
    if actor is None:
        return False
    conditions = filters.of_others(actor)
    statement = select(Document.id).where(Document.id == document_id, *conditions)
    return (await view.session.exec(statement)).first() is not None


async def told_of(view: ReadTx, document_id: UUID, officials: Iterable[UUID]) -> list[SearchAlert]:
    """Return what some officials were told of a document before."""
    statement = select(SearchAlert).where(
        SearchAlert.document_id == document_id, col(SearchAlert.official_id).in_(list(officials))
    )
    return list((await view.session.exec(statement)).all())
