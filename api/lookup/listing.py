"""Lists: the visible documents that pass filters, where no words are asked for.

Unlike what words find they come to an end only with the last document: an archive is paged through,
each page from where the one before ended.
"""

from sqlalchemy import ColumnElement, Integer
from sqlalchemy.orm import Mapped
from sqlmodel import and_, case, cast, col, func, or_, select

from api.lookup.filters import Sort
from api.lookup.finding import ENTRIES, NO_DAY, Entry, Ranked, sorted_by
from api.lookup.index.port import Visible
from api.lookup.models import LookupEntry
from api.lookup.ranking import DOCUMENTS, Place
from core.db import ReadTx


async def listed(
    view: ReadTx, visible: Visible, sort: Sort, *, below: Place | None = None, most: int = DOCUMENTS
) -> list[Ranked]:
    """Return the visible documents in an order, the youngest first where none is asked for.

    Args:
        view: where they are looked for.
        visible: all that there is for whoever asks.
        sort: by what.
        below: only those behind this place.
        most: how many at most.
    """
    value, last = _value(view, sort), col(LookupEntry.document_id)
    statement = ENTRIES.where(visible.holds(LookupEntry))
    if below is not None:
        at = _value_at(below, sort)
        statement = statement.where(or_(value < at, and_(value == at, last > below.document_id)))
    statement = statement.order_by(value.desc(), last).limit(most)
    rows = await (await view.session.connection()).execute(statement)
    found = [_ranked(Entry._make(row)) for row in rows]
    return found if sort is Sort.RELEVANCE else sorted_by(sort, found)


async def count(view: ReadTx, visible: Visible) -> int:
    """Return how many there are; `DOCUMENTS` means: at least so many."""
    some = select(LookupEntry.document_id).where(visible.holds(LookupEntry)).limit(DOCUMENTS)
    return (await view.session.exec(select(func.count()).select_from(some.subquery()))).one()


def _ranked(entry: Entry) -> Ranked:
    document = entry.document_id.int
    place = Place.of(document, numbered=False, score=0, day=entry.day)
    return Ranked(place, document, entry=entry)


def _value(view: ReadTx, sort: Sort) -> ColumnElement[int] | Mapped[int]:
    """Return what a sort goes by, the highest first; `sorted_by` says the same."""
    day = col(LookupEntry.day)
    if sort is Sort.OLDEST:
        return case((day == 0, -NO_DAY), else_=-day)
    if sort is Sort.NUMBER:
        return func.coalesce(_leading_number(view), -1)
    return day


def _leading_number(view: ReadTx) -> ColumnElement[int]:
    key = col(LookupEntry.number_key)
    if view.session.get_bind().dialect.name == "postgresql":
        return cast(func.substring(key, r"^\d+"), Integer)
    return cast(key, Integer)  # SQLite reads as many digits as there are


def _value_at(place: Place, sort: Sort) -> int:
    value = place.day if sort is Sort.RELEVANCE else place.score
    return max(-NO_DAY - 1, min(NO_DAY, value))  # whoever forges a cursor gets no fault of ours
