"""What is known of tasks."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from api.tasks.rules import BEGIN, ExtensionState, Grade, Part, PartState, State
from core.columns import Versioned, choice
from core.ids import new_id

_LEADS = text("part = 'lead'")
_WAITS = text("state = 'asked'")


class Task(Versioned, table=True):
    """What is to be done about a document, by when, and who said so."""

    __tablename__: ClassVar[str] = "task"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: UUID
    document_id: UUID = Field(foreign_key="document.id", index=True)
    assigner_id: UUID = Field(index=True)
    content: str = Field(max_length=4000)
    deadline: datetime
    #: What was said at first, whatever became of it.
    first_deadline: datetime
    #: How often the deadline was set; alarms of an earlier one come to nothing.
    deadline_no: int = 1
    state: State = Field(default=BEGIN, sa_type=choice(State))
    #: The lead's report, or why the task was declined.
    result: str | None = Field(default=None, max_length=4000)
    #: Why the assigner sent the result back or withdrew the task.
    opinion: str | None = Field(default=None, max_length=4000)
    created_at: datetime
    reported_at: datetime | None = None
    #: Who really wrote the report: they do not judge it.
    reported_by: UUID | None = None
    suspended_at: datetime | None = None
    closed_at: datetime | None = None


class TaskPart(SQLModel, table=True):
    """One official's part in a task: one lead, any number of coordinators and followers."""

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


class TaskEntry(SQLModel, table=True):
    """One line of a task's history: who did what, for whom, in what words; never changed."""

    __tablename__: ClassVar[str] = "task_entry"

    task_id: UUID = Field(primary_key=True, foreign_key="task.id")
    ordinal: int = Field(primary_key=True)
    agency_id: UUID
    at: datetime
    #: The name of the fact.
    what: str = Field(max_length=64)
    #: None: it was time itself.
    by: UUID | None = None
    on_behalf_of: UUID | None = None
    words: str | None = Field(default=None, max_length=4000)
    #: The deadline and the lead from then on, where this set them.
    deadline: datetime | None = None
    lead_id: UUID | None = None


class TaskExtension(SQLModel, table=True):
    """A lead's request for a later deadline, and what became of it."""

    __tablename__: ClassVar[str] = "task_extension"
    __table_args__ = (
        Index(
            "uq_task_extension_waits", "task_id", unique=True, sqlite_where=_WAITS,
            postgresql_where=_WAITS,
        ),
        Index("ix_task_extension_task", "task_id", "id"),
    )  # fmt: skip

    id: UUID = Field(default_factory=new_id, primary_key=True)
    task_id: UUID = Field(foreign_key="task.id")
    agency_id: UUID
    #: The deadline when it was asked, what was wanted, and what was granted.
    before: datetime
    wanted: datetime
    granted: datetime | None = None
    reason: str = Field(max_length=4000)
    opinion: str | None = Field(default=None, max_length=4000)
    state: ExtensionState = Field(default=ExtensionState.ASKED, sa_type=choice(ExtensionState))
    asked_by: UUID
    asked_at: datetime
    decided_by: UUID | None = None
    decided_at: datetime | None = None


class TaskEvaluation(SQLModel, table=True):
    """How well a completed task was done: given once, never changed."""

    __tablename__: ClassVar[str] = "task_evaluation"

    task_id: UUID = Field(primary_key=True, foreign_key="task.id")
    agency_id: UUID
    grade: Grade = Field(sa_type=choice(Grade))
    words: str | None = Field(default=None, max_length=4000)
    by: UUID
    on_behalf_of: UUID | None = None
    at: datetime
