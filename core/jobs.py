"""Jobs: work that runs after the commit, never lost and never done twice at once.

A job is written in the transaction that wants it; `core/worker.py` runs it.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Field, SQLModel, col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.columns import choice, json_field
from core.ids import new_id


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    DONE = "done"
    DEAD = "dead"


class Job(SQLModel, table=True):
    """One piece of work; `kind` and `key` name it once and for all."""

    __tablename__: ClassVar[str] = "job"
    __table_args__ = (
        UniqueConstraint("kind", "key"),
        Index("ix_job_due", "state", "next_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: str = Field(max_length=64)
    key: str = Field(max_length=160)
    payload: dict[str, Any] = json_field()
    state: JobState = Field(default=JobState.WAITING, sa_type=choice(JobState))
    attempt: int = 0
    next_at: datetime
    created_at: datetime
    error: str | None = None


async def enqueue_once(session: AsyncSession, job: Job) -> None:
    """Have a job run later, unless one of its name is there already, whatever became of it."""
    postgresql = session.get_bind().dialect.name == "postgresql"
    insert = postgresql_insert if postgresql else sqlite_insert
    statement = insert(Job).values(**job.model_dump()).on_conflict_do_nothing()
    await (await session.connection()).execute(statement)


async def wake(session: AsyncSession, kind: str, key: str, now: datetime) -> None:
    """Let a job that waits run now; one that somebody has leased stays theirs."""
    named = (col(Job.kind) == kind, col(Job.key) == key)
    waits = (col(Job.state) == JobState.WAITING, col(Job.attempt) == 0)
    await session.exec(update(Job).where(*named, *waits).values(next_at=now))
