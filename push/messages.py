"""Messages on their way: one for each notification and device, written with the notification."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, select, update

from core.actor import Actor, Role
from core.db import Database, Tx
from core.errors import NotFound
from core.ids import derived
from push import queries
from push.models import Notification, PushAddress, PushMessage
from push.rules import (
    OTHERS_AFTER,
    TIME_TO_LIVE,
    Move,
    after,
    before,
    head_start,
    is_judged,
    leads_to,
    precedence,
)


async def write(tx: Tx, notifications: Sequence[Notification]) -> None:
    """Put a message on its way to each device of each notification's official."""
    told = {one.official_id: one for one in notifications}
    theirs = (
        select(PushAddress)
        .where(col(PushAddress.official_id).in_(told))
        .order_by(col(PushAddress.updated_at).desc(), col(PushAddress.device_id))
    )
    rung: set[UUID] = set()
    for address in (await tx.session.exec(theirs)).all():
        is_first = address.official_id not in rung
        rung.add(address.official_id)
        tx.session.add(_message(tx, told[address.official_id], address, is_first=is_first))


def _message(tx: Tx, told: Notification, address: PushAddress, *, is_first: bool) -> PushMessage:
    place = precedence(told.kind, told.urgency)
    patience = OTHERS_AFTER[place]
    rings_at = tx.now + (head_start(place) if is_first else max(head_start(place), patience))
    return PushMessage(
        id=derived("push", told.fact_id, address.device_id),
        agency_id=told.agency_id,
        notification_id=told.id,
        official_id=told.official_id,
        device_id=address.device_id,
        urgency=told.urgency,
        precedence=place,
        reserve=bool(patience) and not is_first,
        judged=is_judged(told.kind),
        next_at=rings_at,
        expires_at=rings_at + TIME_TO_LIVE[told.urgency],
    )


async def move_on(tx: Tx, move: Move, *where: ColumnElement[bool], **more: Any) -> Sequence[UUID]:
    """Move on every message that can make this move; the only place that changes a state.

    Returns:
        whom it moved. Rows are locked in the order of their ids, so that nobody waits in a circle.
    """
    able = col(PushMessage.state).in_(before(move))
    statement = select(PushMessage.id).where(able, *where).order_by(col(PushMessage.id))
    ids = (await tx.session.exec(statement.with_for_update())).all()
    if ids:
        values = more | {"state": leads_to(move), "leased_until": None}
        await _update(tx, col(PushMessage.id).in_(ids), values)
    return ids


async def note_receipt(tx: Tx, actor: Actor, message_id: UUID) -> None:
    """Note that a phone got a message; a second time changes nothing."""
    message = await tx.session.get(PushMessage, message_id)
    if message is None or message.official_id != actor.id:
        raise NotFound(id=str(message_id))
    is_this = col(PushMessage.id) == message_id
    if await move_on(tx, Move.DELIVER, is_this, delivered_at=tx.now):
        await stand_down(tx, [message.notification_id])
    await _confirm(tx, [message.notification_id])


async def requeue(tx: Tx, actor: Actor, message_id: UUID | None = None) -> int:
    """Let an administrator have dead letters of the agency sent again, one or all of them.

    They keep their ids, so that a phone that has got one after all shows nothing new. What was read
    meanwhile rings no more; return how many are on their way again.
    """
    actor.must_be(Role.ADMINISTRATOR)
    theirs = [col(PushMessage.agency_id) == actor.agency_id]
    if message_id is not None:
        theirs.append(col(PushMessage.id) == message_id)
        await _must_be_dead(tx, actor, message_id)
    moved: list[UUID] = []
    for urgency, lives in TIME_TO_LIVE.items():
        anew = {"attempt": 0, "error": None, "next_at": tx.now, "expires_at": tx.now + lives}
        these = (*theirs, col(PushMessage.urgency) == urgency)
        moved += await move_on(tx, Move.REQUEUE, *these, **anew)
    on_their_way = len(moved) - await _keep_quiet_of_read(tx, moved)
    tx.audit(actor, "push.requeued", message_id or actor.agency_id, messages=on_their_way)
    return on_their_way


