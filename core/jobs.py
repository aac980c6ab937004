"""Jobs: work that runs after the commit, never lost and never done twice at once.

A job is written in the transaction that wants it; `core/worker.py` runs it.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

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
