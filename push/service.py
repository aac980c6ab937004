"""Notifications: the intent is written in the transaction of the fact that causes it."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from sqlmodel import col, select

from core.clock import day_in_vietnam
from core.db import ReadTx, Tx
from core.events import DOOR, Event
from core.jobs import Job, enqueue_once
from core.sessions import Principal
from push import messages, preferences
from push.events import Notified
from push.models import Notification
from push.rules import (
    DIGEST_MARGIN,
    ESCALATE_AFTER,
    Delivery,
    Urgency,
    may_escalate,
    next_digest,
)

#: The job that makes an official's summary of a day.
DIGEST_JOB = "push.digest"
#: The job that looks after what nobody has confirmed.
ESCALATION_JOB = "push.escalate"
_NO_SUBJECTS = ("user:", DOOR)
#: Says how urgent a fact is; `api.wiring` injects who knows.
UrgencyOf = Callable[[ReadTx, Event], Awaitable[Urgency]]


async def never_urgent(_: ReadTx, __: Event) -> Urgency:
    """Know of no urgency."""
    return Urgency.NORMAL


async def note(
    tx: Tx, happened: Event, fact_id: UUID, *, urgency_of: UrgencyOf = never_urgent
) -> None:
    """Write a notification for each official that a fact concerns, and a message to each phone."""
    officials = happened.notifies()
    if not officials:
        return
    kind, subject = happened.name, _subject(happened)
    urgency = await urgency_of(tx, happened)
    wished = await preferences.wishes(tx, officials, kind=kind, subject=subject)
    principals = select(Principal).where(
        col(Principal.official_id).in_(officials), col(Principal.closed_at).is_(None)
    )
    told = [
        Notification(
            agency_id=principal.agency_id,
            official_id=principal.official_id,
            fact_id=fact_id,
            kind=kind,
            subject=subject,
            delivery=wished.delivery(principal.official_id, kind, urgency),
            urgency=urgency,
            created_at=tx.now,
        )
        for principal in (await tx.session.exec(principals)).all()
    ]
    await put(tx, told)


async def put(tx: Tx, told: Sequence[Notification]) -> None:
    """Put notifications into their officials' inboxes, and on their way as each wants it."""
    for one in told:
        one.told_by = tx.emit(
            Notified(
                notification_id=one.id,
                official_id=one.official_id,
                kind=one.kind,
                delivery=one.delivery,
                urgency=one.urgency,
                on_behalf_of=one.on_behalf_of,
            )
        )
    tx.session.add_all(told)
    await tx.session.flush()
    await messages.write(tx, [one for one in told if one.delivery is Delivery.PUSH])
    for one in told:
        if one.delivery is Delivery.DIGEST:
            await _plan_digest(tx, one.official_id)
        if one.delivery is Delivery.PUSH and one.on_behalf_of is None:
            _plan_escalation(tx, one)


def _plan_escalation(tx: Tx, told: Notification) -> None:
    """Have somebody look later whether what is most urgent was confirmed."""
    if may_escalate(told.kind, told.urgency):
        due = tx.now + ESCALATE_AFTER[told.urgency]
        payload = {"notification_id": str(told.id)}
        tx.enqueue(ESCALATION_JOB, str(told.id), payload, not_before=due)


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


def _subject(happened: Event) -> str | None:
    """Return the stream where the phone reads on; people's own streams are no subject."""
    streams = (one for one in happened.topics() if not one.startswith(_NO_SUBJECTS))
    return happened.subject() or min(streams, default=None)
