"""Whoever reads whatever in which order: a phone that adds up knows how much is unread."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from core import streams
from core.db import Database, Tx
from core.errors import AppError
from core.ids import new_id
from core.streams import Entry
from push import queries
from push.models import Notification
from push.preferences import mute, unmute
from push.reading import mark_all_read, mark_read, mark_unread
from push.rules import Delivery
from tests.support.facts import Rang
from tests.support.ministry import Ministry, Person

Step = Callable[[Tx, Person], Awaitable[object]]


async def _nth(tx: Tx, number: int) -> UUID:
    """One of those there are, or one that is nobody's."""
    found = (await tx.session.exec(select(Notification.id).order_by(col(Notification.id)))).all()
    return found[number % len(found)] if found else new_id()


async def ring(tx: Tx, person: Person) -> None:
    tx.emit(Rang(rings=(person.id,)))


def reading(number: int) -> Step:
    async def step(tx: Tx, person: Person) -> None:
        await mark_read(tx, person.actor, await _nth(tx, number))

    return step


def putting_back(number: int) -> Step:
    async def step(tx: Tx, person: Person) -> None:
        await mark_unread(tx, person.actor, await _nth(tx, number))

    return step


def reading_up_to(number: int) -> Step:
    async def step(tx: Tx, person: Person) -> None:
        await mark_all_read(tx, person.actor, up_to=await _nth(tx, number))

    return step


async def read_all(tx: Tx, person: Person) -> None:
    await mark_all_read(tx, person.actor)


async def silence(tx: Tx, person: Person) -> None:
    await mute(tx, person.actor, "room:1")


async def listen(tx: Tx, person: Person) -> None:
    await unmute(tx, person.actor, "room:1")


ANY = st.integers(0, 9)
STEPS = st.one_of(
    st.just(ring),
    st.builds(reading, ANY),
    st.builds(putting_back, ANY),
    st.builds(reading_up_to, ANY),
    st.sampled_from([ring, read_all, silence, listen]),
)


def added_up(count: int, entries: list[Entry]) -> int:
    for one in entries:
        if one.name == "inbox.notified":
            count += one.body["delivery"] != Delivery.MUTED
        if one.name == "inbox.marked":
            count += one.body["change"]
    return count


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.tuples(st.sampled_from(["officer", "clerk"]), STEPS), max_size=14))
async def test_a_phone_that_adds_up_knows_how_much_is_unread(
    db: Database, ministry: Ministry, steps: list[tuple[str, Step]]
) -> None:
    looks: list[tuple[str, int, int]] = []
    for who, step in [("officer", listen), ("clerk", listen), *steps]:
        person: Person = getattr(ministry, who)
        async with db.read() as view:
            head = await streams.head(view.session, f"user:{person.id}")
            looks.append((f"user:{person.id}", head.seq, await queries.unread(view, person.id)))
        with suppress(AppError):
            async with db.begin() as tx:
                await step(tx, person)

    async with db.read() as view:
        for stream, position, count in looks:
            heard = await streams.read_after(view.session, stream, position)
            official = next(p for p in (ministry.officer, ministry.clerk) if str(p.id) in stream)
            assert added_up(count, heard) == await queries.unread(view, official.id)


async def test_two_phones_that_read_everything_at_once_count_it_once(
    db: Database, ministry: Ministry
) -> None:
    person = ministry.officer
    for _ in range(5):
        async with db.begin() as tx:
            await ring(tx, person)

    async def read_everything() -> int:
        async with db.begin() as tx:
            return await mark_all_read(tx, person.actor)

    marked = await asyncio.gather(*(read_everything() for _ in range(4)))

    async with db.read() as view:
        heard = await streams.read_after(view.session, f"user:{person.id}", 0)
    assert sorted(marked) == [0, 0, 0, 5]
    assert added_up(0, heard) == 0
