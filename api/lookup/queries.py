"""The search; what the official may not see plays no part in any of its selects."""

import base64
import binascii
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select as columns
from sqlmodel import col, select, tuple_

from api.documents import scans
from api.documents.models import Document, PageText, Revision
from api.documents.queries import readable_by
from api.documents.words import Word
from api.lookup import snippets
from api.lookup.index.port import Hit, Index, Shelf, Visible, Wanted
from api.lookup.models import LookupEntry, LookupPassage
from api.lookup.plan import Plan, plan_of
from api.lookup.ranking import BUDGET, DEPTH, PASSAGES, Heading, Place, Scorer, answers
from api.lookup.results import Result, Results, Snippet
from core.actor import Actor, Role
from core.clock import day_in_vietnam
from core.db import ReadTx
from core.errors import Malformed

# Plain rows, past the ORM: a search reads hundreds.
_PASSAGES = columns(
    col(LookupPassage.position), col(LookupPassage.document_id), col(LookupPassage.page),
    col(LookupPassage.part), col(LookupPassage.folded),
)  # fmt: skip
_ENTRIES = columns(
    col(LookupEntry.document_id), col(LookupEntry.revision_id), col(LookupEntry.heading),
    col(LookupEntry.folded), col(LookupEntry.day),
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
    revision_id: UUID
    heading: str
    folded: str
    day: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """A document in its place, and the passage that answers best."""

    place: Place
    entry: Entry
    best: Passage | None


async def search(
    view: ReadTx, index: Index, actor: Actor, *, query: str, cursor: str | None, limit: int
) -> Results:
    """Return the documents that answer `query`, best first."""
    below = _place_of(cursor) if cursor else None
    plan = plan_of(query)
    ranked = await rank(view, index, plan, visible_to(actor, view))
    rest = [one for one in ranked if below is None or one.place < below]
    shown = rest[:limit]
    results = await _results(view, plan, shown)
    more = len(rest) > limit
    return Results(results, len(ranked), _cursor_of(shown[-1]) if more else None)


def visible_to(actor: Actor, view: ReadTx) -> Visible:
    """Return the documents that the actor may read."""
    readable = select(Document.id).where(readable_by(actor, view.now))
    return Visible(readable, many=Role.CLERK in actor.roles)


async def rank(view: ReadTx, index: Index, plan: Plan, visible: Visible) -> list[Ranked]:
    """Return the visible documents that answer, best first."""
    numbered = await _numbered(view, plan, visible)
    hits = await _hits(view, index, plan, visible)
    passages = await _passages(view, hits)
    entries = await _entries(view, {*numbered, *_documents(hits)})
    scorer = Scorer(plan, day_in_vietnam(view.now).toordinal())
    ranked = [
        _ranked(scorer, entry, passages.get(entry.document_id, []), numbered)
        for entry in entries
        if _holds_phrases(plan, entry, passages.get(entry.document_id, []))
    ]
    best = max((one.place.score for one in ranked), default=0)
    answering = (one for one in ranked if one.place.numbered or answers(one.place.score, best))
    return sorted(answering, key=lambda one: one.place, reverse=True)


def _ranked(
    scorer: Scorer, entry: Entry, passages: list[Passage], numbered: Collection[UUID]
) -> Ranked:
    heading = Heading(entry.heading, entry.folded)
    points = scorer.score(heading, [one.folded for one in passages], entry.day)
    asked = entry.document_id
    place = Place.of(asked, numbered=asked in numbered, score=points, day=entry.day)
    best = min(passages, key=lambda one: (-one.points, one.page, one.part), default=None)
    return Ranked(place, entry, best)


async def _hits(view: ReadTx, index: Index, plan: Plan, visible: Visible) -> list[Hit]:
    """Return what the index finds: passages, best first; of common words headings before them."""
    if not plan.wanted:
        return []
    wanted = Wanted(plan.wanted, plan.required, limit=PASSAGES)
    hits = await index.find(view.session, Shelf.PASSAGE, wanted, visible)
    if not hits and plan.bigrams:
        every = [*plan.required, *(one for one, _ in plan.apart)]
        apart = Wanted(plan.apart[:1], every, limit=PASSAGES)
        return await index.find(view.session, Shelf.PASSAGE, apart, visible)
    if len(plan.wanted) > 1:
        return hits
    short = Wanted(plan.wanted, plan.required, limit=BUDGET)
    headings = await index.find(view.session, Shelf.HEADING, short, visible)
    # A heading has no passage of its own; 0 is the position of none.
    return [Hit(0, one.document_id, one.points) for one in headings] + hits


def _documents(hits: list[Hit]) -> list[UUID]:
    return list(dict.fromkeys(hit.document_id for hit in hits))[:BUDGET]


async def _passages(view: ReadTx, hits: list[Hit]) -> dict[UUID, list[Passage]]:
    """Return the best passages of the documents that are scored."""
    kept: dict[UUID, list[Hit]] = {document_id: [] for document_id in _documents(hits)}
    for hit in hits:
        if hit.position and len(kept.get(hit.document_id, ())) < DEPTH:
            kept.get(hit.document_id, []).append(hit)
    points = {hit.position: hit.points for each in kept.values() for hit in each}
    statement = _PASSAGES.where(col(LookupPassage.position).in_(points))
    found: dict[UUID, list[Passage]] = {}
    for row in await (await view.session.connection()).execute(statement):
        passage = Passage(row.document_id, row.page, row.part, row.folded, points[row.position])
        found.setdefault(passage.document_id, []).append(passage)
    return found


def _holds_phrases(plan: Plan, entry: Entry, passages: list[Passage]) -> bool:
    texts = [f" {entry.folded} ", *(f" {one.folded} " for one in passages)]
    return all(any(f" {' '.join(phrase)} " in text for text in texts) for phrase in plan.phrases)


async def _numbered(view: ReadTx, plan: Plan, visible: Visible) -> set[UUID]:
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


async def _entries(view: ReadTx, document_ids: Collection[UUID]) -> list[Entry]:
    statement = _ENTRIES.where(col(LookupEntry.document_id).in_(document_ids))
    return [Entry(*row) for row in await (await view.session.connection()).execute(statement)]


async def _results(view: ReadTx, plan: Plan, shown: Sequence[Ranked]) -> list[Result]:
    """Return what is shown of documents: all of them in one go, in their order."""
    papers = (
        select(Document, Revision)
        .join(LookupEntry, col(LookupEntry.document_id) == col(Document.id))
        .join(Revision, col(Revision.id) == col(LookupEntry.revision_id))
        .where(col(Document.id).in_([one.entry.document_id for one in shown]))
    )
    found = {paper.id: (paper, file) for paper, file in (await view.session.exec(papers)).all()}
    lines = await _snippets(view, plan, shown)
    return [
        Result(paper, snippets.mark(plan, paper.title), file.text_state, lines.get(paper.id))
        for paper, file in (found[one.entry.document_id] for one in shown)
    ]


async def _snippets(view: ReadTx, plan: Plan, shown: Sequence[Ranked]) -> dict[UUID, Snippet]:
    """Return the lines that answer; a document of which only the fields answer has none."""
    wanted = {
        (one.entry.revision_id, one.best.page): one.entry.document_id
        for one in shown
        if one.best and snippets.matches(plan, one.best.folded)
    }
    place = tuple_(col(PageText.revision_id), col(PageText.page))
    texts = (await view.session.exec(select(PageText).where(place.in_(list(wanted))))).all()
    read = await scans.words_on(view, list(wanted))
    return {
        wanted[text.revision_id, text.page]: _snippet(
            plan, text, read.get((text.revision_id, text.page))
        )
        for text in texts
    }


def _snippet(plan: Plan, text: PageText, words: list[Word] | None) -> Snippet:
    marked = snippets.cut(plan, text.text)
    sure = None if words is None else scans.sureness_of(marked.text, words)
    return Snippet(text.page, marked, sure)


def _cursor_of(last: Ranked) -> str:
    place = last.place
    plain = f"{place.numbered:d} {place.score} {place.day} {last.entry.document_id.hex}"
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def _place_of(cursor: str) -> Place:
    try:
        plain = base64.urlsafe_b64decode(cursor.encode() + b"==").decode()
        numbered, points, day, document_id = plain.split(" ")
        return Place.of(
            UUID(document_id), numbered=numbered == "1", score=int(points), day=int(day)
        )
    except (ValueError, binascii.Error) as error:
        raise Malformed(where="query.cursor", why="unknown_cursor") from error
