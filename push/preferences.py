"""How officials want to be told: read inside the transaction of the fact that tells them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, or_, select

from core.actor import Actor
from core.db import ReadTx, Tx
from push import rules
from push.models import NotificationChoice, NotificationMute
from push.rules import Delivery, Urgency


@dataclass(frozen=True, slots=True)
class Wishes:
    """What some officials want of one kind of notification about one subject."""

    choices: dict[UUID, Delivery]
    muted_by: frozenset[UUID]

    def delivery(self, official_id: UUID, kind: str, urgency: Urgency) -> Delivery:
        """Return how a notification is delivered to one of them."""
        wanted = self.choices.get(official_id)
        return rules.delivery(kind, urgency, wanted, muted=official_id in self.muted_by)


async def wishes(
    view: ReadTx, official_ids: Collection[UUID], *, kind: str, subject: str | None
) -> Wishes:
    """Return what officials want of a kind and a subject."""
    chosen = select(NotificationChoice).where(
        NotificationChoice.kind == kind, col(NotificationChoice.official_id).in_(official_ids)
    )
    until = col(NotificationMute.until)
    mutes = select(NotificationMute.official_id).where(
        col(NotificationMute.official_id).in_(official_ids),
        col(NotificationMute.target).in_([kind, subject or kind]),
        or_(until.is_(None), until > view.now),
    )
    return Wishes(
        {one.official_id: one.delivery for one in (await view.session.exec(chosen)).all()},
        frozenset((await view.session.exec(mutes)).all()),
    )


async def choose(tx: Tx, actor: Actor, kind: str, wanted: Delivery) -> NotificationChoice:
    """Let an official say how they want one kind; an alert comes at once whatever they say."""
    rules.must_be_a_choice(kind, wanted)
    kept = await tx.session.get(NotificationChoice, (actor.id, kind))
    if kept is None:
        kept = NotificationChoice(
            official_id=actor.id,
            kind=kind,
            agency_id=actor.agency_id,
            delivery=wanted,
            changed_at=tx.now,
        )
    kept.delivery, kept.changed_at = wanted, tx.now
    tx.session.add(kept)
    return kept


async def mute(
    tx: Tx, actor: Actor, target: str, *, until: datetime | None = None
) -> NotificationMute:
    """Silence a kind or a subject, for a while or until further notice."""
    rules.must_be_mutable(target, until, tx.now)
    kept = await tx.session.get(NotificationMute, (actor.id, target))
    if kept is None:
        kept = NotificationMute(
            official_id=actor.id, target=target, agency_id=actor.agency_id, since=tx.now
        )
    kept.until = until
    tx.session.add(kept)
    return kept


async def unmute(tx: Tx, actor: Actor, target: str) -> None:
    """Let a kind or a subject be heard again; what was not muted stays as it was."""
    kept = await tx.session.get(NotificationMute, (actor.id, target))
    if kept is not None:
        await tx.session.delete(kept)
