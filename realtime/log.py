"""The durable log as sockets read it: where a stream stands, and what came after a position."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from core import streams
from core.db import Database
from core.ids import new_id
from core.streams import Entry, Stream

#: SQLite takes a limited number of values in one statement.
CHUNK = 500


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
        async with self._db.read() as view:
            head = await streams.head(view.session, stream)
        if head.epoch is not None:
            return Mark(str(head.epoch), head.seq)
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

    async def read_after(self, stream: str, after: int, *, limit: int) -> list[Entry]:
        """See `Log.read_after`."""
        async with self._db.read() as view:
            return await streams.read_after(view.session, stream, after, limit=limit)

    async def _open(self, stream: str) -> None:
        try:
            async with self._db.begin() as tx:
                if await tx.session.get(Stream, stream) is None:
                    tx.session.add(Stream(key=stream, epoch=new_id(), head=0))
        except IntegrityError:  # another process was first (PostgreSQL)
            return
