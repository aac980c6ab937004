"""Hot reads: what phones ask all day goes past the ORM, on connections of its own.

The ORM and its asynchronous layer are nine tenths of what a list costs. A hot read is an ordinary
select with `bindparam`s: compiled once for the database at hand, then run by plain sqlite3 on the
loop itself, or by asyncpg. Values come as a JSON writer takes them: ids as text, choices as
their text, moments aware and in UTC, JSON as what it says.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import orjson
from sqlalchemy import JSON, BindParameter, Engine, Select, Uuid, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine
from sqlmodel.sql.sqltypes import UTCDateTime

if TYPE_CHECKING:
    from asyncpg import Pool

CONNECTIONS = 10
#: How long a read waits for a SQLite database that is being recovered, in seconds.
PATIENCE = 20.0
#: The part of a SQLite error code that says what kind of error it is.
_PRIMARY = 0xFF
Row = tuple[Any, ...]
#: How one kind of column is made fit for JSON; a type that is missing comes as the driver gives it.
Conversions = Mapping[type, Callable[[Any], Any]]


class HotRead:
    """One select of the thin path; what is `given` gets its value when it runs."""

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self.statement = statement


def given(name: str, kind: TypeEngine[Any]) -> BindParameter[Any]:
    """Leave a place in a hot read for a value that comes when it runs."""
    return bindparam(name, type_=kind, required=False)


class Reads(Protocol):
    """Runs hot reads on one database; each sees what was committed before it began."""

    async def rows(self, read: HotRead, values: dict[str, Any]) -> Sequence[Row]:
        """Return the rows of `read` for these values."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


def reads_of(engine: Engine) -> Reads:
    """Return the thin path to the database behind an engine."""
    return SqliteReads(engine) if engine.dialect.name == "sqlite" else PostgresReads(engine)


class _Prepared:
    """A hot read as one driver runs it."""

    def __init__(self, read: HotRead, dialect: Dialect, conversions: Conversions) -> None:
        options = {"render_postcompile": True}  # a list of choices is written out
        compiled = read.statement.compile(dialect=dialect, compile_kwargs=options)
        self.sql = str(compiled)
        self._fixed = compiled.params
        self._takes = [
            (name, _binding(compiled.binds.get(name), dialect))
            for name in compiled.positiontup or ()
        ]
        columns = read.statement.selected_columns
        self._converts = [conversions.get(type(column.type)) for column in columns]

    def arguments(self, values: dict[str, Any]) -> list[Any]:
        """Return the values as the driver takes them, in the statement's order."""
        given = self._fixed | values
        return [take(given[name]) if take else given[name] for name, take in self._takes]

    def converted(self, rows: Sequence[Sequence[Any]]) -> Sequence[Row]:
        """Convert column by column: it costs half of what row by row does."""
        columns = [
            [None if value is None else convert(value) for value in column] if convert else column
            for convert, column in zip(self._converts, zip(*rows, strict=True), strict=False)
        ]
        return list(zip(*columns, strict=True))


class _Known(dict[HotRead, _Prepared]):
    """What has been prepared for one driver."""

    def __init__(self, dialect: Dialect, conversions: Conversions) -> None:
        super().__init__()
        self._prepare = partial(_Prepared, dialect=dialect, conversions=conversions)

    def __missing__(self, read: HotRead) -> _Prepared:
        self[read] = self._prepare(read)
        return self[read]


class SqliteReads:
    """One connection that cannot write, used on the event loop itself.

    A hot read is bounded and takes some 60 µs; a thread would cost that much again, since each row
    it fetches passes the interpreter's lock to and fro. WAL readers wait for nobody, but for a
    database that recovers from a crash: then a thread waits, not the loop.
    """

    def __init__(self, engine: Engine) -> None:
        self._path = engine.url.database or ""
        self._known = _Known(
            engine.dialect, {Uuid: _dashed, UTCDateTime: _moment, JSON: orjson.loads}
        )
        self._connection: sqlite3.Connection | None = None

    async def rows(self, read: HotRead, values: dict[str, Any]) -> Sequence[Row]:
        """See `Reads.rows`."""
        prepared = self._known[read]
        arguments = prepared.arguments(values)
        try:
            if self._connection is None:
                self._connection = self._connect(patience=0)
            found = self._connection.execute(prepared.sql, arguments).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _PRIMARY != sqlite3.SQLITE_BUSY:
                raise
            found = await asyncio.to_thread(self._wait_and_run, prepared.sql, arguments)
        return prepared.converted(found)

    async def close(self) -> None:
        """See `Reads.close`."""
        if self._connection is not None:
            self._connection.close()

    def _wait_and_run(self, sql: str, arguments: list[Any]) -> list[Row]:
        with closing(self._connect(patience=PATIENCE)) as connection:
            return connection.execute(sql, arguments).fetchall()

    def _connect(self, *, patience: float) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=patience, isolation_level=None)
        connection.execute("PRAGMA query_only=ON")
        return connection


class PostgresReads:
    """asyncpg itself, beside SQLAlchemy's pool."""

    def __init__(self, engine: Engine) -> None:
        _, self._address = engine.dialect.create_connect_args(engine.url)
        self._known = _Known(engine.dialect, {Uuid: str, JSON: orjson.loads})
        self._opening = asyncio.Lock()
        self._pool: Pool | None = None

    async def rows(self, read: HotRead, values: dict[str, Any]) -> Sequence[Row]:
        """See `Reads.rows`."""
        pool = self._pool or await self._open()
        prepared = self._known[read]
        return prepared.converted(await pool.fetch(prepared.sql, *prepared.arguments(values)))

    async def close(self) -> None:
        """See `Reads.close`."""
        if self._pool is not None:
            await self._pool.close()

    async def _open(self) -> "Pool":
        from asyncpg import create_pool  # noqa: PLC0415 - only where PostgreSQL is used

        async with self._opening:
            if self._pool is None:
                self._pool = await create_pool(
                    **self._address, min_size=1, max_size=CONNECTIONS, reset=_leave_as_it_is
                )
        return self._pool


async def _leave_as_it_is(_: object) -> None:
    """Nothing is to be reset after a single select: that would be one more round trip."""


def _binding(place: BindParameter[Any] | None, dialect: Dialect) -> Callable[[Any], Any] | None:
    """Return how a value is made fit for the driver; the members of a list are texts already."""
    return place.type.dialect_impl(dialect).bind_processor(dialect) if place is not None else None


def _dashed(stored: str) -> str:
    """Write an id as SQLite has it, 32 digits, as everybody else does."""
    return f"{stored[:8]}-{stored[8:12]}-{stored[12:16]}-{stored[16:20]}-{stored[20:]}"


def _moment(stored: str) -> datetime:
    """Read a moment as SQLAlchemy stores it on SQLite: in UTC, without saying so."""
    return datetime.fromisoformat(f"{stored}+00:00")