async def _keep_quiet_of_read(tx: Tx, message_ids: Collection[UUID]) -> int:
    read = select(Notification.id).where(col(Notification.read_at).is_not(None))
    theirs = col(PushMessage.notification_id).in_(read)
    return len(await move_on(tx, Move.SUPPRESS, col(PushMessage.id).in_(message_ids), theirs))


async def _must_be_dead(tx: Tx, actor: Actor, message_id: UUID) -> None:
    message = await tx.session.get(PushMessage, message_id)
    if message is None or message.agency_id != actor.agency_id:
        raise NotFound(id=str(message_id))
    after(message.state, Move.REQUEUE)


async def stand_down(tx: Tx, notification_ids: Collection[UUID]) -> None:
    """Let the devices in reserve keep quiet: another one has confirmed."""
    theirs = col(PushMessage.notification_id).in_(notification_ids)
    await move_on(tx, Move.SUPPRESS, theirs, col(PushMessage.reserve).is_(True))


async def call_up(tx: Tx, notification_ids: Collection[UUID]) -> None:
    """Let the devices in reserve ring now: the first one cannot be reached."""
    theirs = col(PushMessage.notification_id).in_(notification_ids)
    waits = col(PushMessage.state).in_(before(Move.SEND))
    early = and_(
        theirs, waits, col(PushMessage.reserve).is_(True), col(PushMessage.next_at) > tx.now
    )
    await _update(tx, early, {"next_at": tx.now})


async def keep_quiet_of(tx: Tx, notification_ids: Collection[UUID]) -> None:
    """Let no device ring any more for what was read."""
    await move_on(tx, Move.SUPPRESS, col(PushMessage.notification_id).in_(notification_ids))


async def note_heard(db: Database, actor: Actor, stream: str, seq: int) -> None:
    """Note that a device has its own stream up to a position: it has what its messages tell.

    What has not left yet need not ring there any more; what has left has arrived.
    """
    if actor.device_id is None or stream != f"user:{actor.id}":
        return
    place = {"stream": stream, "seq": seq}
    heard = await db.rows(queries.HEARD, device_id=actor.device_id, **place)
    unconfirmed = await db.rows(queries.UNCONFIRMED, official_id=actor.id, **place)
    if not heard and not unconfirmed:
        return
    async with db.begin() as tx:
        these = col(PushMessage.id).in_([UUID(row[0]) for row in heard])
        await move_on(tx, Move.SUPPRESS, these)
        is_sent = col(PushMessage.sent_at).is_not(None)
        arrived = await move_on(tx, Move.DELIVER, these, is_sent, delivered_at=tx.now)
        await stand_down(tx, await told_by(tx, arrived))
        await _confirm(tx, [UUID(row[0]) for row in unconfirmed])


async def _confirm(tx: Tx, notification_ids: Collection[UUID]) -> None:
    """Note that an official's device has some notifications; the first time counts."""
    first = update(Notification).where(
        col(Notification.id).in_(notification_ids), col(Notification.confirmed_at).is_(None)
    )
    confirming = first.values(confirmed_at=tx.now)
    await tx.session.exec(confirming.execution_options(synchronize_session=False))


async def told_by(tx: Tx, message_ids: Sequence[UUID]) -> Sequence[UUID]:
    """Return the notifications that some messages tell of."""
    these = col(PushMessage.id).in_(message_ids)
    return (await tx.session.exec(select(PushMessage.notification_id).where(these))).all()


async def _update(tx: Tx, where: ColumnElement[bool], values: Mapping[str, Any]) -> None:
    changing = update(PushMessage).where(where).values(**values)
    await tx.session.exec(changing.execution_options(synchronize_session=False))
