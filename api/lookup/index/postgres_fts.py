"""The index in PostgreSQL's GIN, as a store of postings: its own ranking is never asked."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Text,
    cast,
    column,
    func,
    literal,
    select,
    text,
)
from sqlalchemy import table as sql_table
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, TSVECTOR, insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar
from typing_extensions import override

from api.lookup.index.port import Candidate, Index, Terms, Wanted, is_one_of
from api.lookup.models import LookupEntry

_FTS = sql_table(
    "lookup_fts",
    column("position", Integer),
    column("words", TSVECTOR),
    column("bigrams", TSVECTOR),
)
# Workers take longer to start than such a query takes to run.
_ALONE = text("SET LOCAL max_parallel_workers_per_gather = 0")


class PostgresFtsIndex(Index):
    """One table of two tsvectors without positions, each under its GIN index."""

    @override
    async def put(self, session: AsyncSession, position: int, terms: Terms) -> None:
        vectors = {"words": _vector(terms.words), "bigrams": _vector(terms.bigrams)}
        statement = insert(_FTS).values(position=position, **vectors)
        statement = statement.on_conflict_do_update(index_elements=["position"], set_=vectors)
        await (await session.connection()).execute(statement)

    @override
    async def candidates(
        self, session: AsyncSession, wanted: Wanted, among: SelectOfScalar[UUID]
    ) -> list[Candidate]:
        matched = _count(wanted.bigrams).label("matched")
        statement = (
            select(col(LookupEntry.document_id), matched)
            .join(_FTS, _FTS.c.position == LookupEntry.position)
            .where(*_holding(wanted), is_one_of(col(LookupEntry.document_id), among))
            .order_by(matched.desc(), col(LookupEntry.day).desc(), col(LookupEntry.document_id))
            .limit(wanted.limit)
        )
        connection = await session.connection()
        await connection.execute(_ALONE)
        rows = await connection.execute(statement)
        return [Candidate(document_id, matched) for document_id, matched in rows]


def _holding(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [_matches("words", wanted.words, " & ")] if wanted.words else []
    if wanted.fewest:
        # The index finds what holds any of them; only those are counted.
        conditions.append(_matches("bigrams", wanted.bigrams, " | "))
        conditions.append(_count(wanted.bigrams) >= wanted.fewest)
    return conditions


def _count(bigrams: Sequence[str]) -> ColumnElement[int]:
    each = (cast(_matches("bigrams", [bigram], ""), Integer) for bigram in bigrams)
    return sum(each, start=literal(0))


def _matches(name: str, terms: Sequence[str], joiner: str) -> ColumnElement[bool]:
    # A term is made of letters and digits alone, so that quotes make it a literal.
    expression = joiner.join(f"'{term}'" for term in dict.fromkeys(terms))
    holds: ColumnElement[bool] = _FTS.c[name].op("@@", is_comparison=True)(
        cast(expression, TSQUERY)
    )
    return holds


def _vector(terms: Sequence[str]) -> Any:
    return func.array_to_tsvector(cast(list(terms), ARRAY(Text)))
