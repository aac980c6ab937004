"""Keeping searches, and telling of what answers them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, delete, func, select

from api.documents.models import Document
from api.lookup.filters import Filters, Sort
from api.lookup.plan import plan_of
from api.lookup.saved import queries
from api.lookup.saved.events import SavedSearchAnswered
from api.lookup.saved.matching import MADE_BY, Watched
from api.lookup.saved.models import SavedSearch, SavedSearchTerm, SearchAlert
from api.lookup.saved.rules import must_ask_something, must_have_room, to_tell
from core.actor import Actor
from core.db import Tx
from core.errors import NotFound
from core.sessions import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A search as an official wants it kept."""

    name: str
    query: str
    filters: Filters
    sort: Sort = Sort.RELEVANCE
    columns: tuple[str, ...] = ()
    alerts: bool = True


async def keep(tx: Tx, actor: Actor, search_id: UUID, wish: Wish) -> SavedSearch:
    """Keep a search under an id of the phone's choice; what was kept under it is replaced."""
    watched = Watched.of(plan_of(wish.query))
    must_ask_something(has_words=not watched.anything, has_filters=wish.filters.are_set)
    # One after the other: two of an official's at once would not see each other.
    await tx.session.get(Principal, actor.id, with_for_update=True, populate_existing=True)
    kept = await tx.session.get(SavedSearch, search_id, with_for_update=True)
    if kept is None:
        mine = select(func.count()).where(col(SavedSearch.official_id) == actor.id)
        must_have_room((await tx.session.exec(mine)).one())
        kept = SavedSearch(
            id=search_id, agency_id=actor.agency_id, official_id=actor.id, created_at=tx.now,
            name="", query="", filters={}, columns=[], changed_at=tx.now, made_by="", watched="",
        )  # fmt: skip
    _must_be_theirs(kept, actor)
    if (kept.query, kept.filters) != (wish.query, wish.filters.written()):
        await _forget_found(tx, search_id)
    kept.name, kept.query, kept.sort, kept.alerts = wish.name, wish.query, wish.sort, wish.alerts
    kept.filters, kept.columns = wish.filters.written(), list(wish.columns)
    kept.changed_at = tx.now
    tx.audit(actor, "lookup.save", search_id)
    await _watch(tx, kept, watched, wish.filters)
    return kept


def _must_be_theirs(kept: SavedSearch, actor: Actor) -> None:
    if kept.official_id != actor.id:
        raise NotFound(id=str(kept.id))


async def _watch(tx: Tx, kept: SavedSearch, watched: Watched, filters: Filters) -> None:
    """Write down what a search asks for, and the terms that it is found by."""
    kept.made_by, kept.watched = MADE_BY, watched.written()
    tx.session.add(kept)
    await tx.session.flush()
    await _forget_terms(tx, kept.id)
    tx.session.add_all(
        SavedSearchTerm(agency_id=kept.agency_id, term=term, search_id=kept.id)
        for term in dict.fromkeys(watched.signs(filters))
    )
    await tx.session.flush()


async def _forget_terms(tx: Tx, search_id: UUID) -> None:
    its_own = col(SavedSearchTerm.search_id) == search_id
    await tx.session.exec(delete(SavedSearchTerm).where(its_own))


async def _forget_found(tx: Tx, search_id: UUID) -> None:
    """Forget what a search has told of: another question has found nothing yet."""
    await tx.session.exec(delete(SearchAlert).where(col(SearchAlert.search_id) == search_id))


async def drop(tx: Tx, actor: Actor, search_id: UUID) -> None:
    """Drop a search of the actor's own; one that is not there is dropped already."""
    kept = await tx.session.get(SavedSearch, search_id, with_for_update=True)
    if kept is None:
        return
    _must_be_theirs(kept, actor)
    await _forget_terms(tx, search_id)
    await _forget_found(tx, search_id)
    await tx.session.delete(kept)
    tx.audit(actor, "lookup.drop", search_id)


async def renew(tx: Tx, most: int) -> int:
    """Work out anew searches that an older analysis has worked out; return how many."""
    old = select(SavedSearch).where(SavedSearch.made_by != MADE_BY).limit(most)
    found = (await tx.session.exec(old.with_for_update())).all()
    for one in found:
        await _watch(tx, one, Watched.of(plan_of(one.query)), Filters.read(one.filters))
    return len(found)


async def tell(tx: Tx, document_id: UUID, by: UUID | None) -> int:
    """Tell those whose searches a document answers, under their rights of now; return how many.

    Whoever was told of it once is not told again: the lock keeps two tellings of it apart.
    """
    lock = select(Document.id).where(Document.id == document_id).with_for_update()
    await tx.session.exec(lock)
    found = await queries.findable(tx, document_id)
    if found is None:
        return 0
    answered = await queries.answered_by(tx, found)
    before = await queries.told_of(tx, document_id, answered)
    _note(tx, found.document, answered, {one.search_id for one in before})
    told = to_tell(answered, {one.official_id for one in before}, by)
    for official_id, searches in told.items():
        tx.emit(
            SavedSearchAnswered(
                document_id=document_id, official_id=official_id, search_ids=searches
            )
        )
    return len(told)


def _note(
    tx: Tx, document: Document, answered: Mapping[UUID, Collection[UUID]], known: Collection[UUID]
) -> None:
    """Note which searches a document has answered."""
    tx.session.add_all(
        SearchAlert(
            search_id=search_id, document_id=document.id, official_id=official_id,
            agency_id=document.agency_id, at=tx.now,
        )
        for official_id, search_ids in answered.items()
        for search_id in search_ids
        if search_id not in known
    )  # fmt: skip
