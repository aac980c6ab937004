"""From a fact to a phone: intended with the fact, sent after it, never lost, never shown twice."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select
from typing_extensions import override

from core.db import Database
from core.ids import new_id
from core.sessions import Device
from push.dispatcher import LEASE, Dispatcher
from push.gateway.port import Gateway, Gone, Later, Message, Outcome, Sent, Unreachable
from push.models import Notification, PushAddress, PushMessage
from push.rules import MAX_ATTEMPTS, State, Urgency
from push.service import keep_address, note_receipt
from tests.support.clock import Clock
from tests.support.facts import Rang
from tests.support.ministry import Ministry, Person


class Provider(Gateway):
    """Answers as it is told, then takes everything."""

    def __init__(self, *answers: Outcome | Exception) -> None:
        self.kind = "test"
        self.got: list[Message] = []
        self._answers = list(answers)

    @override
    async def send(self, address: str, message: Message) -> Outcome:
        self.got.append(message)
        answer = self._answers.pop(0) if self._answers else Sent()
        if isinstance(answer, Exception):
            raise answer
        return answer


async def give_phone(db: Database, person: Person) -> UUID:
    async with db.begin() as tx:
        device = Device(
            agency_id=person.agency_id, official_id=person.id, name="phone",
            thumbprint=new_id().hex, public_jwk={}, registered_at=tx.now, changed_at=tx.now,
        )  # fmt: skip
        tx.session.add(device)
        await tx.session.flush()
        await keep_address(tx, person.actor, device.id, kind="test", value="phone-0001")
    return device.id


async def ring(db: Database, *people: Person) -> None:
    async with db.begin() as tx:
        tx.emit(Rang(rings=tuple(person.id for person in people)))


async def the_message(db: Database) -> PushMessage:
    async with db.read() as view:
        return (await view.session.exec(select(PushMessage))).one()


async def test_a_fact_writes_one_notification_for_each_official(
    db: Database, ministry: Ministry
) -> None:
    await ring(db, ministry.leader, ministry.clerk)

    async with db.read() as view:
        kept = (await view.session.exec(select(Notification))).all()
    assert {row.official_id for row in kept} == {ministry.leader.id, ministry.clerk.id}
    assert len(kept) == 2


async def test_a_fact_that_rolls_back_notifies_nobody(db: Database, ministry: Ministry) -> None:
    with pytest.raises(ZeroDivisionError):
        async with db.begin() as tx:
            tx.emit(Rang(rings=(ministry.leader.id,)))
            raise ZeroDivisionError

    async with db.read() as view:
        assert (await view.session.exec(select(Notification))).all() == []


async def test_a_message_is_sent_once(db: Database, ministry: Ministry) -> None:
    await give_phone(db, ministry.leader)
    provider = Provider()
    dispatcher = Dispatcher(db, {"test": provider})
    await ring(db, ministry.leader)

    assert (await dispatcher.run_due(), await dispatcher.run_due()) == (1, 0)

    assert len(provider.got) == 1
    assert (await the_message(db)).state is State.SENT


async def test_after_a_crash_the_same_message_is_sent_again(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.leader)
    provider = Provider()
    await ring(db, ministry.leader)
    crashed = Dispatcher(db, {"test": provider})
    ((message, _),) = await crashed._lease()
    await provider.send("phone-0001", Message(message.id, Urgency.NORMAL, timedelta(hours=1)))

    clock.tick(LEASE)
    await Dispatcher(db, {"test": provider}).run_due()

    first, again = provider.got
    assert first.id == again.id


async def test_a_dispatcher_that_works_alone_takes_back_what_a_dead_one_had_leased(
    db: Database, ministry: Ministry
) -> None:
    await give_phone(db, ministry.leader)
    await ring(db, ministry.leader)
    await Dispatcher(db, {"test": Provider()})._lease()
    alive = Dispatcher(db, {"test": Provider()})

    await alive.reclaim()

    assert await alive.run_due() == 1


async def test_an_unreachable_provider_is_asked_again_and_at_last_given_up(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.leader)
    provider = Provider(*[Unreachable()] * 50)
    dispatcher = Dispatcher(db, {"test": provider})
    await ring(db, ministry.leader)

    for _ in range(MAX_ATTEMPTS + 3):
        await dispatcher.run_due()
        clock.tick(timedelta(minutes=10))

    assert len(provider.got) == MAX_ATTEMPTS
    assert (await the_message(db)).state is State.DEAD


async def test_a_provider_that_asks_for_a_pause_gets_it(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.leader)
    provider = Provider(Later(timedelta(minutes=5)))
    dispatcher = Dispatcher(db, {"test": provider})
    await ring(db, ministry.leader)
    await dispatcher.run_due()

    clock.tick(timedelta(minutes=5) - timedelta(seconds=1))
    assert await dispatcher.run_due() == 0
    clock.tick(timedelta(seconds=1))
    assert await dispatcher.run_due() == 1

    assert (await the_message(db)).state is State.SENT


async def test_an_address_that_reaches_nobody_is_forgotten(
    db: Database, ministry: Ministry
) -> None:
    device_id = await give_phone(db, ministry.leader)
    await ring(db, ministry.leader)

    await Dispatcher(db, {"test": Provider(Gone())}).run_due()

    async with db.read() as view:
        assert await view.session.get(PushAddress, device_id) is None
    assert (await the_message(db)).state is State.GONE


async def test_a_message_that_nobody_needs_any_more_is_not_sent(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.leader)
    provider = Provider()
    await ring(db, ministry.leader)

    clock.tick(timedelta(hours=24))
    await Dispatcher(db, {"test": provider}).run_due()

    assert provider.got == []
    assert (await the_message(db)).state is State.EXPIRED


async def test_a_receipt_counts_once_and_only_from_its_owner(
    db: Database, ministry: Ministry
) -> None:
    await give_phone(db, ministry.leader)
    await ring(db, ministry.leader)
    await Dispatcher(db, {"test": Provider()}).run_due()
    message = await the_message(db)

    for _ in range(2):
        async with db.begin() as tx:
            await note_receipt(tx, ministry.leader.actor, message.id)

    assert (await the_message(db)).state is State.DELIVERED
    with pytest.raises(Exception, match="visible to you"):
        async with db.begin() as tx:
            await note_receipt(tx, ministry.clerk.actor, message.id)


@given(st.uuids(), st.sampled_from(Urgency))
def test_a_payload_holds_an_opaque_id_and_nothing_else(id_: UUID, urgency: Urgency) -> None:
    message = Message(id_, urgency, timedelta(hours=1))

    assert message.payload() == {"v": 1, "n": str(id_)}
