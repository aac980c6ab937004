"""How officials are told is their wish, except for alerts; the inbox has everything."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import background
from api.wiring import Engines
from core.clock import FARTHEST, VIETNAM
from core.db import Database
from core.errors import Malformed
from core.jobs import Job
from core.sessions import Principal
from core.worker import Worker
from push import digest, queries
from push.errors import NeverSilenced
from push.models import Notification, PushMessage
from push.preferences import choose, mute, unmute
from push.rules import (
    CHOICES,
    DIGEST_AT,
    Delivery,
    Urgency,
    delivery,
    must_be_a_choice,
    must_be_mutable,
    next_digest,
)
from tests.support.answers import rows
from tests.support.clock import Clock
from tests.support.facts import Rang
from tests.support.ministry import Ministry, Person
from tests.support.pushing import give_phone

KIND, ALERT = Rang.name, "people.session_ended"
SUBJECT = "room:1"
DAY = timedelta(days=1)


class Alerted(Rang):
    """Somebody's device or right is concerned."""

    name = ALERT


async def ring(db: Database, person: Person, kind: type[Rang] = Rang, times: int = 1) -> None:
    for number in range(times):
        async with db.begin() as tx:
            tx.emit(kind(number=number, rings=(person.id,)))


async def wish(db: Database, person: Person, wanted: Delivery) -> None:
    async with db.begin() as tx:
        await choose(tx, person.actor, KIND, wanted)


async def delivered(db: Database) -> list[Delivery]:
    return [one.delivery for one in await rows(db, Notification)]


async def unread(db: Database, person: Person) -> int:
    async with db.read() as view:
        return await queries.unread(view, person.id)


async def work(engines: Engines) -> None:
    await Worker(engines.db, background.handlers(engines)).run_due()


# --- the rule -----------------------------------------------------------------------------------


@given(st.sampled_from(Urgency), st.none() | st.sampled_from(sorted(CHOICES)), st.booleans())
def test_an_alert_always_comes_at_once(
    urgency: Urgency,
    wanted: Delivery | None,
    muted: bool,  # noqa: FBT001
) -> None:
    assert delivery(ALERT, urgency, wanted, muted=muted) is Delivery.PUSH


@given(st.none() | st.sampled_from(sorted(CHOICES)), st.booleans())
def test_the_most_urgent_always_comes_at_once(
    wanted: Delivery | None,
    muted: bool,  # noqa: FBT001
) -> None:
    assert delivery(KIND, Urgency.FLASH, wanted, muted=muted) is Delivery.PUSH


@given(
    st.sampled_from(sorted(set(Urgency) - {Urgency.FLASH})),
    st.none() | st.sampled_from(sorted(CHOICES)),
)
def test_the_rest_comes_as_it_is_wanted_and_a_mute_weighs_more(
    urgency: Urgency, wanted: Delivery | None
) -> None:
    assert delivery(KIND, urgency, wanted, muted=False) is (wanted or Delivery.PUSH)
    assert delivery(KIND, urgency, wanted, muted=True) is Delivery.MUTED


def test_alerts_are_neither_chosen_away_nor_muted() -> None:
    must_be_a_choice(ALERT, Delivery.PUSH)
    for wanted in set(Delivery) - {Delivery.PUSH}:
        with pytest.raises(NeverSilenced):
            must_be_a_choice(ALERT, wanted)
    with pytest.raises(NeverSilenced):
        must_be_mutable(ALERT, None, datetime.now(UTC))


def test_muted_is_no_choice_and_a_mute_ends_in_the_future() -> None:
    now = datetime.now(UTC)
    with pytest.raises(NeverSilenced):
        must_be_a_choice(KIND, Delivery.MUTED)
    for until in (now, now + FARTHEST + timedelta(seconds=1)):
        with pytest.raises(Malformed):
            must_be_mutable(KIND, until, now)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_summary_comes_within_a_day_in_the_morning_of_viet_nam(now: datetime) -> None:
    due = next_digest(now)

    assert timedelta() < due - now <= DAY
    assert due.astimezone(VIETNAM).time() == DIGEST_AT


# --- with the fact ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "messages"), [(Delivery.PUSH, 1), (Delivery.DIGEST, 0), (Delivery.INBOX, 0)]
)
async def test_every_wish_leaves_a_row_and_only_one_rings(
    db: Database, ministry: Ministry, wanted: Delivery, messages: int
) -> None:
    await give_phone(db, ministry.officer)
    await wish(db, ministry.officer, wanted)

    await ring(db, ministry.officer)

    assert await delivered(db) == [wanted]
    assert len(await rows(db, PushMessage)) == messages
    assert await unread(db, ministry.officer) == 1


async def test_a_wish_is_ones_own(db: Database, ministry: Ministry) -> None:
    await give_phone(db, ministry.officer)
    await wish(db, ministry.leader, Delivery.INBOX)

    await ring(db, ministry.officer)

    assert await delivered(db) == [Delivery.PUSH]


