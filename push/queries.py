"""What an official may read of their notifications."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select

from core.actor import Actor
from core.db import ReadTx
from push.models import Notification, PushAddress
from push.rules import Delivery


async def inbox(
    view: ReadTx, actor: Actor, *, before: UUID | None, limit: int
) -> Sequence[Notification]:
    """List my notifications, newest first."""
    statement = select(Notification).where(Notification.official_id == actor.id)
    if before is not None:
        statement = statement.where(col(Notification.id) < before)
    newest = statement.order_by(col(Notification.id).desc()).limit(limit)
    return (await view.session.exec(newest)).all()


async def unread(view: ReadTx, official_id: UUID) -> int:
    """Count what an official has not read; what is muted does not count."""
    statement = select(func.count()).where(
        col(Notification.official_id) == official_id,
        col(Notification.read_at).is_(None),
        col(Notification.delivery) != Delivery.MUTED,
    )
    return (await view.session.exec(statement)).one()


async def address(view: ReadTx, device_id: UUID) -> PushAddress | None:
    """Return how a device is reached."""
    return await view.session.get(PushAddress, device_id)
