"""What is known of notifications and of the way to the phones."""

from datetime import datetime, time
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from core.columns import choice
from core.ids import new_id
from push.rules import BEGIN, AddressKind, Delivery, State, Urgency

_UNREAD = text("read_at IS NULL")


class Notification(SQLModel, table=True):
    """One fact that concerns one official; it stands in the inbox whatever push does."""

    __tablename__: ClassVar[str] = "notification"
    __table_args__ = (
        UniqueConstraint("official_id", "fact_id"),
        Index("ix_notification_inbox", "official_id", "id"),
        Index(
            "ix_notification_unread", "official_id", sqlite_where=_UNREAD,
            postgresql_where=_UNREAD,
        ),
    )  # fmt: skip

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: UUID
    official_id: UUID
    fact_id: UUID
    kind: str = Field(max_length=64)
    #: Where the phone reads on: `document:<id>`, `room:<id>`.
    subject: str | None = Field(default=None, max_length=80)
    delivery: Delivery = Field(default=Delivery.PUSH, sa_type=choice(Delivery))
    #: How many others it stands for, if it is a summary.
    gathers: int | None = None
    #: The summary that stands for it.
    gathered_in: UUID | None = None
    urgency: Urgency = Field(default=Urgency.NORMAL, sa_type=choice(Urgency))
    #: The fact that told of it on the official's own stream.
    told_by: UUID | None = None
    #: For whom its official acts, if it came because those did not confirm it.
    on_behalf_of: UUID | None = None
    #: When the first of its official's devices said that it has it.
    confirmed_at: datetime | None = None
    created_at: datetime
    read_at: datetime | None = None


class NotificationChoice(SQLModel, table=True):
    """How an official wants one kind of notification."""

    __tablename__: ClassVar[str] = "notification_choice"

    official_id: UUID = Field(primary_key=True)
    kind: str = Field(primary_key=True, max_length=64)
    agency_id: UUID
    delivery: Delivery = Field(sa_type=choice(Delivery))
    changed_at: datetime


class NotificationMute(SQLModel, table=True):
    """A kind (`tasks.started`) or a subject (`document:<id>`) that an official silenced."""

    __tablename__: ClassVar[str] = "notification_mute"

    official_id: UUID = Field(primary_key=True)
    target: str = Field(primary_key=True, max_length=80)
    agency_id: UUID
    since: datetime
    until: datetime | None = None


class QuietHours(SQLModel, table=True):
    """When an official's devices do not ring, by the clock on the wall in Viet Nam."""

    __tablename__: ClassVar[str] = "quiet_hours"

    official_id: UUID = Field(primary_key=True)
    agency_id: UUID
    starts: time
    ends: time
    changed_at: datetime


class PushAddress(SQLModel, table=True):
    """How a provider reaches a device."""

    __tablename__: ClassVar[str] = "push_address"

    device_id: UUID = Field(primary_key=True)
    agency_id: UUID
    official_id: UUID = Field(index=True)
    kind: AddressKind = Field(sa_type=choice(AddressKind))
    value: str = Field(max_length=2000)
    #: What messages are sealed with, if the phone gave keys.
    p256dh: str | None = Field(default=None, max_length=100)
    auth: str | None = Field(default=None, max_length=40)
    #: Whether what is sealed may say what it is about.
    rich: bool = False
    #: When the phone last told it: the one that did so last is the one in its owner's hand.
    updated_at: datetime


class PushMessage(SQLModel, table=True):
    """One notification on its way to one device; its id is all that a phone gets."""

    __tablename__: ClassVar[str] = "push_message"
    __table_args__ = (Index("ix_push_message_due", "state", "precedence", "next_at"),)

    id: UUID = Field(primary_key=True)
    agency_id: UUID
    notification_id: UUID = Field(foreign_key="notification.id", index=True)
    official_id: UUID
    device_id: UUID = Field(index=True)
    urgency: Urgency = Field(default=Urgency.NORMAL, sa_type=choice(Urgency))
    precedence: int
    #: It rings only when no other device has confirmed the notification by then.
    reserve: bool = False
    #: It leaves only if its official may still read what it is about.
    judged: bool = False
    state: State = Field(default=BEGIN, sa_type=choice(State))
    attempt: int = 0
    next_at: datetime
    #: Until then a worker has it in hand.
    leased_until: datetime | None = None
    expires_at: datetime
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    error: str | None = Field(default=None, max_length=200)
