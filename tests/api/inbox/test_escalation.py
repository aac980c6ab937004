"""What is most urgent and confirmed by nobody reaches whoever acts for the official."""

from datetime import timedelta

import pytest

from api import background
from api.documents.rules import Urgency as Stamp
from api.people.acting import Scope
from api.wiring import Engines
from core import streams
from core.actor import Actor
from core.sessions import Principal
from core.worker import Worker
from push.messages import note_heard, note_receipt
from push.models import Notification, PushMessage
from push.preferences import choose
from push.reading import mark_read
from push.rules import ESCALATE_AFTER, Delivery, Urgency
from tests.support.answers import rows
from tests.support.clock import Clock
from tests.support.correspondence import received
from tests.support.delegations import delegated
from tests.support.ministry import Ministry, Person
from tests.support.pushing import give_phone

AFTER = ESCALATE_AFTER[Urgency.FLASH]


async def look_after(engines: Engines, clock: Clock, wait: timedelta = AFTER) -> None:
    """Let the time pass in which a device would have confirmed."""
    clock.tick(wait)
    await Worker(engines.db, background.handlers(engines)).run_due()


async def told(engines: Engines, person: Person) -> list[Notification]:
    """What a person was told of documents, not of delegations."""
    kept = [one for one in await rows(engines.db, Notification) if one.official_id == person.id]
    return [one for one in kept if one.kind.startswith("documents.")]


@pytest.fixture
async def deputy(engines: Engines, ministry: Ministry) -> Person:
    """Acts for the leader in everything."""
    await delegated(engines.db, ministry, ministry.officer)
    return ministry.officer


async def test_what_the_official_does_not_confirm_rings_the_deputy(
    engines: Engines, ministry: Ministry, deputy: Person, clock: Clock
) -> None:
    await give_phone(engines.db, ministry.leader, "phone-0001")
    deputys = await give_phone(engines.db, deputy, "phone-0002")
    await received(engines.db, ministry, urgency=Stamp.FLASH)
    await background.dispatcher(engines).run_due()

    await look_after(engines, clock)
    await background.dispatcher(engines).run_due()

    (passed_on,) = await told(engines, deputy)
    assert passed_on.on_behalf_of == ministry.leader.id
    assert passed_on.urgency is Urgency.FLASH
    rung = {one.device_id: one for one in await rows(engines.db, PushMessage)}
    assert rung[deputys].sent_at == clock()


@pytest.mark.parametrize("stamp", Stamp)
async def test_only_the_most_urgent_goes_to_the_deputy(
    engines: Engines, ministry: Ministry, deputy: Person, clock: Clock, stamp: Stamp
) -> None:
    await received(engines.db, ministry, urgency=stamp)

    await look_after(engines, clock, timedelta(hours=1))

    assert len(await told(engines, deputy)) == (Urgency(stamp) in ESCALATE_AFTER)


async def test_a_receipt_keeps_it_from_the_deputy(
    engines: Engines, ministry: Ministry, deputy: Person, clock: Clock
) -> None:
    await give_phone(engines.db, ministry.leader)
    await received(engines.db, ministry, urgency=Stamp.FLASH)
    await background.dispatcher(engines).run_due()
    (message,) = await rows(engines.db, PushMessage)
    async with engines.db.begin() as tx:
        await note_receipt(tx, ministry.leader.actor, message.id)

    await look_after(engines, clock)

    assert await told(engines, deputy) == []


async def test_a_socket_that_heard_it_keeps_it_from_the_deputy_even_without_a_push_address(
    engines: Engines, ministry: Ministry, deputy: Person, clock: Clock
) -> None:
    leader, stream = ministry.leader, f"user:{ministry.leader.id}"
    await received(engines.db, ministry, urgency=Stamp.FLASH)
    async with engines.db.read() as view:
        head = await streams.head(view.session, stream)
    at_a_desk = Actor(leader.id, leader.agency_id, leader.roles, device_id=leader.id)
    await note_heard(engines.db, at_a_desk, stream, head.seq)

    await look_after(engines, clock)

    assert await told(engines, deputy) == []


async def test_reading_keeps_it_from_the_deputy(
    engines: Engines, ministry: Ministry, deputy: Person, clock: Clock
) -> None:
    await received(engines.db, ministry, urgency=Stamp.FLASH)
    (notification,) = await told(engines, ministry.leader)
    async with engines.db.begin() as tx:
        await mark_read(tx, ministry.leader.actor, notification.id)

    await look_after(engines, clock)

    assert await told(engines, deputy) == []


async def test_who_acts_in_other_things_is_not_rung(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await delegated(engines.db, ministry, ministry.officer, Scope.MEETINGS)
    await received(engines.db, ministry, urgency=Stamp.FLASH)

    await look_after(engines, clock)

    assert await told(engines, ministry.officer) == []


async def test_it_is_passed_on_once_and_no_further(
    engines: Engines, ministry: Ministry, deputy: Person, clock: Clock
) -> None:
    await received(engines.db, ministry, urgency=Stamp.FLASH)

    for _ in range(4):
        await look_after(engines, clock)

    assert len(await told(engines, deputy)) == 1
    assert len(await told(engines, ministry.leader)) == 1


async def test_a_deputy_who_wants_it_quietly_gets_it_quietly(
    engines: Engines, ministry: Ministry, deputy: Person, clock: Clock
) -> None:
    async with engines.db.begin() as tx:
        await choose(tx, deputy.actor, "documents.registered", Delivery.INBOX)
    await received(engines.db, ministry, urgency=Stamp.VERY_URGENT)

    await look_after(engines, clock, ESCALATE_AFTER[Urgency.VERY_URGENT])

    assert [one.delivery for one in await told(engines, deputy)] == [Delivery.INBOX]


async def test_what_the_official_wants_quietly_is_nobody_elses_alarm(
    engines: Engines, ministry: Ministry, deputy: Person, clock: Clock
) -> None:
    async with engines.db.begin() as tx:
        await choose(tx, ministry.leader.actor, "documents.registered", Delivery.INBOX)
    await received(engines.db, ministry, urgency=Stamp.VERY_URGENT)

    await look_after(engines, clock, timedelta(hours=1))

    assert await told(engines, deputy) == []


async def test_a_deputy_whose_account_is_closed_is_not_rung(
    engines: Engines, ministry: Ministry, deputy: Person, clock: Clock
) -> None:
    async with engines.db.begin() as tx:
        (await tx.session.get_one(Principal, deputy.id)).closed_at = tx.now
    await received(engines.db, ministry, urgency=Stamp.FLASH)

    await look_after(engines, clock)

    assert await told(engines, deputy) == []
