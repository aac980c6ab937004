"""The index in PostgreSQL's GIN, as a store of postings: its own ranking is never asked."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, TextualSelect, bindparam, column, select, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from typing_extensions import override

from api.lookup.index.port import Hit, Index, Posting, Shelf, Visible, Wanted

_ADD = "INSERT INTO {fts} (position, terms) VALUES (:position, array_to_tsvector(:terms))"
_DROP = "DELETE FROM {fts} WHERE position = :position"
# A term is made of letters, digits and `_`, so that quotes make it a literal.
_SUMS = """
    SELECT f.position, CAST(sum(w.weight) AS integer) AS points
    FROM unnest(:wanted, :weights) AS w (term, weight)
    CROSS JOIN LATERAL (SELECT position FROM {fts} WHERE terms @@ w.term::tsquery {required}) AS f
    GROUP BY f.position
    ORDER BY points DESC, position DESC
"""
_REQUIRED = "AND terms @@ CAST(:required AS tsquery)"
# Workers take longer to start than such a query takes to run. A scan of the whole table is never
# quicker than the index, and the planner cannot know how rare a term is.
_SETTINGS = (
    text("SET LOCAL max_parallel_workers_per_gather = 0"),
    text("SET LOCAL enable_seqscan = off"),
)
_RESTORED = text("SET LOCAL enable_seqscan = on")


class PostgresFtsIndex(Index):
    """A table of tsvectors without positions for each shelf, under its GIN index."""

    @override
    async def add(self, session: AsyncSession, shelf: Shelf, postings: Sequence[Posting]) -> None:
        statement = text(_ADD.format(fts=_table(shelf))).bindparams(
            bindparam("terms", type_=ARRAY(TEXT))
        )
        rows = [{"position": one.position, "terms": list(one.terms)} for one in postings]
        if rows:
            await (await session.connection()).execute(statement, rows)

    @override
    async def drop(self, session: AsyncSession, shelf: Shelf, postings: Sequence[Posting]) -> None:
        rows = [{"position": one.position} for one in postings]
        if rows:
            await (await session.connection()).execute(text(_DROP.format(fts=_table(shelf))), rows)

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
            .order_by(sums.c.points.desc(), sums.c.position.desc())
            .limit(wanted.limit)
        )
        connection = await session.connection()
        for setting in _SETTINGS:
            await connection.execute(setting)
        rows = (await connection.execute(statement, _values(wanted))).all()
        found = [Hit(place, document_id.int, points) for place, document_id, points in rows]
        await connection.execute(_RESTORED)
        return found


def _sums(shelf: Shelf, wanted: Wanted) -> TextualSelect:
    statement = _SUMS.format(fts=_table(shelf), required=_REQUIRED if wanted.required else "")
    return (
        text(statement)
        .bindparams(
            bindparam("wanted", type_=ARRAY(TEXT)), bindparam("weights", type_=ARRAY(Integer))
        )
        .columns(column("position", Integer), column("points", Integer))
    )


def _values(wanted: Wanted) -> dict[str, Any]:
    values: dict[str, Any] = {
        "wanted": [f"'{term}'" for term, _ in wanted.terms],
        "weights": [weight for _, weight in wanted.terms],
    }
    if wanted.required:
        values["required"] = " & ".join(f"'{term}'" for term in wanted.required)
    return values


def _table(shelf: Shelf) -> str:
    return f"lookup_fts_{shelf}"
