"""From a fact to a phone: intended with the fact, sent after it, never lost, never shown twice."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.db import Database
from core.errors import NotFound
from push import addresses
from push.addresses import Reach
from push.dispatcher import Dispatcher
from push.gateway.port import Gone, Later, Message, Rejected, Unauthorized, Unreachable
from push.leases import LEASE, Leases
from push.messages import note_receipt
from push.models import Notification, PushAddress
from push.rules import (
    AT_ONCE,
    HEAD_START,
    MAX_ATTEMPTS,
    TIME_TO_LIVE,
    AddressKind,
    State,
    Urgency,
)
from tests.support.answers import rows
from tests.support.clock import Clock
from tests.support.facts import Rang
from tests.support.ministry import Ministry, Person
from tests.support.pushing import Provider, give_phone, messages, ring, states, the_message

ALL_KINDS = frozenset(AddressKind)


async def ring_and_wait(db: Database, clock: Clock, *people: Person) -> None:
    await ring(db, *people)
    clock.tick(HEAD_START)


# --- with the fact ------------------------------------------------------------------------------


async def test_a_fact_writes_one_notification_for_each_official(
    db: Database, ministry: Ministry
) -> None:
    await ring(db, ministry.leader, ministry.clerk)

    kept = await rows(db, Notification)
    assert {row.official_id for row in kept} == {ministry.leader.id, ministry.clerk.id}
    assert len(kept) == 2


async def test_a_fact_that_rolls_back_notifies_nobody(db: Database, ministry: Ministry) -> None:
    with pytest.raises(ZeroDivisionError):
        async with db.begin() as tx:
            tx.emit(Rang(rings=(ministry.leader.id,)))
            raise ZeroDivisionError

    assert await rows(db, Notification) == []


async def test_everybodys_phones_get_a_message_of_their_own(
    db: Database, ministry: Ministry
) -> None:
    people = (ministry.leader, ministry.clerk, ministry.officer)
    devices = {await give_phone(db, person): person.id for person in people}

    await ring(db, *people)

    written = await messages(db)
    assert {one.device_id: one.official_id for one in written} == devices
    assert {one.agency_id for one in written} == {ministry.leader.agency_id}


# --- sending ------------------------------------------------------------------------------------


async def test_a_message_is_sent_once(db: Database, ministry: Ministry, clock: Clock) -> None:
    await give_phone(db, ministry.leader)
    provider = Provider()
    dispatcher = Dispatcher(db, [provider])
    await ring_and_wait(db, clock, ministry.leader)

    assert (await dispatcher.run_due(), await dispatcher.run_due()) == (1, 0)

    assert len(provider.got) == 1
    assert (await the_message(db)).state is State.SENT


async def test_a_message_waits_a_moment_for_the_socket(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.leader)
    dispatcher = Dispatcher(db, [Provider()])
    await ring(db, ministry.leader)

    early = await dispatcher.run_due()
    clock.tick(HEAD_START)

    assert (early, await dispatcher.run_due()) == (0, 1)


async def test_after_a_crash_the_same_message_is_sent_again(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.leader)
    provider = Provider()
    await ring_and_wait(db, clock, ministry.leader)
    (leased,) = await Leases(db, ALL_KINDS).take(10)
    await provider.send(leased.address, Message(leased.id, leased.urgency, timedelta(hours=1)))

    again = await Dispatcher(db, [provider]).run_due()
    clock.tick(LEASE)
    await Dispatcher(db, [provider]).run_due()

    first, second = provider.got
    assert (again, first.id) == (0, second.id)


async def test_a_dispatcher_that_works_alone_takes_back_what_a_dead_one_had_leased(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.leader)
    await ring_and_wait(db, clock, ministry.leader)
    await Leases(db, ALL_KINDS).take(10)
    alive = Dispatcher(db, [Provider()])

    await alive.reclaim()

    assert await alive.run_due() == 1


async def test_taking_back_does_not_end_a_pause(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.leader)
    dispatcher = Dispatcher(db, [Provider(Later(timedelta(minutes=5)))])
    await ring_and_wait(db, clock, ministry.leader)
    await dispatcher.run_due()

    await dispatcher.reclaim()

    assert await dispatcher.run_due() == 0


async def test_two_dispatchers_never_take_the_same_message(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.leader)
    await ring(db, ministry.leader, times=9)
    clock.tick(HEAD_START)
    one, other = Leases(db, ALL_KINDS), Leases(db, ALL_KINDS)

    taken = [leased.id for leased in await one.take(5) + await other.take(9)]

    assert len(taken) == len(set(taken)) == 9


async def test_an_unreachable_provider_is_asked_again_and_at_last_given_up(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.leader)
    provider = Provider(*[Unreachable()] * 50)
    dispatcher = Dispatcher(db, [provider])
    await ring(db, ministry.leader)

    for _ in range(MAX_ATTEMPTS + 3):
        clock.tick(timedelta(minutes=10))
        await dispatcher.run_due()

    message = await the_message(db)
    assert len(provider.got) == MAX_ATTEMPTS
    assert (message.state, message.error) == (State.DEAD, "unreachable")


async def test_a_fault_of_a_gateway_loses_nothing(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.leader)
    dispatcher = Dispatcher(db, [Provider(ZeroDivisionError())])
    await ring_and_wait(db, clock, ministry.leader)
    await dispatcher.run_due()

    clock.tick(timedelta(minutes=10))
    await dispatcher.run_due()

    assert (await the_message(db)).state is State.SENT


async def test_a_provider_that_asks_for_a_pause_gets_it(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.leader)
    dispatcher = Dispatcher(db, [Provider(Later(timedelta(minutes=5)))])
    await ring_and_wait(db, clock, ministry.leader)
    await dispatcher.run_due()

    clock.tick(timedelta(minutes=5) - timedelta(seconds=1))
    assert await dispatcher.run_due() == 0
    clock.tick(timedelta(seconds=1))
    assert await dispatcher.run_due() == 1

    assert (await the_message(db)).state is State.SENT


async def test_what_a_provider_will_never_take_is_dead_at_once(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.leader)
    await ring_and_wait(db, clock, ministry.leader)

    await Dispatcher(db, [Provider(Rejected("INVALID_ARGUMENT"))]).run_due()

    message = await the_message(db)
    assert (message.state, message.error) == (State.DEAD, "INVALID_ARGUMENT")


async def test_an_address_that_reaches_nobody_is_forgotten(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.leader)
    await ring_and_wait(db, clock, ministry.leader)

    await Dispatcher(db, [Provider(Gone())]).run_due()

    assert await rows(db, PushAddress) == []
    assert (await the_message(db)).state is State.GONE


async def test_what_else_was_on_its_way_there_goes_to_the_owners_other_devices(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.leader, "other-0001")
    clock.tick(timedelta(hours=1))
    await give_phone(db, ministry.leader, "gone-0001")
    await ring_and_wait(db, clock, ministry.leader)
    await ring(db, ministry.leader)
    dispatcher = Dispatcher(db, [provider := Provider(Gone())])

    await dispatcher.run_due()
    await dispatcher.run_due()

    assert provider.at == ["gone-0001", "other-0001", "other-0001"]
    assert await states(db) == [State.GONE] * 2 + [State.SENT] * 2


async def test_an_address_that_the_phone_has_renewed_meanwhile_stays(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    device_id = await give_phone(db, ministry.leader, "slow-0001")
    provider = Provider(Gone())
    await ring_and_wait(db, clock, ministry.leader)
    leases = Leases(db, ALL_KINDS)
    dispatcher = Dispatcher(db, [provider])
    provider.go_on.set()
    (leased,) = await leases.take(1)
    async with db.begin() as tx:
        renewed = Reach(AddressKind.RECORDED, "phone-0002")
        await addresses.keep(tx, ministry.leader.actor, device_id, renewed)
    await leases.settle([dispatcher._lanes[0]._fate(leased, Gone())])

    assert [one.value for one in await rows(db, PushAddress)] == ["phone-0002"]


async def test_a_message_that_nobody_needs_any_more_is_not_sent(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.leader)
    provider = Provider()
    await ring(db, ministry.leader)

    clock.tick(HEAD_START + TIME_TO_LIVE[Urgency.NORMAL])
    await Dispatcher(db, [provider]).run_due()

    assert provider.got == []
    assert (await the_message(db)).state is State.EXPIRED


# --- when our credentials are refused -----------------------------------------------------------


async def test_while_credentials_are_refused_messages_stay_and_nothing_is_sent(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.leader)
    provider = Provider(*[Unauthorized()] * 20)
    dispatcher = Dispatcher(db, [provider])
    await ring(db, ministry.leader, times=5)
    clock.tick(HEAD_START)
    await dispatcher.run_due()
    asked = len(provider.got)
    await ring(db, ministry.leader, times=5)
    clock.tick(HEAD_START)

    for _ in range(5):
        await dispatcher.run_due()

    assert len(provider.got) == asked
    assert await states(db) == [State.WAITING] * 10
    assert {one.attempt for one in await messages(db)} == {0}
    assert {one.error for one in await messages(db)} == {"credentials_refused"}


async def test_one_message_tries_whether_credentials_are_taken_again_then_all_follow(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.leader)
    provider = Provider(*[Unauthorized()] * 4)
    dispatcher = Dispatcher(db, [provider])
    await ring(db, ministry.leader, times=4)
    clock.tick(HEAD_START)
    await dispatcher.run_due()

    asked = []
    for _ in range(3):
        before = len(provider.got)
        clock.tick(timedelta(seconds=40))
        await dispatcher.run_due()
        asked.append(len(provider.got) - before)

    assert asked[0] == 1
    assert await states(db) == [State.SENT] * 4


async def test_a_provider_that_refuses_us_stops_no_other(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.leader, "locked-0001")
    await give_phone(db, ministry.clerk, "open-0001")
    provider = Provider(Unauthorized())
    dispatcher = Dispatcher(db, [provider])
    await ring_and_wait(db, clock, ministry.leader)
    await dispatcher.run_due()

    await ring_and_wait(db, clock, ministry.leader, ministry.clerk)
    await dispatcher.run_due()

    assert provider.at == ["locked-0001", "open-0001"]


# --- receipts -----------------------------------------------------------------------------------


async def test_a_receipt_counts_once_and_only_from_its_owner(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.leader)
    await ring_and_wait(db, clock, ministry.leader)
    await Dispatcher(db, [Provider()]).run_due()
    message = await the_message(db)

    for _ in range(2):
        clock.tick(timedelta(seconds=1))
        async with db.begin() as tx:
            await note_receipt(tx, ministry.leader.actor, message.id)

    delivered = await the_message(db)
    assert delivered.state is State.DELIVERED
    assert delivered.sent_at is not None
    assert delivered.delivered_at == delivered.sent_at + timedelta(seconds=1)
    with pytest.raises(NotFound):
        async with db.begin() as tx:
            await note_receipt(tx, ministry.clerk.actor, message.id)


async def test_a_receipt_that_is_faster_than_our_note_stays(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.leader)
    await ring_and_wait(db, clock, ministry.leader)
    leases, dispatcher = Leases(db, ALL_KINDS), Dispatcher(db, [Provider()])
    (leased,) = await leases.take(1)
    async with db.begin() as tx:
        await note_receipt(tx, ministry.leader.actor, leased.id)

    await leases.settle([await dispatcher._lanes[0]._send(leased)])

    assert (await the_message(db)).state is State.DELIVERED


@given(st.uuids(), st.sampled_from(Urgency))
def test_a_payload_holds_an_opaque_id_and_nothing_else(id_: UUID, urgency: Urgency) -> None:
    message = Message(id_, urgency, timedelta(hours=1))

    assert message.payload() == {"v": 1, "n": str(id_)}


def test_only_the_two_most_urgent_go_at_once() -> None:
    assert frozenset({Urgency.VERY_URGENT, Urgency.FLASH}) == AT_ONCE
