"""What phones send and get about tasks."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.tasks.rules import Bucket, ExtensionState, Grade, Part, PartState, State

Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000, pattern=r"^[^\x00]*$"),
]
Version = Annotated[
    int, Field(ge=1, le=2**31 - 1, description="as last read; an older one gets 409 `stale`")
]


class Coordinator(BaseModel):
    """Somebody who helps, by when."""

    official_id: UUID
    due: AwareDatetime


class Direct(BaseModel):
    """Give a task: what, who leads, who helps, who follows, by when."""

    document_id: UUID
    content: Words
    lead_id: UUID
    coordinators: Annotated[list[Coordinator], Field(max_length=50)] = []
    deadline: AwareDatetime
    followers: Annotated[
        list[UUID], Field(max_length=20, description="who see it and may remind the others")
    ] = []
    on_behalf_of: UUID | None = Field(
        default=None, description="the leader for whom I direct, as their deputy"
    )


class Step(BaseModel):
    """A step without words."""

    version: Version | None = None


class Say(BaseModel):
    """A step with words: a report, a reason, an opinion."""

    words: Words
    version: Version | None = None


class Urge(BaseModel):
    """A step with words if there are any."""

    words: Words | None = None
    version: Version | None = None


class Reassign(BaseModel):
    """Give the task to another lead."""

    lead_id: UUID
    deadline: AwareDatetime | None = Field(default=None, description="none leaves it as it is")
    words: Words | None = None
    version: Version | None = None


class AskExtension(BaseModel):
    """Ask for a later deadline, with the reason."""

    deadline: AwareDatetime
    words: Words


class GrantExtension(BaseModel):
    """Set a later deadline."""

    deadline: AwareDatetime | None = Field(default=None, description="none: what was asked for")
    words: Words | None = None


class RefuseExtension(BaseModel):
    """Leave the deadline as it is, with the reason."""

    words: Words


class Evaluate(BaseModel):
    """Grade a completed task, once."""

    grade: Grade
    words: Words | None = None
    version: Version | None = None


class ExtensionOut(BaseModel):
    """A request for a later deadline, and what became of it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    before: datetime = Field(description="the deadline when it was asked")
    wanted: datetime
    granted: datetime | None
    reason: str
    opinion: str | None
    state: ExtensionState
    asked_by: UUID
    asked_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None


class EvaluationOut(BaseModel):
    """How well it was done."""

    model_config = ConfigDict(from_attributes=True)

    grade: Grade
    words: str | None
    by: UUID
    on_behalf_of: UUID | None
    at: datetime


class EntryOut(BaseModel):
    """One line of a task's history."""

    ordinal: int
    at: datetime
    what: str = Field(description="the name of the fact, as on the socket")
    by: UUID | None = Field(description="none: it was time itself")
    on_behalf_of: UUID | None
    words: str | None
    deadline: datetime | None = Field(description="from then on, where this set it")
    lead_id: UUID | None = Field(description="from then on, where this set it")
    sentence_vi: str
    sentence_en: str


class PartOut(BaseModel):
    """One official's part."""

    model_config = ConfigDict(from_attributes=True)

    official_id: UUID
    part: Part
    due: datetime
    state: PartState
    report: str | None


class WhichTasks(BaseModel):
    """Which of my tasks to list."""

    limit: Annotated[int, Field(ge=1, le=200)] = 20
    closed: Annotated[bool, Field(description="those that are over instead")] = False


class TaskLine(BaseModel):
    """A task in a list."""

    id: UUID
    document_id: UUID
    assigner_id: UUID
    content: str
    deadline: datetime
    state: State
    bucket: Bucket = Field(description="how near the deadline is, as of now")
    part: Part | None = Field(description="my part; none for the assigner")
    version: int


class TaskOut(BaseModel):
    """A task with everybody's part."""

    id: UUID
    document_id: UUID
    assigner_id: UUID
    content: str
    deadline: datetime
    first_deadline: datetime = Field(description="what was said at first")
    state: State
    bucket: Bucket
    result: str | None
    opinion: str | None
    created_at: datetime
    reported_at: datetime | None
    suspended_at: datetime | None
    closed_at: datetime | None
    version: int
    parts: list[PartOut]
    extensions: list[ExtensionOut]
    evaluation: EvaluationOut | None
