"""Finding: the visible documents that answer a plan, in their places.

What the official may not see plays no part in any of these selects.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select as columns
from sqlmodel import col, select

from api.documents.models import Document
from api.documents.queries import readable_by
from api.lookup.filters import Filters, Sort
from api.lookup.index.port import Hit, Index, Shelf, Visible, Wanted
from api.lookup.models import LookupEntry, LookupPassage
from api.lookup.plan import Plan
from api.lookup.ranking import (
    BUDGET,
    DEPTH,
    DOCUMENTS,
    PASSAGES,
    Heading,
    Place,
    Scorer,
    answers,
    is_near,
)
from core.actor import Actor, Role
from core.clock import day_in_vietnam
from core.db import ReadTx

#: Later than every day.
NO_DAY = 10_000_000

# Plain rows, past the ORM: a search reads hundreds.
_PASSAGES = columns(
    col(LookupPassage.position), col(LookupPassage.document_id), col(LookupPassage.page),
    col(LookupPassage.part), col(LookupPassage.folded),
)  # fmt: skip
ENTRIES = columns(
    col(LookupEntry.document_id), col(LookupEntry.heading),
    col(LookupEntry.folded), col(LookupEntry.day), col(LookupEntry.until),
    col(LookupEntry.number_key),
)  # fmt: skip


class Passage(NamedTuple):
    """A passage that answers."""

    document_id: UUID
    page: int
    part: int
    folded: str
    points: int


class Entry(NamedTuple):
    """What is known of a document that may answer."""

    document_id: UUID
    heading: str
    folded: str
    day: int
    until: int
    number_key: str | None


class Ranked(NamedTuple):
    """A document in its place.

    Attributes:
        place: where it stands.
        document: the number of its id.
        position: of the passage that answers best; 0 where only its fields do.
        entry: what is known of it, if that was asked for.
        best: that passage, likewise.
    """

    place: Place
    document: int
    position: int = 0
    entry: Entry | None = None
    best: Passage | None = None

    @property
    def document_id(self) -> UUID:
        """Return its id."""
        return UUID(int=self.document)


def visible_to(actor: Actor, view: ReadTx, filters: Filters) -> Visible:
    """Return the documents that the actor may read and asks among."""
    narrowed = filters.conditions(actor, day_in_vietnam(view.now))
    readable = select(Document.id).where(readable_by(actor, view.now), *narrowed)
    return Visible(readable, many=Role.CLERK in actor.roles and not filters.are_set)


async def in_order(view: ReadTx, sort: Sort, ranked: Sequence[Ranked]) -> list[Ranked]:
    """Return documents in the order that is asked for."""
    if sort is Sort.RELEVANCE:
        return sorted(ranked, key=lambda one: one.place, reverse=True)
    unknown = {one.document for one in ranked if one.entry is None}
    known = {one.document_id.int: one for one in await _entries(view, unknown)}
    full = [one._replace(entry=one.entry or known[one.document]) for one in ranked]
    return sorted_by(sort, full)


async def with_passages(view: ReadTx, shown: Sequence[Ranked]) -> list[Ranked]:
    """Return documents with the passages that answer, where only their positions are known."""
    wanted = {one.position: 0 for one in shown if one.best is None and one.position}
    found = {one.document_id: one for one in await _passages_at(view, wanted)}
    return [one._replace(best=one.best or found.get(one.document_id)) for one in shown]


def sorted_by(sort: Sort, ranked: Sequence[Ranked]) -> list[Ranked]:
    """Return documents in another order than the best first; equals keep theirs."""
    value = _SORTED[sort]
    placed = [one._replace(place=one.place.by(value(one.entry))) for one in ranked if one.entry]
    return sorted(placed, key=lambda one: one.place, reverse=True)


def _number(entry: Entry) -> int:
    """Return the leading number of a document; of decimals the whole part."""
    digits = re.match(r"\d+", entry.number_key or "")
    return int(digits.group()) if digits else -1


_SORTED: dict[Sort, Callable[[Entry], int]] = {
    Sort.NEWEST: lambda entry: entry.day,
    Sort.OLDEST: lambda entry: -entry.day if entry.day else -NO_DAY,
    Sort.NUMBER: _number,
}


async def rank(
    view: ReadTx, index: Index, plan: Plan, visible: Visible, *, closely: bool = False
) -> list[Ranked]:
    """Return the visible documents that answer, best first.

    Args:
        view: where they are looked for.
        index: of the same database.
        plan: what is asked.
        visible: all that there is for whoever asks.
        closely: only those of which a passage holds half of what is asked, by weight, whatever
            else there is; else those that are near enough to the best.
    """
    numbered = {one.int for one in await with_the_number(view, plan, visible)}
    hits = await _hits(view, index, plan, visible, closely=closely)
    sums = _sums(hits, plan.least if closely else None)
    scored = _worth_scoring(plan, sums)
    passages = await _passages(view, hits, scored)
    entries = await _entries(view, numbered.union(scored))
    scorer = Scorer(plan, day_in_vietnam(view.now).toordinal())
    ranked = [
        _ranked(scorer, entry, passages.get(entry.document_id, []), numbered)
        for entry in entries
        if _holds_phrases(plan, entry, passages.get(entry.document_id, []))
    ]
    best = max((one.place.score for one in ranked), default=0)
    answering = [
        one for one in ranked
        if closely or one.place.numbered or answers(one.place.score, best)
    ]  # fmt: skip
    return answering if plan.phrases else answering + _behind(sums, hits, numbered.union(scored))


def _worth_scoring(plan: Plan, sums: Mapping[int, int]) -> list[int]:
    """Return the documents whose order is worth a second look: those that are near to the best.

    The others stand behind them by their sums. Phrases are only seen at a second look.
    """
    first = list(sums)[:BUDGET]
    best = max(sums.values(), default=0)
    return first if plan.phrases else [one for one in first if is_near(sums[one], best)]


def _behind(sums: Mapping[int, int], hits: Sequence[Hit], scored: Collection[int]) -> list[Ranked]:
    """Place the other documents behind those that were scored, by the plain sum of their terms."""
    best: dict[int, int] = {}
    for hit in hits:
        best.setdefault(hit.document, hit.position)
    return [
        Ranked(Place.behind(one, points), one, position=best[one])
        for one, points in sums.items()
        if one not in scored
    ]


def _ranked(
    scorer: Scorer, entry: Entry, passages: list[Passage], numbered: Collection[int]
) -> Ranked:
    heading = Heading(entry.heading, entry.folded, entry.day, entry.until)
    points = scorer.score(heading, [one.folded for one in passages])
    asked = entry.document_id.int
    place = Place.of(asked, numbered=asked in numbered, score=points, day=entry.day)
    best = min(passages, key=lambda one: (-one.points, one.page, one.part), default=None)
    return Ranked(place, asked, entry=entry, best=best)


async def _hits(
    view: ReadTx, index: Index, plan: Plan, visible: Visible, *, closely: bool
) -> list[Hit]:
    """Return what the index finds: passages, best first; of common words headings before them."""
    if not plan.wanted:
        return []
    wanted = Wanted(plan.wanted, plan.required, limit=PASSAGES)
    hits = await index.find(view.session, Shelf.PASSAGE, wanted, visible)
    if not hits and plan.bigrams and not closely:
        every = [*plan.required, *(one for one, _ in plan.apart)]
        apart = Wanted(plan.apart[:1], every, limit=PASSAGES)
        return await index.find(view.session, Shelf.PASSAGE, apart, visible)
    if len(plan.wanted) > 1:
        return hits
    short = Wanted(plan.wanted, plan.required, limit=BUDGET)
    headings = await index.find(view.session, Shelf.HEADING, short, visible)
    # A heading has no passage of its own; 0 is the position of none.
    return [Hit(0, one.document, one.points) for one in headings] + hits


def _sums(hits: list[Hit], least: int | None) -> dict[int, int]:
    """Return the best sum of each document that is near enough to the best, or to `least`."""
    best = max((hit.points for hit in hits), default=0)
    found: dict[int, int] = {}
    for hit in hits:
        if answers(hit.points, best) if least is None else hit.points >= least:
            found.setdefault(hit.document, hit.points)
    return dict(list(found.items())[:DOCUMENTS])


async def _passages(
    view: ReadTx, hits: list[Hit], scored: Sequence[int]
) -> dict[UUID, list[Passage]]:
    """Return the best passages of the documents that are scored."""
    kept: dict[int, list[Hit]] = {document: [] for document in scored}
    for hit in hits:
        if hit.position and len(kept.get(hit.document, ())) < DEPTH:
            kept.get(hit.document, []).append(hit)
    points = {hit.position: hit.points for each in kept.values() for hit in each}
    found: dict[UUID, list[Passage]] = {}
    for passage in await _passages_at(view, points):
        found.setdefault(passage.document_id, []).append(passage)
    return found


async def _passages_at(view: ReadTx, points: Mapping[int, int]) -> list[Passage]:
    """Return the passages at some positions, each with its points."""
    if not points:
        return []
    statement = _PASSAGES.where(col(LookupPassage.position).in_(points))
    rows = await (await view.session.connection()).execute(statement)
    return [Passage(*row[1:], points[row[0] or 0]) for row in rows.all()]


def _holds_phrases(plan: Plan, entry: Entry, passages: list[Passage]) -> bool:
    texts = [f" {entry.folded} ", *(f" {one.folded} " for one in passages)]
    return all(any(f" {' '.join(phrase)} " in text for text in texts) for phrase in plan.phrases)


async def with_the_number(view: ReadTx, plan: Plan, visible: Visible) -> set[UUID]:
    """Return the documents whose number stands in the query, of each number the longest key."""
    keys = {key for group in plan.keys for key in group}
    if not keys:
        return set()
    statement = (
        select(LookupEntry.number_key, LookupEntry.document_id)
        .where(col(LookupEntry.number_key).in_(keys))
        .where(visible.holds(LookupEntry))
        .order_by(col(LookupEntry.day).desc(), col(LookupEntry.document_id))
        .limit(BUDGET)
    )
    by_key: dict[str, set[UUID]] = {}
    for key, document_id in (await view.session.exec(statement)).all():
        by_key.setdefault(key or "", set()).add(document_id)
    longest = (next((key for key in group if key in by_key), None) for group in plan.keys)
    return set().union(*(by_key[key] for key in longest if key))


async def _entries(view: ReadTx, documents: Collection[int]) -> list[Entry]:
    if not documents:
        return []
    ids = [UUID(int=one) for one in documents]
    statement = ENTRIES.where(col(LookupEntry.document_id).in_(ids))
    rows = await (await view.session.connection()).execute(statement)
    return [Entry._make(row) for row in rows.all()]
