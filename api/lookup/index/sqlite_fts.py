"""The index in SQLite's FTS5, as a store of postings: its own ranking is never asked."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, TextualSelect, column, select, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from typing_extensions import override

from api.lookup.index.port import Hit, Index, Posting, Shelf, Visible, Wanted

# Terms are made of letters, digits and `_`, so that quotes make them literals.
_ADD = "INSERT INTO {fts} (rowid, terms) VALUES (:position, :terms)"
_DROP = "INSERT INTO {fts} ({fts}, rowid, terms) VALUES ('delete', :position, :terms)"
# The limit keeps SQLite from taking the sorted rows apart again: it walks them in their order, and
# stops when enough of them may be seen.
_SUMS = """
    WITH wanted (term, weight) AS MATERIALIZED (
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:wanted)
    )
    SELECT rowid AS position, sum(weight) AS points
    FROM wanted CROSS JOIN {fts} WHERE {fts} MATCH term {required}
    GROUP BY rowid ORDER BY points DESC, position DESC LIMIT -1
"""
_ONE = """
    SELECT rowid AS position, CAST(:weight AS INTEGER) AS points
    FROM {fts} WHERE {fts} MATCH :term ORDER BY rowid DESC LIMIT -1
"""
_REQUIRED = "AND rowid IN (SELECT rowid FROM {fts} WHERE {fts} MATCH :required)"


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
        row = shelf.rows
        sums = _sums(shelf, wanted).subquery()
        statement = (
            select(col(row.position), col(row.document_id), sums.c.points)
            .select_from(sums)
            .join(row, col(row.position) == sums.c.position)
            .where(visible.holds(row))
            .limit(wanted.limit)
        )
        values = _values(wanted)
        rows = await (await session.connection()).execute(statement, values)
        return [Hit(*found) for found in rows]


async def _change(
    session: AsyncSession, statement: str, shelf: Shelf, postings: Sequence[Posting]
) -> None:
    rows = [{"position": one.position, "terms": " ".join(one.terms)} for one in postings]
    if rows:
        connection = await session.connection()
        await connection.execute(text(statement.format(fts=_table(shelf))), rows)


def _sums(shelf: Shelf, wanted: Wanted) -> TextualSelect:
    fts = _table(shelf)
    if len(wanted.terms) == 1 and not wanted.required:
        statement = _ONE.format(fts=fts)
    else:
        required = _REQUIRED.format(fts=fts) if wanted.required else ""
        statement = _SUMS.format(fts=fts, required=required)
    return text(statement).columns(column("position", Integer), column("points", Integer))


def _values(wanted: Wanted) -> dict[str, Any]:
    if len(wanted.terms) == 1 and not wanted.required:
        ((term, weight),) = wanted.terms
        return {"term": f'"{term}"', "weight": weight}
    values = {"wanted": json.dumps([(f'"{term}"', weight) for term, weight in wanted.terms])}
    if wanted.required:
        values["required"] = " AND ".join(f'"{term}"' for term in wanted.required)
    return values


def _table(shelf: Shelf) -> str:
    return f"lookup_fts_{shelf}"
