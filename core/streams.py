"""The durable log: each fact once, and its gap-free position in every stream that hears of it.

The log in the database is the truth; the bus only wakes. Positions are allotted under the row lock
of their stream as the last statements before the commit, in the order of the keys: a reader that
has seen position n has seen all before it, and two writers never wait for each other in a circle.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import orjson
from sqlalchemy import Column, Integer, insert
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Field, SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.columns import json_field
from core.events import Event
from core.ids import new_id


class Fact(SQLModel, table=True):
    """Something that happened; written once, never changed."""

    __tablename__: ClassVar[str] = "fact"
    __table_args__ = ({"sqlite_autoincrement": True},)

    position: int | None = Field(
        default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True)
    )
    id: UUID = Field(default_factory=new_id, unique=True)
    name: str = Field(max_length=64)
    body: dict[str, Any] = json_field()
    at: datetime


class Stream(SQLModel, table=True):
    """One stream's incarnation (`epoch`) and its last position (`head`)."""

    __tablename__: ClassVar[str] = "stream"

    key: str = Field(primary_key=True, max_length=80)
    epoch: UUID
    head: int


class StreamEntry(SQLModel, table=True):
    """The place of a fact in a stream."""

    __tablename__: ClassVar[str] = "stream_entry"

    stream: str = Field(primary_key=True, max_length=80)
    seq: int = Field(primary_key=True)
    fact_id: UUID = Field(index=True)


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact as a stream's reader meets it."""

    stream: str
    seq: int
    id: UUID
    name: str
    at: datetime
    body: dict[str, Any]

    def frame(self) -> bytes:
        """Return the event frame of `khonggiay.v1`: the same bytes for every listener."""
        return orjson.dumps(
            {
                "t": "ev",
                "s": self.stream,
                "q": self.seq,
                "id": str(self.id),
                "k": self.name,
                "at": self.at,
                "d": self.body,
            }
        )


@dataclass(frozen=True, slots=True)
class Head:
    """Where a stream stands; a stream nobody wrote to stands at 0."""

    epoch: UUID | None
    seq: int


async def append(session: AsyncSession, emitted: Sequence[tuple[Fact, Event]]) -> list[Entry]:
    """Write the facts of one transaction and allot their positions; the last work before commit."""
    if not emitted:
        return []
    session.add_all([fact for fact, _ in emitted])
    await session.flush()
    heads = await _grow(session, Counter(t for _, event in emitted for t in event.topics()))
    entries = []
    for fact, event in emitted:
        for topic in sorted(event.topics()):
            heads[topic] += 1
            entries.append(Entry(topic, heads[topic], fact.id, fact.name, fact.at, fact.body))
    if entries:
        places = [{"stream": e.stream, "seq": e.seq, "fact_id": e.id} for e in entries]
        await (await session.connection()).execute(insert(StreamEntry), places)
    return entries


async def _grow(session: AsyncSession, growth: Counter[str]) -> dict[str, int]:
    """Move each head by its growth, and return where it stood before."""
    postgresql = session.get_bind().dialect.name == "postgresql"
    upsert = postgresql_insert if postgresql else sqlite_insert
    connection = await session.connection()
    before = {}
    for key in sorted(growth):
        statement = (
            upsert(Stream)
            .values(key=key, epoch=new_id(), head=growth[key])
            .on_conflict_do_update(
                index_elements=["key"], set_={"head": col(Stream.head) + growth[key]}
            )
            .returning(col(Stream.head))
        )
        before[key] = (await connection.execute(statement)).scalar_one() - growth[key]
    return before


async def begin_anew(session: AsyncSession) -> int:
    """Give every stream a new epoch, so that no position from before counts; return how many."""
    renewed = await session.exec(update(Stream).values(epoch=new_id()))
    return renewed.rowcount


async def head(session: AsyncSession, stream: str) -> Head:
    """Return where `stream` stands."""
    row = await session.get(Stream, stream)
    return Head(row.epoch, row.head) if row else Head(None, 0)


async def read_after(
    session: AsyncSession, stream: str, after: int, *, limit: int = 1000
) -> list[Entry]:
    """Return the entries of `stream` behind position `after`, oldest first."""
    statement = (
        select(StreamEntry.seq, Fact)
        .join(Fact, col(Fact.id) == col(StreamEntry.fact_id))
        .where(col(StreamEntry.stream) == stream, col(StreamEntry.seq) > after)
        .order_by(col(StreamEntry.seq))
        .limit(limit)
    )
    rows = (await session.exec(statement)).all()
    return [Entry(stream, seq, f.id, f.name, f.at, f.body) for seq, f in rows]
