"""The summary of a day: one notification for all that an official wants to hear of once a day."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from core.db import Database, Tx
from core.ids import derived
from core.sessions import Principal
from push import service
from push.models import Notification
from push.rules import Delivery

KIND = "inbox.digest"


async def run(db: Database, payload: dict[str, Any]) -> None:
    """Make the summary that a job asks for; again changes nothing."""
    official_id, day = UUID(payload["official_id"]), date.fromisoformat(payload["day"])
    async with db.begin() as tx:
        await make(tx, official_id, day)


async def make(tx: Tx, official_id: UUID, day: date) -> Notification | None:
    """Gather what waits unread into one notification, once a day; nothing when all was read."""
    fact_id = derived("digest", official_id, day.isoformat())
    made = select(Notification).where(
        Notification.official_id == official_id, Notification.fact_id == fact_id
    )
    if (await tx.session.exec(made)).first() is not None:
        return None
    waiting = select(Notification).where(
        col(Notification.official_id) == official_id,
        col(Notification.delivery) == Delivery.DIGEST,
        col(Notification.gathered_in).is_(None),
        col(Notification.read_at).is_(None),
    )
    in_order = waiting.order_by(col(Notification.id))  # as whoever marks all as read locks them
    gathered = (await tx.session.exec(in_order.with_for_update())).all()
    principal = await tx.session.get(Principal, official_id)
    if not gathered or principal is None or principal.closed_at is not None:
        return None
    summary = Notification(
        agency_id=principal.agency_id,
        official_id=official_id,
        fact_id=fact_id,
        kind=KIND,
        gathers=len(gathered),
        created_at=tx.now,
    )
    await service.put(tx, [summary])
    for one in gathered:
        one.gathered_in = summary.id
        tx.session.add(one)
    return summary
