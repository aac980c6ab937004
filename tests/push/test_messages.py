"""Who rings, and who need not: sockets, receipts and reading keep phones quiet."""

from datetime import timedelta

from core import streams
from core.actor import Actor
from core.db import Database
from push.dispatcher import Dispatcher
from push.gateway.port import Gone, Rejected
from push.messages import note_heard, note_receipt
from push.models import Notification
from push.reading import mark_all_read, mark_read
from push.rules import HEAD_START, OTHERS_AFTER, Precedence, State
from tests.support.answers import rows
from tests.support.clock import Clock
from tests.support.facts import Rang
from tests.support.ministry import Ministry, Person
from tests.support.pushing import Provider, give_phone, messages, ring, states

PATIENCE = OTHERS_AFTER[Precedence.NORMAL]


class Alerted(Rang):
    """Something about somebody's device."""

    name = "people.session_ended"


async def hear(db: Database, actor: Actor, *, short_of: int = 0) -> None:
    """Let a device acknowledge everything on its own stream, or all but the last few."""
    stream = f"user:{actor.id}"
    async with db.read() as view:
        head = await streams.head(view.session, stream)
    await note_heard(db, actor, stream, head.seq - short_of)


async def two_phones(db: Database, clock: Clock, person: Person) -> tuple[Actor, Actor]:
    """The one in the hand, and the other one."""
    other = await give_phone(db, person, "other-0001")
    clock.tick(timedelta(hours=1))
    first = await give_phone(db, person, "first-0001")
    return tuple(  # type: ignore[return-value]
        Actor(person.id, person.agency_id, person.roles, device_id=device)
        for device in (first, other)
    )


async def where(db: Database, actor: Actor) -> list[State]:
    return [one.state for one in await messages(db) if one.device_id == actor.device_id]


# --- sockets ------------------------------------------------------------------------------------


async def test_a_phone_that_heard_it_on_its_socket_does_not_ring(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    first, _ = await two_phones(db, clock, ministry.officer)
    await ring(db, ministry.officer)

    await hear(db, first)
    clock.tick(HEAD_START)

    assert await Dispatcher(db, [Provider()]).run_due() == 0
    assert await where(db, first) == [State.SUPPRESSED]


async def test_the_other_phone_still_rings(db: Database, ministry: Ministry, clock: Clock) -> None:
    first, other = await two_phones(db, clock, ministry.officer)
    provider = Provider()
    await ring(db, ministry.officer)

    await hear(db, first)
    clock.tick(PATIENCE)
    await Dispatcher(db, [provider]).run_due()

    assert provider.at == ["other-0001"]
    assert await where(db, other) == [State.SENT]


async def test_only_what_stands_before_the_position_was_heard(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    first, _ = await two_phones(db, clock, ministry.officer)
    await ring(db, ministry.officer, times=3)

    await hear(db, first, short_of=1)

    assert sorted(await where(db, first)) == [State.SUPPRESSED] * 2 + [State.WAITING]


async def test_what_had_left_already_has_arrived(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    first, other = await two_phones(db, clock, ministry.officer)
    await ring(db, ministry.officer)
    clock.tick(HEAD_START)
    await Dispatcher(db, [Provider()]).run_due()

    await hear(db, first)

    assert await where(db, first) == [State.DELIVERED]
    assert await where(db, other) == [State.SUPPRESSED]


async def test_nobody_hears_for_another(db: Database, ministry: Ministry, clock: Clock) -> None:
    first, _ = await two_phones(db, clock, ministry.officer)
    stranger, _ = await two_phones(db, clock, ministry.clerk)
    await ring(db, ministry.officer)

    await note_heard(db, stranger, f"user:{ministry.officer.id}", 10**6)
    await note_heard(db, first, "room:1", 10**6)

    assert await where(db, first) == [State.WAITING]


# --- the devices in reserve ---------------------------------------------------------------------


async def test_the_phone_in_the_hand_rings_first_and_the_other_after_a_while(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await two_phones(db, clock, ministry.officer)
    provider = Provider()
    dispatcher = Dispatcher(db, [provider])
    await ring(db, ministry.officer)

    clock.tick(HEAD_START)
    await dispatcher.run_due()
    clock.tick(PATIENCE)
    await dispatcher.run_due()

    assert provider.at == ["first-0001", "other-0001"]


async def test_the_other_stays_quiet_once_the_first_has_it(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    first, other = await two_phones(db, clock, ministry.officer)
    provider = Provider()
    dispatcher = Dispatcher(db, [provider])
    await ring(db, ministry.officer)
    clock.tick(HEAD_START)
    await dispatcher.run_due()

    async with db.begin() as tx:
        await note_receipt(tx, first, provider.got[0].id)
    clock.tick(PATIENCE)

    assert await dispatcher.run_due() == 0
    assert await where(db, other) == [State.SUPPRESSED]


async def test_the_other_rings_at_once_when_the_first_cannot(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await two_phones(db, clock, ministry.officer)
    for answer in (Rejected("INVALID_ARGUMENT"), Gone()):
        provider = Provider(answer)
        dispatcher = Dispatcher(db, [provider])
        await ring(db, ministry.officer)
        clock.tick(HEAD_START)
        await dispatcher.run_due()

        await dispatcher.run_due()

        assert provider.at == ["first-0001", "other-0001"]


async def test_an_alert_rings_everywhere_at_once(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await two_phones(db, clock, ministry.officer)
    provider = Provider()
    await ring(db, ministry.officer, kind=Alerted)

    await Dispatcher(db, [provider]).run_due()

    assert sorted(provider.at) == ["first-0001", "other-0001"]


# --- reading ------------------------------------------------------------------------------------


async def test_no_phone_rings_for_what_was_read(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await two_phones(db, clock, ministry.officer)
    await ring(db, ministry.officer)
    (notification,) = await rows(db, Notification)

    async with db.begin() as tx:
        await mark_read(tx, ministry.officer.actor, notification.id)

    assert await states(db) == [State.SUPPRESSED] * 2


async def test_reading_everything_silences_everything(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await two_phones(db, clock, ministry.officer)
    await two_phones(db, clock, ministry.clerk)
    await ring(db, ministry.officer, ministry.clerk, times=2)

    async with db.begin() as tx:
        await mark_all_read(tx, ministry.officer.actor)

    assert await states(db) == [State.SUPPRESSED] * 4 + [State.WAITING] * 4
