"""A lane at work: many messages side by side, noted together, the most urgent first."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

from core.db import Database
from push.dispatcher import Dispatcher
from push.lane import WINDOW
from push.rules import HEAD_START, Precedence, State
from tests.support.clock import Clock
from tests.support.facts import Rang
from tests.support.ministry import Ministry
from tests.support.pushing import Provider, give_phone, messages, ring, states
from tests.support.waiting import until


class Alerted(Rang):
    """Something about somebody's device."""

    name = "people.session_ended"


@asynccontextmanager
async def working(db: Database, provider: Provider) -> AsyncGenerator[None]:
    running = asyncio.create_task(Dispatcher(db, [provider]).run())
    try:
        yield
    finally:
        assert not running.done()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def settled(db: Database, state: State, count: int) -> None:
    async with asyncio.timeout(20):
        while (await states(db)).count(state) < count:  # noqa: ASYNC110 - noted a little later
            await asyncio.sleep(0.02)


async def test_a_crowd_is_sent_once_each(db: Database, ministry: Ministry, clock: Clock) -> None:
    people = (ministry.leader, ministry.clerk, ministry.officer)
    for person in people:
        await give_phone(db, person)
    await ring(db, *people, times=WINDOW)
    clock.tick(HEAD_START)
    provider = Provider()

    async with working(db, provider):
        await settled(db, State.SENT, 3 * WINDOW)

    sent = [message.id for message in provider.got]
    assert len(sent) == len(set(sent)) == 3 * WINDOW


async def test_a_slow_address_holds_up_no_other(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.leader, "slow-0001")
    await give_phone(db, ministry.clerk)
    provider = Provider()
    await ring(db, ministry.leader)
    await ring(db, ministry.clerk, times=2 * WINDOW)
    clock.tick(HEAD_START)

    async with working(db, provider):
        await settled(db, State.SENT, 2 * WINDOW)
        assert (await states(db)).count(State.WAITING) == 1
        provider.go_on.set()
        await settled(db, State.SENT, 2 * WINDOW + 1)


async def test_what_is_urgent_passes_what_has_waited_longer(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.leader)
    await ring(db, ministry.leader, times=5)
    clock.tick(HEAD_START)
    await ring(db, ministry.leader, kind=Alerted)
    provider = Provider()

    await Dispatcher(db, [provider]).run_due()

    places: dict[UUID, int] = {one.id: one.precedence for one in await messages(db)}
    assert places[provider.got[0].id] == Precedence.AT_ONCE
    assert {places[one.id] for one in provider.got[1:]} == {Precedence.NORMAL}


async def test_a_commit_wakes_the_lane(db: Database, ministry: Ministry) -> None:
    await give_phone(db, ministry.leader)
    provider = Provider()

    async with working(db, provider):
        await ring(db, ministry.leader, kind=Alerted)
        await until(lambda: len(provider.got) == 1)


async def test_when_the_work_ends_connections_are_let_go(db: Database) -> None:
    provider = Provider()

    async with working(db, provider):
        await asyncio.sleep(0)

    assert provider.closed == 1


async def test_what_was_sent_before_the_end_is_noted_and_not_sent_again(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.leader)
    await ring(db, ministry.leader, times=5)
    clock.tick(HEAD_START)
    provider = Provider()

    async with working(db, provider):
        await until(lambda: len(provider.got) == 5)

    assert await states(db) == [State.SENT] * 5
