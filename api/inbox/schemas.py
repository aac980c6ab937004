"""What phones send and get about notifications."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from push.rules import AddressKind, Delivery, State, Urgency

Value = Annotated[str, StringConstraints(min_length=8, max_length=2000, pattern=r"^[!-~]+$")]
Kind = Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-z_]+\.[a-z_]+$")]
#: The name of a fact, or the stream of a document or a room.
Target = Annotated[
    str,
    StringConstraints(
        max_length=64, pattern=r"^([a-z_]+\.[a-z_]+|(document|room|task):[0-9a-f-]{36})$"
    ),
]
#: Hours and minutes by the clock on the wall.
WallTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Place(BaseModel):
    """Which part of the inbox."""

    before: UUID | None = Field(default=None, description="what is older than this one")
    after: UUID | None = Field(default=None, description="what has come since this one")
    unread: bool = Field(default=False, description="only what is not read")
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class NotificationOut(BaseModel):
    """One notification; the phone reads on at its subject."""

    id: UUID
    kind: str = Field(description="the name of the fact, as on the socket")
    title: str
    title_vi: str
    subject: str | None = Field(description="`document:<id>`, `room:<id>`")
    delivery: Delivery
    urgency: Urgency
    gathers: int | None = Field(description="how many others a summary stands for")
    gathered_in: UUID | None = Field(description="the summary that stands for it")
    on_behalf_of: UUID | None = Field(description="for whom I act, if those did not confirm it")
    created_at: datetime
    read_at: datetime | None


class InboxOut(BaseModel):
    """A page of the inbox, newest first."""

    items: list[NotificationOut]
    unread: int
    next_before: UUID | None = Field(description="for the older page; none at the end")
    next_after: UUID | None = Field(description="for what has come since; none while all is empty")


class ReadAll(BaseModel):
    """I have read everything."""

    up_to: UUID | None = Field(default=None, description="the newest one I have seen; none: all")


class Unread(BaseModel):
    """What is left."""

    marked: int
    unread: int


class Choose(BaseModel):
    """How I want a kind of notification."""

    delivery: Delivery = Field(description="`push` at once, `digest` daily, `inbox` only")


class Mute(BaseModel):
    """Silence a kind or a subject."""

    target: Target
    until: AwareDatetime | None = Field(default=None, description="none means until lifted")


class MuteOut(BaseModel):
    """What I have silenced."""

    model_config = ConfigDict(from_attributes=True)

    target: str
    since: datetime
    until: datetime | None


class KindOut(BaseModel):
    """A kind of notification, and how I want it."""

    kind: str
    title: str
    title_vi: str
    delivery: Delivery
    is_alert: bool = Field(description="always comes at once")


class QuietHours(BaseModel):
    """From when to when my devices do not ring, every day in Viet Nam; they may span midnight."""

    starts: WallTime
    ends: WallTime


class PreferencesOut(BaseModel):
    """How I want to be told."""

    kinds: list[KindOut]
    mutes: list[MuteOut]
    quiet_hours: QuietHours | None


class KeysIn(BaseModel):
    """What only this device can open is sealed with these, as in a browser's `PushSubscription`."""

    p256dh: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{87}=?$")]
    auth: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{22}(==)?$")]


class Address(BaseModel):
    """How a provider reaches this device."""

    kind: AddressKind
    value: Value = Field(description="a token of the provider, or the URL of a push service")
    keys: KeysIn | None = Field(default=None, description="needed for `webpush`, and for `rich`")
    rich: bool = Field(
        default=False,
        description="let the sealed part say what happened: `title`, `kind`, `about`, `link`",
    )


class WaysOut(BaseModel):
    """By which ways this installation pushes."""

    kinds: list[AddressKind]
    vapid_key: str | None = Field(description="the `applicationServerKey` for `webpush`")


class Receipt(BaseModel):
    """A phone got the message with this id."""

    n: UUID


class DeliveryOut(BaseModel):
    """What became of a notification on the way to one device."""

    n: UUID = Field(description="the id that the phone got")
    device: str
    state: State
    sent_at: datetime | None = Field(description="when a provider took it")
    delivered_at: datetime | None = Field(description="when the device said that it has it")


class DeliveriesOut(BaseModel):
    """What became of a notification."""

    confirmed_at: datetime | None = Field(description="when the first device said that it has it")
    read_at: datetime | None
    items: list[DeliveryOut]


class DeadAsked(BaseModel):
    """Which part of the dead letters."""

    before: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class DeadLetter(BaseModel):
    """A message that was given up."""

    n: UUID
    official_id: UUID
    device_id: UUID
    kind: str = Field(description="the name of the fact")
    urgency: Urgency
    attempts: int
    error: str | None = Field(description="the provider's word, or ours")


class DeadLetters(BaseModel):
    """A page of dead letters."""

    items: list[DeadLetter]
    next_before: UUID | None


class Standing(BaseModel):
    """So many messages stand here, for this reason."""

    state: State
    error: str | None = Field(description="`credentials_refused`: look at the settings")
    messages: int


class Requeued(BaseModel):
    """So many dead letters are on their way again."""

    messages: int


class RecordedOut(BaseModel):
    """What the simulated provider carried to this device."""

    v: int
    n: UUID
    e: str | None = Field(default=None, description="sealed: only this device can open it")
    urgency: str
