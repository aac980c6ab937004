"""What phones send and get about the record."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

_FROM_ROWS = ConfigDict(from_attributes=True)
Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000, pattern=r"^[^\x00]*$"),
]
Text = Annotated[str, StringConstraints(max_length=200_000, pattern=r"^[^\x00]*$")]


class Conclude(BaseModel):
    """A conclusion; with a lead and a deadline it becomes a task when the chair signs."""

    words: Words
    item_id: UUID | None = None
    lead_id: UUID | None = None
    coordinators: Annotated[list[UUID], Field(max_length=50)] = []
    due: AwareDatetime | None = None


class ConclusionOut(BaseModel):
    """A conclusion, and the task that it became."""

    model_config = _FROM_ROWS

    id: UUID
    ordinal: int
    item_id: UUID | None
    words: str
    lead_id: UUID | None
    coordinators: list[UUID]
    due: datetime | None
    task_id: UUID | None


class WriteMinutes(BaseModel):
    """The minutes anew."""

    text: Text
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]


class Writers(BaseModel):
    """Whom the secretary lets write the minutes."""

    official_ids: Annotated[list[UUID], Field(max_length=50)]


class Comment(BaseModel):
    """Something about minutes under review."""

    words: Words


class CommentOut(BaseModel):
    """What somebody said about the minutes."""

    model_config = _FROM_ROWS

    id: UUID
    official_id: UUID
    words: str
    at: datetime


class MinutesOut(BaseModel):
    """The minutes, and the document they became, with the hashes of what was frozen and signed."""

    meeting_id: UUID
    text: str
    version: int
    writers: list[UUID]
    document_id: UUID | None
    sha256: str | None
    signed_sha256: str | None
    signed_at: datetime | None
    notice_id: UUID | None


class NoticeOut(BaseModel):
    """The draft of a notice of conclusions."""

    document_id: UUID
    sha256: str
