"""Numbers come without a gap and without a twin, whoever asks at once, on both databases."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from api.documents import intake, numbers, service
from api.documents.errors import DateGoesBack, WrongState
from api.documents.models import Document, RegisterEntry
from api.documents.rules import State
from core.actor import Actor
from core.db import Database
from core.errors import Forbidden, NotFound
from core.ids import new_id
from tests.support.clock import Clock
from tests.support.correspondence import arrival, content, outgoing, received
from tests.support.ministry import Ministry


async def allot(db: Database, actor: Actor, document_id: UUID) -> Document:
    async with db.begin() as tx:
        return await service.allot_number(tx, actor, document_id)


async def test_a_thousand_at_once_get_one_to_a_thousand(db: Database, ministry: Ministry) -> None:
    first = await outgoing(db, ministry, State.SIGNED)
    async with db.begin() as tx:
        template = (await tx.session.get_one(Document, first)).model_dump(exclude={"id"})
        tx.session.add_all([Document(id=new_id(), **template) for _ in range(999)])
    async with db.read() as view:
        ids = (await view.session.exec(select(Document.id))).all()

    numbered = await asyncio.gather(*(allot(db, ministry.clerk.actor, one) for one in ids))

    assert sorted(document.number or 0 for document in numbered) == list(range(1, 1001))
    async with db.read() as view:
        entries = (await view.session.exec(select(RegisterEntry))).all()
    assert {(entry.number, entry.document_id) for entry in entries} == {
        (document.number, document.id) for document in numbered
    }


async def test_a_document_that_asks_many_times_at_once_gets_one_number(
    db: Database, ministry: Ministry
) -> None:
    document_id = await outgoing(db, ministry, State.SIGNED)

    told = await asyncio.gather(*(allot(db, ministry.clerk.actor, document_id) for _ in range(20)))

    assert {document.number for document in told} == {1}
    later = await allot(db, ministry.clerk.actor, await outgoing(db, ministry, State.SIGNED))
    assert later.number == 2


async def test_a_refused_numbering_leaves_no_gap(db: Database, ministry: Ministry) -> None:
    draft = await outgoing(db, ministry, State.DRAFT)

    with pytest.raises(WrongState):
        await allot(db, ministry.clerk.actor, draft)

    signed = await allot(db, ministry.clerk.actor, await outgoing(db, ministry, State.SIGNED))
    assert signed.number == 1


async def test_work_that_fails_after_the_number_gives_it_back(
    db: Database, ministry: Ministry
) -> None:
    document_id = await outgoing(db, ministry, State.SIGNED)

    with pytest.raises(ZeroDivisionError):
        async with db.begin() as tx:
            await service.allot_number(tx, ministry.clerk.actor, document_id)
            raise ZeroDivisionError

    other = await allot(db, ministry.clerk.actor, await outgoing(db, ministry, State.SIGNED))
    assert other.number == 1


async def test_each_type_counts_by_itself(db: Database, ministry: Ministry) -> None:
    decision = await outgoing(db, ministry, State.SIGNED)
    notice = await outgoing(db, ministry, State.SIGNED, type_code="notice")

    numbered = [await allot(db, ministry.clerk.actor, one) for one in (decision, notice)]

    assert [document.number for document in numbered] == [1, 1]


async def test_the_series_begins_anew_at_midnight_in_viet_nam(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    clock.now = datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC)
    last = await allot(db, ministry.clerk.actor, await outgoing(db, ministry, State.SIGNED))
    clock.tick(timedelta(seconds=1))

    first = await allot(db, ministry.clerk.actor, await outgoing(db, ministry, State.SIGNED))

    assert (last.number, str(last.issued_on)) == (1, "2026-12-31")
    assert (first.number, str(first.issued_on)) == (1, "2027-01-01")


@pytest.mark.parametrize("back", [timedelta(days=2), timedelta(days=20)])
async def test_a_clock_that_goes_back_gets_no_number(
    db: Database, ministry: Ministry, clock: Clock, back: timedelta
) -> None:
    await allot(db, ministry.clerk.actor, await outgoing(db, ministry, State.SIGNED))
    waiting = await outgoing(db, ministry, State.SIGNED)
    clock.tick(-back)

    with pytest.raises(DateGoesBack):
        await allot(db, ministry.clerk.actor, waiting)


async def test_only_a_clerk_of_the_agency_gives_numbers(db: Database, ministry: Ministry) -> None:
    document_id = await outgoing(db, ministry, State.SIGNED)

    with pytest.raises(Forbidden):
        await allot(db, ministry.leader.actor, document_id)
    with pytest.raises(NotFound):
        await allot(db, ministry.stranger.actor, document_id)


async def test_arrival_numbers_follow_the_order_of_receipt(
    db: Database, ministry: Ministry
) -> None:
    ids = [await received(db, ministry) for _ in range(3)]

    async with db.read() as view:
        by_arrival = select(Document.id).order_by(col(Document.arrival_number))
        assert (await view.session.exec(by_arrival)).all() == ids


async def test_the_same_registration_at_once_is_one_document(
    db: Database, ministry: Ministry
) -> None:
    document_id = new_id()

    async def register() -> Document:
        async with db.begin() as tx:
            return await intake.register(
                tx,
                ministry.clerk.actor,
                document_id,
                arrival=arrival(ministry),
                content=content(),
            )

    told = await asyncio.gather(*(register() for _ in range(8)))

    assert {document.arrival_number for document in told} == {1}
    async with db.begin() as tx:
        series = await numbers.lock(tx, ministry.clerk.agency_id, "incoming")
        assert series.row.last == 1
