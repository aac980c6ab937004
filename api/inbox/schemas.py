"""What phones send and get about notifications."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

Kind = Annotated[str, StringConstraints(min_length=1, max_length=16, pattern=r"^[a-z]+$")]
Value = Annotated[str, StringConstraints(min_length=8, max_length=2000, pattern=r"^[!-~]+$")]


class NotificationOut(BaseModel):
    """One notification; the phone reads on at its subject."""

    id: UUID
    kind: str = Field(description="the name of the fact, as on the socket")
    title: str
    title_vi: str
    subject: str | None = Field(description="`document:<id>`, `room:<id>`")
    created_at: datetime
    read_at: datetime | None


class InboxOut(BaseModel):
    """A page of the inbox, newest first."""

    items: list[NotificationOut]
    unread: int
    next_before: UUID | None


class Address(BaseModel):
    """How a provider reaches this device."""

    kind: Kind
    value: Value


class Receipt(BaseModel):
    """A phone got the message with this id."""

    n: UUID


class RecordedOut(BaseModel):
    """What the simulated provider carried to this device."""

    v: int
    n: UUID
    urgency: str
