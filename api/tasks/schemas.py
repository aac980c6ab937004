"""What phones send and get about tasks."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from api.tasks.rules import Bucket, Part, PartState, State

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
    """Give a task: what, who leads, who helps, by when."""

    document_id: UUID
    content: Words
    lead_id: UUID
    coordinators: Annotated[list[Coordinator], Field(max_length=50)] = []
    deadline: AwareDatetime


class Step(BaseModel):
    """A step without words."""

    version: Version | None = None


class Say(BaseModel):
    """A step with words: a report, a reason, an opinion."""

    words: Words
    version: Version | None = None


class PartOut(BaseModel):
    """One official's part."""

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
    state: State
    bucket: Bucket
    result: str | None
    opinion: str | None
    created_at: datetime
    reported_at: datetime | None
    closed_at: datetime | None
    version: int
    parts: list[PartOut]
