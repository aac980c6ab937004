"""What an official may read of their notifications."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, or_, select

from core.actor import Actor
from core.db import ReadTx
from push.models import Notification, NotificationChoice, NotificationMute, PushAddress
from push.rules import Delivery


@dataclass(frozen=True, slots=True)
class Place:
    """Which part of an inbox is wanted: what is older than one notification, or newer."""

    before: UUID | None = None
    after: UUID | None = None


async def inbox(
    view: ReadTx, actor: Actor, place: Place, *, limit: int, only_unread: bool = False
) -> Sequence[Notification]:
    """List my notifications, newest first; after a place, those that follow it directly."""
    statement = select(Notification).where(Notification.official_id == actor.id)
    if only_unread:
        statement = statement.where(col(Notification.read_at).is_(None))
    if place.before is not None:
        statement = statement.where(col(Notification.id) < place.before)
    if place.after is None:
        newest = statement.order_by(col(Notification.id).desc()).limit(limit)
        return (await view.session.exec(newest)).all()
    following = statement.where(col(Notification.id) > place.after)
    oldest = following.order_by(col(Notification.id)).limit(limit)
    return list(reversed((await view.session.exec(oldest)).all()))


async def unread(view: ReadTx, official_id: UUID) -> int:
    """Count what an official has not read; what is muted does not count."""
    statement = select(func.count()).where(
        col(Notification.official_id) == official_id,
        col(Notification.read_at).is_(None),
        col(Notification.delivery) != Delivery.MUTED,
    )
    return (await view.session.exec(statement)).one()


async def choices(view: ReadTx, official_id: UUID) -> dict[str, Delivery]:
    """Return what an official chose, by kind."""
    mine = select(NotificationChoice).where(NotificationChoice.official_id == official_id)
    return {one.kind: one.delivery for one in (await view.session.exec(mine)).all()}


async def mutes(view: ReadTx, official_id: UUID) -> Sequence[NotificationMute]:
    """List what an official muted and is still mute."""
    until = col(NotificationMute.until)
    mine = select(NotificationMute).where(
        NotificationMute.official_id == official_id, or_(until.is_(None), until > view.now)
    )
    return (await view.session.exec(mine.order_by(col(NotificationMute.target)))).all()


async def address(view: ReadTx, device_id: UUID) -> PushAddress | None:
    """Return how a device is reached."""
    return await view.session.get(PushAddress, device_id)
