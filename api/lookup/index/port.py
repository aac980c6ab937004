"""What every index must do: keep which row holds which terms, and find the visible rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from api.lookup.models import LookupEntry, LookupPassage

Row = LookupEntry | LookupPassage


class Shelf(StrEnum):
    """What rows are looked for."""

    PASSAGE = "passage"
    HEADING = "heading"

    @property
    def rows(self) -> type[LookupEntry] | type[LookupPassage]:
        """Return the table of the rows."""
        return LookupPassage if self is Shelf.PASSAGE else LookupEntry


@dataclass(frozen=True, slots=True)
class Posting:
    """The distinct terms of a row."""

    position: int
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Visible:
    """Which documents may be seen: the others play no part at all.

    Attributes:
        ids: selects the ids of the documents.
        many: they are most of the archive, so that asking one by one is quicker than listing them.
    """

    ids: SelectOfScalar[UUID]
    many: bool

    def holds(self, row: type[LookupEntry] | type[LookupPassage]) -> ColumnElement[bool]:
        """Say whether the document of a row may be seen."""
        if not self.many:
            return col(row.document_id).in_(self.ids)
        (ids,) = self.ids.selected_columns
        return self.ids.where(ids == row.document_id).correlate(row).exists()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What rows must hold.

    Attributes:
        terms: at least one of these; each gives its weight.
        required: all of these.
        limit: how many rows at most.
    """

    terms: Sequence[tuple[str, int]]
    required: Sequence[str] = ()
    limit: int = 200


class Hit(NamedTuple):
    """A row that holds what is wanted, and the sum of the weights of the terms it holds.

    Attributes:
        position: of the row.
        document: the number of its document's id: a search handles hundreds, and shows a few.
        points: the sum.
    """

    position: int
    document: int
    points: int


class Index(Protocol):
    """Which rows hold which terms; lies in the database of the session."""

    async def add(self, session: AsyncSession, shelf: Shelf, postings: Sequence[Posting]) -> None:
        """Keep the terms of rows that are not there."""
        ...

    async def drop(self, session: AsyncSession, shelf: Shelf, postings: Sequence[Posting]) -> None:
        """Forget rows; their terms must be those that they were kept with."""
        ...

    async def find(
        self, session: AsyncSession, shelf: Shelf, wanted: Wanted, visible: Visible
    ) -> list[Hit]:
        """Return the visible rows that hold what is wanted.

        Those with the most points come first, then those that were kept last.
        """
        ...
