"""Escalation: what is most urgent and confirmed by no device goes to whoever acts for the official.

Their own other devices come before that: they stand in reserve (`push.messages`).
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from core.db import Database, ReadTx, Tx
from core.sessions import Principal
from push import preferences, service
from push.models import Notification
from push.rules import may_escalate

#: Says who acts for an official where a kind of fact is concerned; `api.wiring` injects who knows.
DeputiesOf = Callable[[ReadTx, UUID, str], Awaitable[Sequence[UUID]]]


async def run(db: Database, deputies_of: DeputiesOf, payload: dict[str, Any]) -> None:
    """Look after a notification when its time to be confirmed is over; again changes nothing."""
    async with db.begin() as tx:
        told = await tx.session.get(Notification, UUID(payload["notification_id"]))
        if told is not None and may_escalate(told.kind, told.urgency) and _is_unanswered(told):
            await _tell(tx, told, await deputies_of(tx, told.official_id, told.kind))


def _is_unanswered(told: Notification) -> bool:
    return told.read_at is None and told.confirmed_at is None


async def _tell(tx: Tx, told: Notification, deputies: Collection[UUID]) -> None:
    """Put the notification into each deputy's inbox, unless the fact was told to them as well."""
    knows = select(Notification.official_id).where(Notification.fact_id == told.fact_id)
    known = set((await tx.session.exec(knows)).all())
    wished = await preferences.wishes(tx, deputies, kind=told.kind, subject=told.subject)
    acting = select(Principal).where(
        col(Principal.official_id).in_(set(deputies) - known), col(Principal.closed_at).is_(None)
    )
    passed_on = [
        Notification(
            agency_id=deputy.agency_id,
            official_id=deputy.official_id,
            fact_id=told.fact_id,
            kind=told.kind,
            subject=told.subject,
            delivery=wished.delivery(deputy.official_id, told.kind, told.urgency),
            urgency=told.urgency,
            on_behalf_of=told.official_id,
            created_at=tx.now,
        )
        for deputy in (await tx.session.exec(acting)).all()
    ]
    await service.put(tx, passed_on)
