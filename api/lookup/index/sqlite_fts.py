"""The index in SQLite's FTS5, as a store of postings: its own ranking is never asked."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    TextualSelect,
    column,
    func,
    select,
    text,
    type_coerce,
)
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from typing_extensions import override

from api.lookup.index.port import Hit, Index, Posting, Shelf, Visible, Wanted
from api.lookup.models import LookupEntry, LookupPassage

# Terms are made of letters, digits and `_`, so that quotes make them literals.
_ADD = "INSERT INTO {fts} (rowid, terms) VALUES (:position, :terms)"
_DROP = "INSERT INTO {fts} ({fts}, rowid, terms) VALUES ('delete', :position, :terms)"
_SUMS = """
    WITH wanted (term, weight) AS MATERIALIZED (
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:wanted)
    )
    SELECT rowid AS position, sum(weight) AS points
    FROM wanted CROSS JOIN {fts} WHERE {fts} MATCH term {required} GROUP BY rowid
"""
_ONE = """
    SELECT rowid AS position, CAST(:weight AS INTEGER) AS points FROM {fts} WHERE {fts} MATCH :term
"""
# `+` keeps SQLite from seeking each of them for each term.
_REQUIRED = "AND +rowid IN (SELECT rowid FROM {fts} WHERE {fts} MATCH :required)"
#: To sort all that is found takes longer than to find it. Where most may be seen, so many times
#: as many as are wanted are sorted, and looked at one by one.
_FIRST = 2


class SqliteFtsIndex(Index):
    """A table of FTS5 for each shelf; its row ids are the positions."""

    @override
    async def add(self, session: AsyncSession, shelf: Shelf, postings: Sequence[Posting]) -> None:
        await _change(session, _ADD, shelf, postings)

    @override
    async def drop(self, session: AsyncSession, shelf: Shelf, postings: Sequence[Posting]) -> None:
        await _change(session, _DROP, shelf, postings)

    @override
    async def find(
        self, session: AsyncSession, shelf: Shelf, wanted: Wanted, visible: Visible
    ) -> list[Hit]:
        if not visible.many:
            return await _among_the_visible(session, shelf, wanted, visible)
        most = _FIRST * wanted.limit
        found, were_all = await _one_by_one(session, shelf, wanted, visible, most)
        if were_all or len(found) == wanted.limit:
            return found
        return (await _one_by_one(session, shelf, wanted, visible, None))[0]


async def _one_by_one(
    session: AsyncSession, shelf: Shelf, wanted: Wanted, visible: Visible, most: int | None
) -> tuple[list[Hit], bool]:
    """Return the best visible rows among the first, and whether those were all that there are."""
    row, sums = shelf.rows, _sums(shelf, wanted).subquery()
    points, position = sums.c.points.desc(), sums.c.position.desc()
    order = (position,) if _is_single(wanted) else (points, position)  # FTS5 gives its own order
    first = select(sums.c.position, sums.c.points).order_by(*order).limit(most).cte("first")
    count = select(func.count()).select_from(first).scalar_subquery()
    statement = (
        select(col(row.position), _number_of(row), first.c.points, count)
        .select_from(first)
        .join(row, col(row.position) == first.c.position)
        .where(visible.holds(row))
        .order_by(first.c.points.desc(), first.c.position.desc())
        .limit(wanted.limit)
    )
    rows = (await (await session.connection()).execute(statement, _values(wanted))).all()
    return _hits(rows), most is None or (bool(rows) and rows[0][3] < most)


async def _among_the_visible(
    session: AsyncSession, shelf: Shelf, wanted: Wanted, visible: Visible
) -> list[Hit]:
    """Return the best rows among those that may be seen; only these are sorted."""
    row, sums = shelf.rows, _sums(shelf, wanted, alone=False).subquery()
    seen = select(col(row.position)).where(col(row.document_id).in_(visible.ids))
    best = (
        select(sums.c.position, sums.c.points)
        .where(sums.c.position.in_(seen))
        .order_by(sums.c.points.desc(), sums.c.position.desc())
        .limit(wanted.limit)
        .subquery()
    )
    statement = (
        select(col(row.position), _number_of(row), best.c.points)
        .select_from(best)
        .join(row, col(row.position) == best.c.position)
        .order_by(best.c.points.desc(), best.c.position.desc())
    )
    values = _values(wanted, alone=False)
    return _hits((await (await session.connection()).execute(statement, values)).all())


def _number_of(row: type[LookupEntry | LookupPassage]) -> ColumnElement[str]:
    """Return the id of a row's document as it is stored: its number in hexadecimal digits."""
    return type_coerce(col(row.document_id), String)


def _hits(rows: Sequence[Any]) -> list[Hit]:
    return [Hit(row[0], int(row[1], 16), row[2]) for row in rows]


async def _change(
    session: AsyncSession, statement: str, shelf: Shelf, postings: Sequence[Posting]
) -> None:
    rows = [{"position": one.position, "terms": " ".join(one.terms)} for one in postings]
    if rows:
        connection = await session.connection()
        await connection.execute(text(statement.format(fts=_table(shelf))), rows)


def _is_single(wanted: Wanted) -> bool:
    return len(wanted.terms) == 1 and not wanted.required


def _sums(shelf: Shelf, wanted: Wanted, *, alone: bool = True) -> TextualSelect:
    """Return what sums the weights; a term that stands alone needs no sum, if that is asked for."""
    fts = _table(shelf)
    if alone and _is_single(wanted):
        statement = _ONE.format(fts=fts)
    else:
        required = _REQUIRED.format(fts=fts) if wanted.required else ""
        statement = _SUMS.format(fts=fts, required=required)
    return text(statement).columns(column("position", Integer), column("points", Integer))


def _values(wanted: Wanted, *, alone: bool = True) -> dict[str, Any]:
    if alone and _is_single(wanted):
        ((term, weight),) = wanted.terms
        return {"term": f'"{term}"', "weight": weight}
    values = {"wanted": json.dumps([(f'"{term}"', weight) for term, weight in wanted.terms])}
    if wanted.required:
        values["required"] = " AND ".join(f'"{term}"' for term in wanted.required)
    return values


def _table(shelf: Shelf) -> str:
    return f"lookup_fts_{shelf}"
