"""A page of the inbox is a hot read: its bytes are what the schema would have written."""

from datetime import timedelta
from itertools import product
from uuid import UUID

from sqlmodel import col, select

from api.inbox import queries
from api.inbox.rules import sentence_of
from api.inbox.schemas import InboxOut, NotificationOut, Place
from core.db import Database
from core.ids import new_id
from core.messages import say
from push.models import Notification
from push.rules import Delivery, Urgency
from tests.support.clock import Clock
from tests.support.ministry import Ministry, Person

KINDS = ("tasks.assigned", "meeting.invited", "inbox.digest")


def notification(number: int, person: Person, clock: Clock) -> Notification:
    kind = KINDS[number % 3]
    return Notification(
        id=new_id(),
        agency_id=person.agency_id,
        official_id=person.id,
        fact_id=new_id(),
        kind=kind,
        subject=None if number % 4 else f"document:{new_id()}",
        delivery=list(Delivery)[number % len(Delivery)],
        urgency=list(Urgency)[number % len(Urgency)],
        gathers=number if kind == "inbox.digest" else None,
        gathered_in=new_id() if number % 5 == 0 else None,
        on_behalf_of=new_id() if number % 7 == 0 else None,
        created_at=clock() + timedelta(seconds=number, microseconds=number * 7),
        read_at=clock() + timedelta(minutes=1) if number % 2 else None,
    )


def shown(row: Notification) -> NotificationOut:
    code, facts = sentence_of(row.kind), {"gathers": row.gathers or 1}
    titles = {"title": say(code, "en", **facts), "title_vi": say(code, "vi", **facts)}
    return NotificationOut(**row.model_dump() | titles)


async def as_the_schema_says(db: Database, person: Person, place: Place) -> bytes:
    mine = select(Notification).where(Notification.official_id == person.id)
    async with db.read() as view:
        every = (await view.session.exec(mine.order_by(col(Notification.id).desc()))).all()
    unread = [one for one in every if one.read_at is None]
    rows = unread if place.unread else list(every)
    if place.before is not None:
        rows = [one for one in rows if one.id < place.before]
    if place.after is not None:
        rows = [one for one in rows if one.id > place.after][-place.limit :]
    rows = rows[: place.limit]
    return InboxOut(
        items=[shown(row) for row in rows],
        unread=sum(one.delivery is not Delivery.MUTED for one in unread),
        next_before=rows[-1].id if len(rows) == place.limit else None,
        next_after=rows[0].id if rows else place.after,
    ).model_dump_json().encode()  # fmt: skip


async def test_the_bytes_are_those_of_the_schema_at_every_place(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    rows = [notification(number, ministry.officer, clock) for number in range(12)]
    async with db.begin() as tx:
        tx.session.add_all([*rows, notification(1, ministry.leader, clock)])
    ids: list[UUID | None] = [None, rows[0].id, rows[5].id, rows[11].id, new_id()]
    places = [{"before": one} for one in ids] + [{"after": one} for one in ids]

    for person in (ministry.officer, ministry.clerk):
        for place, only_unread, limit in product(places, (False, True), (1, 4, 200)):
            asked = Place(**place, unread=only_unread, limit=limit)

            page = await queries.page(db, person.actor, asked)

            assert page == await as_the_schema_says(db, person, asked)
