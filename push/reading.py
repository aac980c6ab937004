"""Reading: what an official marks as read, and the count that every phone of theirs keeps.

A phone adds up: the count of its snapshot, one more for each `inbox.notified` that is not muted,
and the `change` of each `inbox.marked`. Rows change only under their own lock, so the sum is true
whoever marks at the same moment.
"""

from uuid import UUID

from sqlmodel import col, select, update

from core.actor import Actor
from core.db import Tx
from core.errors import NotFound
from push import messages
from push.events import Marked
from push.models import Notification
from push.rules import Delivery


async def mark_read(tx: Tx, actor: Actor, notification_id: UUID) -> Notification:
    """Note that the official has read a notification; a second time changes nothing."""
    found = await _locked(tx, actor, notification_id)
    if found.read_at is None:
        found.read_at = tx.now
        _tell_one(tx, found, -1)
        await messages.keep_quiet_of(tx, [found.id])
    return found


async def mark_unread(tx: Tx, actor: Actor, notification_id: UUID) -> Notification:
    """Put a notification back among the unread; a second time changes nothing."""
    found = await _locked(tx, actor, notification_id)
    if found.read_at is not None:
        found.read_at = None
        _tell_one(tx, found, 1)
    return found


async def mark_all_read(tx: Tx, actor: Actor, *, up_to: UUID | None = None) -> int:
    """Note that the official has read everything, up to what they have seen; return how many."""
    unread = select(Notification.id).where(
        Notification.official_id == actor.id, col(Notification.read_at).is_(None)
    )
    if up_to is not None:
        unread = unread.where(col(Notification.id) <= up_to)
    # In one order, or two phones that read everything at once would wait for each other.
    ordered = unread.order_by(col(Notification.id)).with_for_update()
    marking = (
        update(Notification)
        .where(col(Notification.id).in_(ordered), col(Notification.read_at).is_(None))
        .values(read_at=tx.now)
        .returning(col(Notification.id), col(Notification.delivery))
    )
    marked = (await (await tx.session.connection()).execute(marking)).all()
    counted = sum(delivery is not Delivery.MUTED for _, delivery in marked)
    if marked:
        await messages.keep_quiet_of(tx, [one for one, _ in marked])
        tx.emit(Marked(official_id=actor.id, read=True, up_to=up_to, change=-counted))
    return len(marked)


async def _locked(tx: Tx, actor: Actor, notification_id: UUID) -> Notification:
    found = await tx.session.get(
        Notification, notification_id, with_for_update=True, populate_existing=True
    )
    if found is None or found.official_id != actor.id:
        raise NotFound(id=str(notification_id))
    return found


def _tell_one(tx: Tx, found: Notification, change: int) -> None:
    tx.session.add(found)
    tx.emit(
        Marked(
            official_id=found.official_id,
            notification_id=found.id,
            read=found.read_at is not None,
            change=0 if found.delivery is Delivery.MUTED else change,
        )
    )
