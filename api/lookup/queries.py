"""The search; what the official may not see plays no part in any of its selects."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select, tuple_
from sqlmodel.sql.expression import SelectOfScalar

from api.documents import scans
from api.documents.models import Document, PageText, Revision
from api.documents.queries import readable_by
from api.documents.words import Word
from api.lookup import snippets
from api.lookup.index.port import Candidate, Index, Wanted, is_one_of
from api.lookup.models import LookupEntry, LookupPage
from api.lookup.plan import Plan, plan_of
from api.lookup.ranking import BUDGET, Heading, Place, score
from api.lookup.results import Result, Results, Snippet
from core.actor import Actor
from core.clock import day_in_vietnam
from core.db import ReadTx
from core.errors import Malformed


@dataclass(frozen=True, slots=True)
class _Ranked:
    place: Place
    entry: LookupEntry


async def search(
    view: ReadTx, index: Index, actor: Actor, *, query: str, cursor: str | None, limit: int
) -> Results:
    """Return the documents that answer `query`, best first."""
    below = _place_of(cursor) if cursor else None
    plan = plan_of(query)
    readable = select(Document.id).where(readable_by(actor, view.now))
    ranked = await _rank(view, index, plan, readable)
    rest = [one for one in ranked if below is None or one.place < below]
    shown = rest[:limit]
    results = await _results(view, plan, [one.entry for one in shown])
    more = len(rest) > limit
    return Results(results, len(ranked), _cursor_of(shown[-1]) if more else None)


async def _rank(
    view: ReadTx, index: Index, plan: Plan, among: SelectOfScalar[UUID]
) -> list[_Ranked]:
    numbered = await _numbered(view, plan, among)
    candidates = await _candidates(view, index, plan, among)
    matched = {candidate.document_id: candidate.matched for candidate in candidates}
    today = day_in_vietnam(view.now).toordinal()
    ranked = []
    for entry in await _entries(view, {*numbered, *matched}):
        asked, heading = entry.document_id, Heading(entry.heading, entry.folded)
        points = score(plan, heading, matched=matched.get(asked, 0), day=entry.day, today=today)
        place = Place.of(asked, numbered=asked in numbered, score=points, day=entry.day)
        ranked.append(_Ranked(place, entry))
    return sorted(ranked, key=lambda one: one.place, reverse=True)


async def _candidates(
    view: ReadTx, index: Index, plan: Plan, among: SelectOfScalar[UUID]
) -> list[Candidate]:
    """Return what holds every word; when nothing does, what holds enough of the bigrams."""
    if not plan.syllables:
        return []
    strict = Wanted(plan.syllables, plan.bigrams, fewest=0, limit=BUDGET)
    candidates = await index.candidates(view.session, strict, among)
    if candidates or not plan.may_relax:
        return candidates
    relaxed = Wanted((), plan.bigrams, fewest=plan.fewest_bigrams, limit=BUDGET)
    return await index.candidates(view.session, relaxed, among)


async def _numbered(view: ReadTx, plan: Plan, among: SelectOfScalar[UUID]) -> set[UUID]:
    """Return the documents whose number stands in the query, of each number the longest key."""
    keys = {key for group in plan.keys for key in group}
    if not keys:
        return set()
    statement = (
        select(LookupEntry.number_key, LookupEntry.document_id)
        .where(col(LookupEntry.number_key).in_(keys))
        .where(is_one_of(col(LookupEntry.document_id), among))
        .order_by(col(LookupEntry.day).desc(), col(LookupEntry.document_id))
        .limit(BUDGET)
    )
    by_key: dict[str, set[UUID]] = {}
    for key, document_id in (await view.session.exec(statement)).all():
        by_key.setdefault(key or "", set()).add(document_id)
    longest = (next((key for key in group if key in by_key), None) for group in plan.keys)
    return set().union(*(by_key[key] for key in longest if key))


async def _entries(view: ReadTx, document_ids: set[UUID]) -> Sequence[LookupEntry]:
    statement = select(LookupEntry).where(col(LookupEntry.document_id).in_(document_ids))
    return (await view.session.exec(statement)).all()


async def _results(view: ReadTx, plan: Plan, entries: list[LookupEntry]) -> list[Result]:
    """Return what is shown of documents: all of them in one go, in their order."""
    papers = (
        select(Document, Revision)
        .join(LookupEntry, col(LookupEntry.document_id) == col(Document.id))
        .join(Revision, col(Revision.id) == col(LookupEntry.revision_id))
        .where(col(Document.id).in_([entry.document_id for entry in entries]))
    )
    found = {paper.id: (paper, file) for paper, file in (await view.session.exec(papers)).all()}
    shown = await _snippets(view, plan, entries)
    return [
        Result(paper, snippets.mark(plan, paper.title), file.text_state, shown.get(paper.id))
        for paper, file in (found[entry.document_id] for entry in entries)
    ]


async def _snippets(view: ReadTx, plan: Plan, entries: list[LookupEntry]) -> dict[UUID, Snippet]:
    """Return the lines that answer; a document of which only the fields answer has none."""
    best = await _best_pages(view, plan, [entry.document_id for entry in entries])
    wanted = {
        (entry.revision_id, best[entry.document_id]): entry.document_id
        for entry in entries
        if entry.document_id in best
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


async def _best_pages(view: ReadTx, plan: Plan, document_ids: list[UUID]) -> dict[UUID, int]:
    statement = (
        select(LookupPage.document_id, LookupPage.page, LookupPage.folded)
        .where(col(LookupPage.document_id).in_(document_ids))
        .order_by(col(LookupPage.page))
    )
    pages: dict[UUID, list[tuple[int, str]]] = {}
    for document_id, page, folded in (await view.session.exec(statement)).all():
        pages.setdefault(document_id, []).append((page, folded))
    best = {key: snippets.best_page(plan, of_one) for key, of_one in pages.items()}
    return {key: page for key, page in best.items() if page is not None}


def _cursor_of(last: _Ranked) -> str:
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