@pytest.mark.parametrize("target", [KIND, SUBJECT])
async def test_what_is_muted_stands_in_the_inbox_and_counts_for_nothing(
    db: Database, ministry: Ministry, target: str
) -> None:
    await give_phone(db, ministry.officer)
    async with db.begin() as tx:
        await mute(tx, ministry.officer.actor, target)

    await ring(db, ministry.officer)

    assert await delivered(db) == [Delivery.MUTED]
    assert await rows(db, PushMessage) == []
    assert await unread(db, ministry.officer) == 0


async def test_a_mute_ends_by_itself_or_when_it_is_lifted(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    person = ministry.officer
    async with db.begin() as tx:
        await mute(tx, person.actor, SUBJECT, until=tx.now + DAY)
    await ring(db, person)
    clock.tick(DAY)
    await ring(db, person)
    async with db.begin() as tx:
        await mute(tx, person.actor, SUBJECT)
    await ring(db, person)
    async with db.begin() as tx:
        await unmute(tx, person.actor, SUBJECT)
        await unmute(tx, person.actor, "room:2")
    await ring(db, person)

    muted, push = Delivery.MUTED, Delivery.PUSH
    assert await delivered(db) == [muted, push, muted, push]


async def test_a_muted_subject_still_lets_alerts_through(db: Database, ministry: Ministry) -> None:
    async with db.begin() as tx:
        await mute(tx, ministry.officer.actor, SUBJECT)

    await ring(db, ministry.officer, Alerted)

    assert await delivered(db) == [Delivery.PUSH]


# --- the summary of a day -----------------------------------------------------------------------


async def test_a_day_is_gathered_into_one_notification(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    db, person = engines.db, ministry.officer
    await give_phone(db, person)
    await wish(db, person, Delivery.DIGEST)
    await ring(db, person, times=3)
    await work(engines)
    early = await rows(db, PushMessage)

    clock.now = next_digest(clock())
    await work(engines)
    await work(engines)

    (summary,) = [one for one in await rows(db, Notification) if one.kind == digest.KIND]
    (message,) = await rows(db, PushMessage)
    gathered = [one for one in await rows(db, Notification) if one.kind == KIND]
    assert early == []
    assert (summary.gathers, message.notification_id) == (3, summary.id)
    assert {one.gathered_in for one in gathered} == {summary.id}


async def test_what_was_read_meanwhile_is_not_gathered(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    db, person = engines.db, ministry.officer
    await wish(db, person, Delivery.DIGEST)
    await ring(db, person, times=2)
    async with db.begin() as tx:
        for one in await rows(db, Notification):
            one.read_at = tx.now
            await tx.session.merge(one)

    clock.now = next_digest(clock())
    await work(engines)

    assert [one.kind for one in await rows(db, Notification)] == [KIND, KIND]


async def test_each_day_has_its_own_summary(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    db, person = engines.db, ministry.officer
    await wish(db, person, Delivery.DIGEST)
    for _ in range(2):
        await ring(db, person)
        clock.now = next_digest(clock())
        await work(engines)

    summaries = [one for one in await rows(db, Notification) if one.kind == digest.KIND]
    assert [one.gathers for one in summaries] == [1, 1]
    assert len([one for one in await rows(db, Job) if one.kind == "push.digest"]) == 2


async def test_a_summary_is_made_once_however_often_its_job_runs(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    db, person = engines.db, ministry.officer
    await wish(db, person, Delivery.DIGEST)
    await ring(db, person)
    payload = {"official_id": str(person.id), "day": "2026-01-06"}
    await digest.run(db, payload)
    await ring(db, person)
    await digest.run(db, payload)

    summaries = [one for one in await rows(db, Notification) if one.kind == digest.KIND]
    assert [one.gathers for one in summaries] == [1]


async def test_what_comes_at_the_last_moment_is_gathered_a_day_later_at_the_latest(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    db, person = engines.db, ministry.officer
    await wish(db, person, Delivery.DIGEST)
    await ring(db, person)
    morning = next_digest(clock())
    clock.now = morning
    await work(engines)
    clock.now = morning - timedelta(seconds=1)  # begun before, committed after
    await ring(db, person)

    clock.now = next_digest(morning)
    await work(engines)

    summaries = [one for one in await rows(db, Notification) if one.kind == digest.KIND]
    assert [one.gathers for one in summaries] == [1, 1]


async def test_nobody_is_told_after_their_account_is_closed(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    db, person = engines.db, ministry.officer
    await wish(db, person, Delivery.DIGEST)
    await ring(db, person)
    async with db.begin() as tx:
        (await tx.session.get_one(Principal, person.id)).closed_at = tx.now

    clock.now = next_digest(clock())
    await work(engines)

    assert [one.kind for one in await rows(db, Notification)] == [KIND]
