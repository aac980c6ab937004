"""What an official may want while they are still typing: titles and numbers, never whole texts.

The last word is completed by the public lexicon, never by what documents hold, so that there is no
scan over prefixes, and nothing of a document that the official may not see.
"""

import re
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from api.documents.models import Document
from api.lookup import snippets
from api.lookup.analysis.completing import completions
from api.lookup.analysis.keyboard import repaired
from api.lookup.analysis.lexicon import COMMON, weight_of
from api.lookup.analysis.text import fold, read, tokens
from api.lookup.filters import Filters
from api.lookup.finding import visible_to
from api.lookup.index.port import Index, Shelf, Visible, Wanted
from api.lookup.models import LookupEntry
from api.lookup.plan import LONGEST_QUERY, MOST_SYLLABLES, plan_of
from api.lookup.reading import full_number
from api.lookup.snippets import Marked
from core.actor import Actor
from core.db import ReadTx

MOST = 8
#: Nothing is suggested before so many letters.
_FEWEST_LETTERS = 2
_NUMBER = re.compile(r"\s*(?:so\s+)?0*(\d{1,6}(?:\.\d{1,6})?)(?:[\s/_.-]+(.*))?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_HIGHEST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A document whose title or number goes on as it is being typed."""

    document: Document
    title: Marked
    #: As on paper.
    number: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Documents, best first, and what the last word may become."""

    documents: list[Suggestion]
    words: list[str]


async def suggest(view: ReadTx, index: Index, actor: Actor, typed: str) -> Suggestions:
    """Return what goes on as `typed`."""
    asked = typed[:LONGEST_QUERY]
    visible = visible_to(actor, view, Filters())
    words = tokens(asked)[:MOST_SYLLABLES]
    ids = await _by_number(view, asked, visible)
    if not words or len("".join(words)) < _FEWEST_LETTERS:
        return Suggestions(await _shown(view, asked, ids), [])
    ongoing = [] if asked[-1:].isspace() else _ongoing(words)
    ids += await _by_title(view, index, words, ongoing, visible)
    found = list(dict.fromkeys(ids))[:MOST]
    return Suggestions(await _shown(view, asked, found), ongoing)


def _ongoing(words: list[str]) -> list[str]:
    before = read([repaired(one) for one in words[:-1]])
    return list(completions(words[-1], before[-1] if before else None))


async def _by_number(view: ReadTx, asked: str, visible: Visible) -> list[UUID]:
    """Return documents whose number begins as it is typed."""
    typed = _NUMBER.fullmatch(fold(asked))
    if typed is None:
        return []
    number, rest = typed.groups(default="")
    parts = tokens(rest)
    year = [parts.pop(0)] if parts and _YEAR.fullmatch(parts[0]) else []
    begins = "/".join([number, *year, "-".join(parts)])
    statement = (
        select(LookupEntry.document_id)
        .where(col(LookupEntry.number_key) >= begins)
        .where(col(LookupEntry.number_key) < begins + _HIGHEST)
        .where(visible.holds(LookupEntry))
        .order_by(col(LookupEntry.day).desc(), col(LookupEntry.document_id))
        .limit(MOST)
    )
    return list((await view.session.exec(statement)).all())


async def _by_title(
    view: ReadTx, index: Index, words: list[str], ongoing: list[str], visible: Visible
) -> list[UUID]:
    """Return documents whose titles hold what is typed, and go on with a likely word."""
    complete = read([repaired(one) for one in (words[:-1] if ongoing else words)])
    wanted = _wanted(complete, ongoing)
    if not wanted:
        return []
    hits = await index.find(
        view.session, Shelf.HEADING, Wanted(wanted, complete, limit=MOST), visible
    )
    return [UUID(int=hit.document) for hit in hits]


def _wanted(complete: list[str], ongoing: list[str]) -> list[tuple[str, int]]:
    """Return what the last word may be: beside the one before it, and anywhere."""
    weight = weight_of
    if not complete:
        return [(word, weight(word)) for word in ongoing if weight(word) > COMMON]
    if not ongoing:
        return [(complete[-1], 1)]
    beside = [f"{complete[-1]}_{word}" for word in ongoing]
    return [(pair, 2 * weight(pair)) for pair in beside] + [(one, weight(one)) for one in ongoing]


async def _shown(view: ReadTx, asked: str, ids: list[UUID]) -> list[Suggestion]:
    statement = select(Document).where(col(Document.id).in_(ids))
    plan = plan_of(asked)
    found = {paper.id: paper for paper in (await view.session.exec(statement)).all()}
    return [
        Suggestion(paper, snippets.mark(plan, paper.title), full_number(paper.number, paper.symbol))
        for paper in (found[one] for one in ids)
    ]
