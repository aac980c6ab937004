"""What each phone has: so that it can be told what is new, what changed, and what must go."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from core.ids import new_id


class OfflineCopy(SQLModel, table=True):
    """What a phone has once it has taken in an answer; its id is the cursor of that answer."""

    __tablename__: ClassVar[str] = "offline_copy"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: UUID
    #: The device; of a console its official.
    holder_id: UUID = Field(index=True)
    #: Ids and marks, 24 bytes for each document.
    held: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    at: datetime
