"""Notifications: the intent is written in the transaction of the fact that causes it."""

from collections.abc import Iterable
from uuid import UUID

from sqlmodel import col, select

from core.actor import Actor
from core.clock import day_in_vietnam
from core.db import Tx
from core.errors import NotFound
from core.events import Event
from core.ids import derived
from core.jobs import Job, enqueue_once
from core.sessions import Device, Principal
from push import preferences
from push.events import Notified
from push.models import Notification, PushAddress, PushMessage
from push.rules import (
    DIGEST_MARGIN,
    TIME_TO_LIVE,
    Delivery,
    Move,
    Urgency,
    after,
    next_digest,
)

#: The job that makes an official's summary of a day.
DIGEST_JOB = "push.digest"


async def note(tx: Tx, happened: Event, fact_id: UUID) -> None:
    """Write a notification for each official that a fact concerns, and a message to each phone."""
    officials = happened.notifies()
    if not officials:
        return
    kind, subject = happened.name, _subject(happened)
    wished = await preferences.wishes(tx, officials, kind=kind, subject=subject)
    principals = select(Principal).where(col(Principal.official_id).in_(officials))
    for principal in (await tx.session.exec(principals)).all():
        notification = Notification(
            agency_id=principal.agency_id,
            official_id=principal.official_id,
            fact_id=fact_id,
            kind=kind,
            subject=subject,
            delivery=wished.delivery(principal.official_id, kind, Urgency.NORMAL),
            created_at=tx.now,
        )
        await put(tx, notification)


async def put(tx: Tx, notification: Notification) -> None:
    """Put a notification into its official's inbox, and on its way as they want it."""
    tx.session.add(notification)
    await tx.session.flush()
    if notification.delivery is Delivery.PUSH:
        await _address(tx, notification)
    if notification.delivery is Delivery.DIGEST:
        await _plan_digest(tx, notification.official_id)
    tx.emit(
        Notified(
            notification_id=notification.id,
            official_id=notification.official_id,
            kind=notification.kind,
            delivery=notification.delivery,
        )
    )


async def _plan_digest(tx: Tx, official_id: UUID) -> None:
    """Have the next summary of an official made; the first that it gathers asks for it."""
    due = next_digest(tx.now + DIGEST_MARGIN)
    day = day_in_vietnam(due).isoformat()
    job = Job(
        kind=DIGEST_JOB,
        key=f"{official_id}:{day}",
        payload={"official_id": str(official_id), "day": day},
        next_at=due,
        created_at=tx.now,
    )
    await enqueue_once(tx.session, job)


async def _address(tx: Tx, notification: Notification) -> None:
    """Put a message on its way to each phone of an official."""
    mine = select(PushAddress).where(PushAddress.official_id == notification.official_id)
    for address in (await tx.session.exec(mine)).all():
        tx.session.add(
            PushMessage(
                id=derived("push", notification.fact_id, address.device_id),
                notification_id=notification.id,
                official_id=notification.official_id,
                device_id=address.device_id,
                next_at=tx.now,
                expires_at=tx.now + TIME_TO_LIVE[Urgency.NORMAL],
            )
        )


def _subject(happened: Event) -> str | None:
    """Return the stream where the phone reads on; people's own streams are no subject."""
    return _first(topic for topic in happened.topics() if not topic.startswith("user:"))


def _first(topics: Iterable[str]) -> str | None:
    return min(topics, default=None)


async def keep_address(tx: Tx, actor: Actor, device_id: UUID, *, kind: str, value: str) -> None:
    """Keep how the actor's own device is reached; the newest address counts."""
    device = await tx.session.get(Device, device_id)
    if device is None or device.official_id != actor.id:
        raise NotFound(id=str(device_id))
    kept = await tx.session.get(PushAddress, device_id)
    if kept is None:
        kept = PushAddress(
            device_id=device_id, official_id=actor.id, kind=kind, value=value, updated_at=tx.now
        )
    kept.kind, kept.value, kept.updated_at = kind, value, tx.now
    tx.session.add(kept)


async def note_receipt(tx: Tx, actor: Actor, message_id: UUID) -> None:
    """Note that a phone got a message; a second time changes nothing."""
    message = await tx.session.get(PushMessage, message_id, with_for_update=True)
    if message is None or message.official_id != actor.id:
        raise NotFound(id=str(message_id))
    if message.delivered_at is None:
        move_on(tx, message, Move.DELIVER)
        message.delivered_at = tx.now


def move_on(tx: Tx, message: PushMessage, move: Move) -> None:
    """Move a message on, or refuse; the only place that changes a state."""
    message.state = after(message.state, move)
    tx.session.add(message)
