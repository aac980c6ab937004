"""What is kept of minutes while they are written."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel


class MinutesUpdate(SQLModel, table=True):
    """One update of Yjs; those of a meeting in their order are the text."""

    __tablename__: ClassVar[str] = "minutes_update"

    meeting_id: UUID = Field(primary_key=True, foreign_key="minutes.meeting_id")
    seq: int = Field(primary_key=True)
    agency_id: UUID
    content: bytes
    at: datetime
