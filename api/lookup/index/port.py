"""What every index must do: keep the terms of documents, and find candidates among the visible."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from api.lookup.models import LookupEntry

#: What a document may add to the index; PostgreSQL holds 1 MB of lexemes in one row.
MOST_BYTES = 900_000


@dataclass(frozen=True, slots=True)
class Terms:
    """The distinct terms of a document."""

    words: tuple[str, ...]
    bigrams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What candidates must hold.

    Attributes:
        words: all of these.
        bigrams: these are counted.
        fewest: how many of the bigrams at least.
        limit: how many candidates at most.
    """

    words: Sequence[str]
    bigrams: Sequence[str]
    fewest: int
    limit: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document that holds what is wanted, and how many of the bigrams."""

    document_id: UUID
    matched: int


class Index(Protocol):
    """Which documents hold which terms; lies in the database of the session."""

    async def put(self, session: AsyncSession, position: int, terms: Terms) -> None:
        """Keep the terms of the entry at `position` in place of those it had."""
        ...

    async def candidates(
        self, session: AsyncSession, wanted: Wanted, among: SelectOfScalar[UUID]
    ) -> list[Candidate]:
        """Return the entries that hold what is wanted.

        Those with the most bigrams come first, then the younger, then the smaller id. `among`
        selects the ids of the documents that may be seen: the others play no part at all.
        """
        ...


def is_one_of(document_id: Mapped[UUID], among: SelectOfScalar[UUID]) -> ColumnElement[bool]:
    """Say whether `among` selects the document; asked for each candidate, not for the archive."""
    (ids,) = among.selected_columns
    return among.where(ids == document_id).correlate(LookupEntry).exists()


def bounded(terms: Iterable[str]) -> tuple[str, ...]:
    """Return the distinct terms in their order, as many as every engine can keep."""
    kept: list[str] = []
    room = MOST_BYTES
    for term in dict.fromkeys(terms):
        room -= len(term.encode())
        if room < 0:
            break
        kept.append(term)
    return tuple(kept)
