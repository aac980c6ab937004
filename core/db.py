"""The database: the one place where a transaction begins and ends."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel.ext.asyncio.session import AsyncSession

from core import streams
from core.actor import Actor
from core.audit import AuditRecord
from core.clock import Clock, utc_now
from core.errors import Stale
from core.events import Event
from core.jobs import Job
from core.reads import HotRead, Row, reads_of
from core.streams import Entry, Fact

READERS = 4
#: PostgreSQL's codes of who lost to another one: serialization_failure, deadlock_detected.
_LOST = frozenset({"40001", "40P01"})


@dataclass(slots=True)
class ReadTx:
    """A consistent view: its session and the one moment it looks from."""

    session: AsyncSession
    now: datetime


@dataclass(slots=True)
class Tx(ReadTx):
    """One unit of work: its session, its moment, and what it leaves behind."""

    emitted: list[tuple[Fact, Event]] = field(default_factory=list)

    def emit(self, happened: Event) -> UUID:
        """Record `happened` so that it is published if, and only if, this commits.

        Returns:
            the id that the fact has in the log.
        """
        fact = Fact(name=happened.name, body=happened.model_dump(mode="json"), at=self.now)
        self.emitted.append((fact, happened))
        return fact.id

    def enqueue(
        self, kind: str, key: str, payload: dict[str, Any], *, not_before: datetime | None = None
    ) -> None:
        """Have a job run after the commit; `kind` and `key` together name it once and for all."""
        due = not_before or self.now
        self.session.add(Job(kind=kind, key=key, payload=payload, next_at=due, created_at=self.now))

    def audit(self, actor: Actor, action: str, object_id: UUID | str, **facts: str | int) -> None:
        """Write who did what to which object; the record can never be changed."""
        self.session.add(
            AuditRecord(
                at=self.now,
                agency_id=actor.agency_id,
                actor_id=actor.id,
                device_id=actor.device_id,
                action=action,
                object_id=str(object_id),
                facts=facts,
            )
        )


#: Called for each fact inside the transaction that emits it; may write, and emit more.
Listener = Callable[[Tx, Event, UUID], Awaitable[None]]
#: Called right after a commit with what it has added to the log; must not wait.
Teller = Callable[[Sequence[Entry]], None]


def tell_nobody(_: Sequence[Entry]) -> None:
    """Leave it to the listeners to look into the log."""


class Database:
    """Opens transactions. Nothing else in the project commits or rolls back."""

    def __init__(
        self,
        url: str,
        *,
        clock: Clock = utc_now,
        listeners: tuple[Listener, ...] = (),
        tell: Teller = tell_nobody,
    ) -> None:
        self.clock = clock
        self.listeners = listeners
        self._tell = tell
        self._woken: set[asyncio.Event] = set()
        sqlite = url.startswith("sqlite")
        # SQLite has one writer: a pool of one lets writers queue in order instead of by chance.
        size = 1 if sqlite else 10
        # What a statement was given stays out of its errors, and so out of logs and job rows.
        common: dict[str, Any] = {"max_overflow": 0, "hide_parameters": True}
        self.engine = create_async_engine(url, pool_size=size, pool_timeout=60, **common)
        # One snapshot for all statements of a view, as SQLite gives; the pool is the writers'.
        self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ")
        if sqlite:
            self._reader = create_async_engine(url, pool_size=READERS, **common)
            _begin_with(self.engine.sync_engine, "BEGIN IMMEDIATE")
            _begin_with(self._reader.sync_engine, "BEGIN")
        self._hot = reads_of(self.engine.sync_engine)

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[Tx]:
        """Run a block as one transaction: commit at its end, roll back if it raises.

        Raises:
            Stale: another one changed the same first, or was let through where both waited.
        """
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            tx = Tx(session, self.clock())
            try:
                async with session.begin():
                    yield tx
                    entries = await self._close(tx)
            except StaleDataError as error:
                raise Stale from error
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) in _LOST:
                    raise Stale from error
                raise
        self._tell(entries)
        self.nudge()

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[ReadTx]:
        """Run a block of reads on one consistent view, without a write lock."""
        session = AsyncSession(self._reader, expire_on_commit=False)
        async with session, session.begin():
            yield ReadTx(session, self.clock())

    async def rows(self, read: HotRead, **values: Any) -> Sequence[Row]:
        """Return the rows of a hot read, past the ORM."""
        return await self._hot.rows(read, values)

    @asynccontextmanager
    async def commits(self) -> AsyncGenerator[asyncio.Event]:
        """Give an event that is set after every commit that this process hears of."""
        waiter = asyncio.Event()
        self._woken.add(waiter)
        try:
            yield waiter
        finally:
            self._woken.discard(waiter)

    def nudge(self) -> None:
        """Wake whoever waits for commits: there may be new work."""
        for waiter in self._woken:
            waiter.set()

    async def dispose(self) -> None:
        """Close every connection."""
        await self.engine.dispose()
        await self._reader.dispose()
        await self._hot.close()

    async def _close(self, tx: Tx) -> list[Entry]:
        for fact, happened in tx.emitted:  # grows while listeners emit
            for listener in self.listeners:
                await listener(tx, happened, fact.id)
        await tx.session.flush()
        return await streams.append(tx.session, tx.emitted)


def _begin_with(engine: Engine, statement: str) -> None:
    """Let us, not the driver, say when and how a SQLite transaction begins."""

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        # FULL: an acknowledged write survives a power cut; NORMAL was seen to lose it.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON",
                       "busy_timeout=20000"):  # fmt: skip
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(statement)
