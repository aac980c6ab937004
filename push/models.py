"""What is known of notifications and of the way to the phones."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import choice
from core.ids import new_id
from push.rules import BEGIN, State, Urgency


class Notification(SQLModel, table=True):
    """One fact that concerns one official; it stands in the inbox whatever push does."""

    __tablename__: ClassVar[str] = "notification"
    __table_args__ = (
        UniqueConstraint("official_id", "fact_id"),
        Index("ix_notification_inbox", "official_id", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: UUID
    official_id: UUID
    fact_id: UUID
    kind: str = Field(max_length=64)
    #: Where the phone reads on: `document:<id>`, `room:<id>`.
    subject: str | None = Field(default=None, max_length=80)
    created_at: datetime
    read_at: datetime | None = None


class PushAddress(SQLModel, table=True):
    """How a provider reaches a device."""

    __tablename__: ClassVar[str] = "push_address"

    device_id: UUID = Field(primary_key=True)
    official_id: UUID = Field(index=True)
    kind: str = Field(max_length=16)
    value: str = Field(max_length=2000)
    updated_at: datetime


class PushMessage(SQLModel, table=True):
    """One notification on its way to one device; its id is all that a phone gets."""

    __tablename__: ClassVar[str] = "push_message"
    __table_args__ = (Index("ix_push_message_due", "state", "next_at"),)

    id: UUID = Field(primary_key=True)
    notification_id: UUID = Field(foreign_key="notification.id")
    official_id: UUID
    device_id: UUID = Field(index=True)
    urgency: Urgency = Field(default=Urgency.NORMAL, sa_type=choice(Urgency))
    state: State = Field(default=BEGIN, sa_type=choice(State))
    attempt: int = 0
    next_at: datetime
    expires_at: datetime
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    error: str | None = Field(default=None, max_length=200)
