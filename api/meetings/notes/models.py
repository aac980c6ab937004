"""What is known of annotations."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from api.meetings.notes.rules import Layer, Motivation
from core.columns import Versioned, choice, json_field


class Annotation(Versioned, table=True):
    """Something that one person wrote on a page of the table."""

    __tablename__: ClassVar[str] = "annotation"
    __table_args__ = (Index("ix_annotation_meeting", "meeting_id", "document_id", "page"),)

    id: UUID = Field(primary_key=True)
    meeting_id: UUID = Field(foreign_key="meeting.id")
    agency_id: UUID
    document_id: UUID
    revision_id: UUID
    page: int
    layer: Layer = Field(sa_type=choice(Layer))
    author_id: UUID
    motivation: Motivation = Field(sa_type=choice(Motivation))
    selector: dict[str, Any] = json_field()
    body: str = Field(max_length=8000)
    changed_at: datetime
    submitted_at: datetime | None = None
    dropped: bool = False
