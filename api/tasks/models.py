"""What is known of tasks."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from api.tasks.rules import BEGIN, Part, PartState, State
from core.columns import Versioned, choice
from core.ids import new_id

_LEADS = text("part = 'lead'")


class Task(Versioned, table=True):
    """What is to be done about a document, by when, and who said so."""

    __tablename__: ClassVar[str] = "task"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: UUID
    document_id: UUID = Field(foreign_key="document.id", index=True)
    assigner_id: UUID = Field(index=True)
    content: str = Field(max_length=4000)
    deadline: datetime
    state: State = Field(default=BEGIN, sa_type=choice(State))
    #: The lead's report, or why the task was declined.
    result: str | None = Field(default=None, max_length=4000)
    #: Why the assigner sent the result back or withdrew the task.
    opinion: str | None = Field(default=None, max_length=4000)
    created_at: datetime
    reported_at: datetime | None = None
    closed_at: datetime | None = None


class TaskPart(SQLModel, table=True):
    """One official's part in a task: one lead, any number of coordinators."""

    __tablename__: ClassVar[str] = "task_part"
    __table_args__ = (
        Index(
            "uq_task_part_lead", "task_id", unique=True, sqlite_where=_LEADS,
            postgresql_where=_LEADS,
        ),
        Index("ix_task_part_inbox", "official_id", "task_id"),
    )  # fmt: skip

    task_id: UUID = Field(primary_key=True, foreign_key="task.id")
    official_id: UUID = Field(primary_key=True)
    agency_id: UUID
    part: Part = Field(sa_type=choice(Part))
    due: datetime
    #: A coordinator's own progress; the lead's is the task's.
    state: PartState = Field(default=PartState.ASSIGNED, sa_type=choice(PartState))
    report: str | None = Field(default=None, max_length=4000)
