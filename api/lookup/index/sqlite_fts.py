"""The index in SQLite's FTS5, as a store of postings: its own ranking is never asked."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CompoundSelect,
    Select,
    column,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
)
from sqlalchemy import table as sql_table
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar
from typing_extensions import override

from api.lookup.index.port import Candidate, Index, Terms, Wanted, is_one_of
from api.lookup.models import LookupEntry

_FTS = sql_table("lookup_fts", column("rowid"), column("words"), column("bigrams"))


class SqliteFtsIndex(Index):
    """One FTS5 table; its row ids are the entries' positions."""

    @override
    async def put(self, session: AsyncSession, position: int, terms: Terms) -> None:
        connection = await session.connection()
        await connection.execute(delete(_FTS).where(_FTS.c.rowid == position))
        words, bigrams = " ".join(terms.words), " ".join(terms.bigrams)
        await connection.execute(insert(_FTS).values(rowid=position, words=words, bigrams=bigrams))

    @override
    async def candidates(
        self, session: AsyncSession, wanted: Wanted, among: SelectOfScalar[UUID]
    ) -> list[Candidate]:
        entries = _with_counts(wanted).where(is_one_of(col(LookupEntry.document_id), among))
        if wanted.words:
            holding = _holding(f"words : ({_all_of(wanted.words)})")
            entries = entries.where(col(LookupEntry.position).in_(holding))
        rows = await (await session.connection()).execute(entries.limit(wanted.limit))
        return [Candidate(document_id, matched) for document_id, matched in rows]


def _with_counts(wanted: Wanted) -> Select[UUID, int]:
    """Return the entries with the number of wanted bigrams that each holds, in order."""
    matched: Any = literal(0)
    entries: Any = select(col(LookupEntry.document_id))
    if wanted.bigrams:
        found = _postings(wanted.bigrams).subquery()
        counts = select(found.c.rowid, func.count().label("matched")).group_by(found.c.rowid)
        counted = counts.subquery()
        at_position = counted.c.rowid == LookupEntry.position
        entries = entries.join(counted, at_position, isouter=wanted.fewest == 0)
        matched = func.coalesce(counted.c.matched, 0)
    entry_order = col(LookupEntry.day).desc(), col(LookupEntry.document_id)
    ordered: Select[UUID, int] = (
        entries.add_columns(matched)
        .where(matched >= wanted.fewest)
        .order_by(matched.desc(), *entry_order)
    )
    return ordered


def _postings(bigrams: Sequence[str]) -> CompoundSelect[int]:
    return union_all(*(_holding(f'bigrams : "{bigram}"') for bigram in bigrams))


def _holding(expression: str) -> Select[int]:
    matches = column("lookup_fts").op("MATCH")(expression)
    return select(_FTS.c.rowid).where(matches)


def _all_of(words: Sequence[str]) -> str:
    # A term is made of letters and digits alone, so that quotes make it a literal.
    return " AND ".join(f'"{word}"' for word in dict.fromkeys(words))
