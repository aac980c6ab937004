"""What an official may read of their notifications."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy
from sqlalchemy import Integer, Select, String, Uuid, func, true
from sqlmodel import col, or_, select

from core.actor import Actor, Role
from core.db import Database, ReadTx
from core.errors import NotFound
from core.reads import HotRead, Row, given
from core.sessions import Device
from core.streams import StreamEntry
from push.models import (
    Notification,
    NotificationChoice,
    NotificationMute,
    PushAddress,
    PushMessage,
)
from push.rules import ESCALATE_AFTER, Delivery, State

#: The messages of a device whose notifications stand in a stream at a position or before it.
HEARD = HotRead(
    sqlalchemy.select(col(PushMessage.id))
    .join(Notification, col(Notification.id) == col(PushMessage.notification_id))
    .join(StreamEntry, col(StreamEntry.fact_id) == col(Notification.told_by))
    .where(
        col(PushMessage.device_id) == given("device_id", Uuid()),
        col(PushMessage.state).in_([State.WAITING, State.SENT]),
        col(StreamEntry.stream) == given("stream", String()),
        col(StreamEntry.seq) <= given("seq", Integer()),
    )
)
#: What must not stay unconfirmed, of an official, and stands in a stream at a position or before.
UNCONFIRMED = HotRead(
    sqlalchemy.select(col(Notification.id))
    .join(StreamEntry, col(StreamEntry.fact_id) == col(Notification.told_by))
    .where(
        col(Notification.official_id) == given("official_id", Uuid()),
        col(Notification.read_at).is_(None),
        col(Notification.confirmed_at).is_(None),
        col(Notification.urgency).in_(list(ESCALATE_AFTER)),
        col(StreamEntry.stream) == given("stream", String()),
        col(StreamEntry.seq) <= given("seq", Integer()),
    )
)


@dataclass(frozen=True, slots=True)
class Place:
    """Which part of an inbox is wanted: what is older than one notification, or newer."""

    before: UUID | None = None
    after: UUID | None = None


def _unread(official_id: Any) -> Select[*tuple[Any, ...]]:
    """Count what an official has not read; what is muted does not count."""
    return sqlalchemy.select(func.count()).where(
        col(Notification.official_id) == official_id,
        col(Notification.read_at).is_(None),
        col(Notification.delivery) != Delivery.MUTED,
    )


def _page(*, newer: bool, only_unread: bool) -> HotRead:
    """Prepare a page of an inbox behind its count: one row at least, from one view of both."""
    official_id, place = given("official_id", Uuid()), col(Notification.id)
    begin = given("place", Uuid())
    page = sqlalchemy.select(
        place, col(Notification.kind), col(Notification.subject), col(Notification.delivery),
        col(Notification.urgency), col(Notification.gathers), col(Notification.gathered_in),
        col(Notification.on_behalf_of), col(Notification.created_at), col(Notification.read_at),
    ).where(
        col(Notification.official_id) == official_id, place > begin if newer else place < begin
    )  # fmt: skip
    if only_unread:
        page = page.where(col(Notification.read_at).is_(None))
    found = page.order_by(place if newer else place.desc()).limit(given("limit", Integer()))
    items, count = found.subquery("page"), _unread(official_id).subquery("unread")
    whole = sqlalchemy.select(*count.c, *items.c).select_from(count.outerjoin(items, true()))
    return HotRead(whole.order_by(items.c.id.desc()))


_PAGES = {
    (newer, only_unread): _page(newer=newer, only_unread=only_unread)
    for newer in (False, True)
    for only_unread in (False, True)
}
#: Every id is before it.
_END = UUID(int=2**128 - 1)


async def inbox(
    db: Database, actor: Actor, place: Place, *, limit: int, only_unread: bool = False
) -> tuple[int, Sequence[Row]]:
    """Count my unread notifications and list a page, newest first, in the columns of `_page`.

    After a place, the page has those that follow it directly. Phones ask this most often, so it is
    a hot read.
    """
    read = _PAGES[place.after is not None, only_unread]
    start = place.after or place.before or _END
    rows = await db.rows(read, official_id=actor.id, place=start, limit=limit)
    return rows[0][0], [row[1:] for row in rows if row[1] is not None]


async def unread(view: ReadTx, official_id: UUID) -> int:
    """Count what an official has not read; what is muted does not count."""
    connection = await view.session.connection()
    return int((await connection.execute(_unread(official_id))).scalar_one())


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


async def deliveries(
    view: ReadTx, actor: Actor, notification_id: UUID
) -> tuple[Notification, list[dict[str, Any]]]:
    """Return a notification of mine and what became of it, with the name of each device."""
    notification = await view.session.get(Notification, notification_id)
    if notification is None or notification.official_id != actor.id:
        raise NotFound(id=str(notification_id))
    statement = (
        select(PushMessage, Device.name)
        .join(Device, col(Device.id) == col(PushMessage.device_id))
        .where(PushMessage.notification_id == notification_id)
        .order_by(col(PushMessage.next_at), col(PushMessage.id))
    )
    found = (await view.session.exec(statement)).all()
    return notification, [message.model_dump() | {"device": name} for message, name in found]


async def dead(
    view: ReadTx, actor: Actor, *, before: UUID | None, limit: int
) -> Sequence[tuple[PushMessage, str]]:
    """List the dead letters of the agency with their kinds, by id downwards."""
    actor.must_be(Role.ADMINISTRATOR)
    statement = (
        select(PushMessage, Notification.kind)
        .join(Notification, col(Notification.id) == col(PushMessage.notification_id))
        .where(PushMessage.agency_id == actor.agency_id, PushMessage.state == State.DEAD)
    )
    if before is not None:
        statement = statement.where(col(PushMessage.id) < before)
    newest = statement.order_by(col(PushMessage.id).desc()).limit(limit)
    return (await view.session.exec(newest)).all()


async def standing(view: ReadTx, actor: Actor) -> Sequence[tuple[State, str | None, int]]:
    """Count the agency's messages by where they stand, and by what keeps or ended them."""
    actor.must_be(Role.ADMINISTRATOR)
    state, error = col(PushMessage.state), col(PushMessage.error)
    statement = (
        select(state, error, func.count())
        .where(PushMessage.agency_id == actor.agency_id)
        .group_by(state, error)
        .order_by(state, error)
    )
    return (await view.session.exec(statement)).all()
