"""The durable log as sockets read it: where a stream stands, and what came after a position.

All that a phone asks when it comes back goes past the ORM: a thousand of them come at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Integer, String
from sqlalchemy import select as rows_of
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from core.db import Database
from core.ids import new_id
from core.reads import HotRead, given
from core.streams import Entry, Fact, Stream, StreamEntry

#: SQLite takes a limited number of values in one statement.
CHUNK = 500

_STREAM: Any = given("stream", String())
_AFTER: Any = given("after", Integer())
_MARK = HotRead(rows_of(col(Stream.epoch), col(Stream.head)).where(col(Stream.key) == _STREAM))
_FIRST = HotRead(
    rows_of(col(StreamEntry.seq))
    .where(col(StreamEntry.stream) == _STREAM, col(StreamEntry.seq) > _AFTER)
    .order_by(col(StreamEntry.seq))
    .limit(1)
)
_ENTRIES = HotRead(
    rows_of(col(StreamEntry.seq), col(Fact.id), col(Fact.name), col(Fact.at), col(Fact.body))
    .join(Fact, col(Fact.id) == col(StreamEntry.fact_id))
    .where(col(StreamEntry.stream) == _STREAM, col(StreamEntry.seq) > _AFTER)
    .order_by(col(StreamEntry.seq))
    .limit(given("most", Integer()))
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in one incarnation of a stream."""

    epoch: str
    seq: int


class Log(Protocol):
    """What the hub and its phones read."""

    async def mark(self, stream: str) -> Mark:
        """Return where `stream` stands; a stream nobody wrote to stands at 0."""
        ...

    async def marks(self, keys: Sequence[str]) -> dict[str, Mark]:
        """Return where each of `keys` stands."""
        ...

    async def first_after(self, stream: str, after: int) -> int | None:
        """Return the first position behind `after` that the log still has, if any."""
        ...

    async def read_after(self, stream: str, after: int, *, limit: int) -> list[Entry]:
        """Return what stands behind position `after`, oldest first."""
        ...


class DatabaseLog:
    """The log in the database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def mark(self, stream: str) -> Mark:
        """See `Log.mark`.

        A stream is given its epoch when it is first listened to, not when it is first written to:
        else a phone that came early would hold positions without one, and could not resume.
        """
        for epoch, head in await self._db.rows(_MARK, stream=stream):
            return Mark(epoch, head)
        await self._open(stream)
        return await self.mark(stream)

    async def marks(self, keys: Sequence[str]) -> dict[str, Mark]:
        """See `Log.marks`."""
        found: dict[str, Mark] = {}
        async with self._db.read() as view:
            for start in range(0, len(keys), CHUNK):
                some = select(Stream).where(col(Stream.key).in_(keys[start : start + CHUNK]))
                for row in (await view.session.exec(some)).all():
                    found[row.key] = Mark(str(row.epoch), row.head)
        return found

    async def first_after(self, stream: str, after: int) -> int | None:
        """See `Log.first_after`."""
        for (seq,) in await self._db.rows(_FIRST, stream=stream, after=after):
            return int(seq)
        return None

    async def read_after(self, stream: str, after: int, *, limit: int) -> list[Entry]:
        """See `Log.read_after`."""
        rows = await self._db.rows(_ENTRIES, stream=stream, after=after, most=limit)
        return [Entry(stream, seq, UUID(id_), name, at, body) for seq, id_, name, at, body in rows]

    async def _open(self, stream: str) -> None:
        try:
            async with self._db.begin() as tx:
                if await tx.session.get(Stream, stream) is None:
                    tx.session.add(Stream(key=stream, epoch=new_id(), head=0))
        except IntegrityError:  # another process was first (PostgreSQL)
            return
