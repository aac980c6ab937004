"""The search: what answers, what may be meant, and what narrows it; all under the rights."""

import base64
import binascii
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlmodel import col, select, tuple_

from api.documents import scans
from api.documents.models import Document, PageText, Revision
from api.documents.words import Word
from api.lookup import snippets
from api.lookup.analysis.restoring import restored
from api.lookup.filters import Filters, Sort
from api.lookup.finding import Ranked, in_order, rank, visible_to, with_passages
from api.lookup.index.port import Index
from api.lookup.listing import count, listed
from api.lookup.models import LookupEntry
from api.lookup.plan import Plan, plan_of
from api.lookup.ranking import DOCUMENTS, Place
from api.lookup.results import Facets, Result, Results, Snippet
from core.actor import Actor
from core.clock import day_in_vietnam
from core.db import ReadTx
from core.errors import Malformed


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A search as it was asked for."""

    query: str
    filters: Filters = field(default_factory=Filters)
    sort: Sort = Sort.RELEVANCE
    cursor: str | None = None
    limit: int = 20
    #: Only what one page holds most of; what saved searches tell of.
    closely: bool = False


async def search(view: ReadTx, index: Index, actor: Actor, asked: Asked) -> Results:
    """Return the documents that answer, in the order that was asked for."""
    below = _place_of(asked.cursor) if asked.cursor else None
    plan = plan_of(asked.query)
    if _only_narrows(asked, plan):
        visible = visible_to(actor, view, asked.filters)
        rest = await listed(view, visible, asked.sort, below=below, most=asked.limit + 1)
        there_are = await count(view, visible)
    else:
        ranked = await found(view, index, actor, asked, plan)
        rest = [one for one in ranked if below is None or one.place < below]
        there_are = len(ranked)
    shown = rest[: asked.limit]
    more = len(rest) > asked.limit
    return Results(
        results=await _results(view, plan, shown),
        found=there_are,
        cursor=_cursor_of(shown[-1]) if more else None,
        restored=restored(asked.query),
    )


def _only_narrows(asked: Asked, plan: Plan) -> bool:
    """Say whether nothing is asked but filters: all that passes them is a list."""
    return asked.filters.are_set and not plan.wanted and not plan.keys


async def facets(view: ReadTx, index: Index, actor: Actor, asked: Asked) -> Facets:
    """Count the documents that answer by what they can be narrowed to."""
    ranked = await found(view, index, actor, asked, plan_of(asked.query))
    ids = [one.document_id for one in ranked]
    papers = (await view.session.exec(select(Document).where(col(Document.id).in_(ids)))).all()
    holding = [one.force.on(day_in_vietnam(view.now)) for one in papers]
    return {name: _counted(map(value, papers)) for name, value in _FACETS.items()} | {
        "validity": _counted(holding)
    }


async def found(
    view: ReadTx,
    index: Index,
    actor: Actor,
    asked: Asked,
    plan: Plan,
    *,
    most: int = DOCUMENTS,
) -> list[Ranked]:
    """Return what answers, in its order: of a list `most`, of what words find the best."""
    visible = visible_to(actor, view, asked.filters)
    if _only_narrows(asked, plan):
        return await listed(view, visible, asked.sort, most=most)
    ranked = await rank(view, index, plan, visible, closely=asked.closely)
    return await in_order(view, asked.sort, ranked)


_FACETS: dict[str, Callable[[Document], str | None]] = {
    "type_code": lambda paper: paper.type_code,
    "issuer": lambda paper: paper.issuer,
    "year": lambda paper: str(paper.issued_on.year) if paper.issued_on else None,
    "direction": lambda paper: paper.direction.value,
    "urgency": lambda paper: paper.urgency.value,
    "state": lambda paper: paper.state.value,
    "signer_id": lambda paper: str(paper.signer_id) if paper.signer_id else None,
    "signer": lambda paper: paper.signer,
}


def _counted(values: Iterable[str | None]) -> list[tuple[str, int]]:
    """Return the values with their numbers, the most frequent first."""
    counts = Counter(value for value in values if value)
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


async def _results(view: ReadTx, plan: Plan, shown: Sequence[Ranked]) -> list[Result]:
    """Return what is shown of documents: all of them in one go, in their order."""
    papers = (
        select(Document, Revision)
        .join(LookupEntry, col(LookupEntry.document_id) == col(Document.id))
        .join(Revision, col(Revision.id) == col(LookupEntry.revision_id))
        .where(col(Document.id).in_([one.document_id for one in shown]))
    )
    found = {paper.id: (paper, file) for paper, file in (await view.session.exec(papers)).all()}
    files = {one: file.id for one, (_, file) in found.items()}
    lines = await _snippets(view, plan, await with_passages(view, shown), files)
    today = day_in_vietnam(view.now)
    return [
        Result(
            paper, snippets.mark(plan, paper.title), file.text_state, paper.force.on(today),
            lines.get(paper.id),
        )
        for paper, file in (found[one.document_id] for one in shown)
    ]  # fmt: skip


async def _snippets(
    view: ReadTx, plan: Plan, shown: Sequence[Ranked], files: Mapping[UUID, UUID]
) -> dict[UUID, Snippet]:
    """Return the lines that answer; a document of which only the fields answer has none."""
    wanted = {
        (files[one.document_id], one.best.page): one.document_id
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
    plain = f"{place.numbered:d} {place.score} {place.day} {last.document_id.hex}"
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def _place_of(cursor: str) -> Place:
    try:
        plain = base64.urlsafe_b64decode(cursor.encode() + b"==").decode()
        numbered, points, day, document_id = plain.split(" ")
        return Place.of(
            UUID(document_id).int, numbered=numbered == "1", score=int(points), day=int(day)
        )
    except (ValueError, binascii.Error) as error:
        raise Malformed(where="query.cursor", why="unknown_cursor") from error
