"""At night phones keep quiet, in Viet Nam's night, but for what is most urgent."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import VIETNAM
from core.db import Database
from push import quiet
from push.dispatcher import Dispatcher
from push.errors import NoHours
from push.quiet import Hours
from push.rules import HEAD_START, TIME_TO_LIVE, State, Urgency
from tests.support.clock import Clock
from tests.support.facts import Rang
from tests.support.ministry import Ministry, Person
from tests.support.pushing import Provider, give_phone, ring, states, the_message

NIGHT = Hours(time(22), time(6, 30))
moments = st.datetimes(
    datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)  # noqa: DTZ001
)  # fmt: skip
times = st.times().map(lambda one: one.replace(second=0, microsecond=0))


class Alerted(Rang):
    """Something about somebody's device."""

    name = "people.session_ended"


def in_vietnam(hour: int, minute: int = 0, day: int = 5) -> datetime:
    return datetime(2026, 1, day, hour, minute, tzinfo=VIETNAM).astimezone(UTC)


async def sleep_at_night(db: Database, person: Person) -> None:
    async with db.begin() as tx:
        await quiet.choose(tx, person.actor, NIGHT)


# --- the rule -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (in_vietnam(21, 59), None),
        (in_vietnam(22), in_vietnam(6, 30, day=6)),
        (in_vietnam(23, 59), in_vietnam(6, 30, day=6)),
        (in_vietnam(0), in_vietnam(6, 30)),
        (in_vietnam(6, 29), in_vietnam(6, 30)),
        (in_vietnam(6, 30), None),
        (in_vietnam(12), None),
    ],
)
def test_the_night_is_that_of_viet_nam(now: datetime, end: datetime | None) -> None:
    assert NIGHT.end_after(now) == end


@given(moments, times, times)
def test_quiet_ends_within_a_day_and_then_it_is_over(
    now: datetime, starts: time, ends: time
) -> None:
    hours = Hours(starts, ends)
    end = hours.end_after(now)

    if starts != ends and end is not None:
        assert timedelta() < end - now <= timedelta(days=1)
        assert hours.end_after(end) is None
        assert end.astimezone(VIETNAM).time() == ends


@given(moments, times, times)
def test_a_moment_is_quiet_or_its_opposite_is(now: datetime, starts: time, ends: time) -> None:
    if starts != ends:
        kept, opposite = Hours(starts, ends), Hours(ends, starts)
        assert (kept.end_after(now) is None) != (opposite.end_after(now) is None)


def test_quiet_without_an_end_is_refused() -> None:
    with pytest.raises(NoHours):
        Hours(time(8), time(8)).must_be_some()


# --- at work ------------------------------------------------------------------------------------


async def test_what_comes_at_night_rings_in_the_morning(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    clock.now = in_vietnam(23)
    await give_phone(db, ministry.leader)
    await sleep_at_night(db, ministry.leader)
    provider = Provider()
    dispatcher = Dispatcher(db, [provider])
    await ring(db, ministry.leader)
    clock.tick(HEAD_START)
    await dispatcher.run_due()
    waiting = await the_message(db)

    clock.now = in_vietnam(6, 30, day=6)
    await dispatcher.run_due()

    assert (waiting.state, waiting.attempt) == (State.WAITING, 0)
    assert waiting.expires_at == clock() + TIME_TO_LIVE[Urgency.NORMAL]
    assert await states(db) == [State.SENT]


async def test_an_alert_rings_at_any_hour(db: Database, ministry: Ministry, clock: Clock) -> None:
    clock.now = in_vietnam(3)
    await give_phone(db, ministry.leader)
    await sleep_at_night(db, ministry.leader)
    await ring(db, ministry.leader, kind=Alerted)

    await Dispatcher(db, [Provider()]).run_due()

    assert await states(db) == [State.SENT]


async def test_the_night_of_one_is_not_that_of_another(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    clock.now = in_vietnam(3)
    for person in (ministry.leader, ministry.clerk):
        await give_phone(db, person, person.account)
    await sleep_at_night(db, ministry.leader)
    provider = Provider()
    await ring(db, ministry.leader, ministry.clerk)
    clock.tick(HEAD_START)

    await Dispatcher(db, [provider]).run_due()

    assert provider.at == [ministry.clerk.account]


@pytest.mark.parametrize("lifted", [True, False])
async def test_a_change_of_mind_counts_at_once(
    db: Database, ministry: Ministry, clock: Clock, lifted: bool  # noqa: FBT001
) -> None:  # fmt: skip
    clock.now = in_vietnam(23)
    await give_phone(db, ministry.leader)
    await sleep_at_night(db, ministry.leader)
    dispatcher = Dispatcher(db, [Provider()])
    await ring(db, ministry.leader)
    clock.tick(HEAD_START)
    await dispatcher.run_due()

    async with db.begin() as tx:
        if lifted:
            await quiet.lift(tx, ministry.leader.actor)
        else:
            await quiet.choose(tx, ministry.leader.actor, Hours(time(1), time(5)))
    await dispatcher.run_due()

    assert await states(db) == [State.SENT]


async def test_lifting_what_is_not_there_changes_nothing(db: Database, ministry: Ministry) -> None:
    async with db.begin() as tx:
        await quiet.lift(tx, ministry.leader.actor)

    async with db.read() as view:
        assert await quiet.hours_of(view, ministry.leader.id) is None
