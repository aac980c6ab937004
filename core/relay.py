"""The relay: after the commit, wakes every listener of the streams that have grown.

Facts are read, published outside any transaction and then marked: a crash in between wakes twice,
never not at all. Listeners drop a position they have seen.
"""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select, update

from core.bus.port import Bus, Wake
from core.db import Database
from core.streams import Entry, Fact, StreamEntry

BATCH = 200
POLL_SECONDS = 1.0


async def relay_waiting(db: Database, bus: Bus) -> int:
    """Publish the oldest waiting facts and return how many there were."""
    entries, facts = await _waiting(db)
    for entry in entries:
        await bus.publish(Wake(entry.stream, entry.seq, entry.frame()))
    if facts:
        async with db.begin() as tx:
            done = update(Fact).where(col(Fact.id).in_(facts)).values(relayed_at=tx.now)
            await tx.session.exec(done)
    return len(facts)


async def run(db: Database, bus: Bus) -> None:
    """Relay for ever: woken by commits, and by a poll for what a dead process left."""
    async with db.commits() as committed:
        while True:
            committed.clear()
            while await relay_waiting(db, bus):
                pass
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await committed.wait()
            except TimeoutError:
                pass


async def _waiting(db: Database) -> tuple[list[Entry], Sequence[UUID]]:
    oldest = (
        select(Fact).where(col(Fact.relayed_at).is_(None)).order_by(col(Fact.position)).limit(BATCH)
    )
    async with db.read() as view:
        facts = {fact.id: fact for fact in (await view.session.exec(oldest)).all()}
        places = select(StreamEntry).where(col(StreamEntry.fact_id).in_(list(facts)))
        rows = (await view.session.exec(places)).all() if facts else []
    order = {fact_id: number for number, fact_id in enumerate(facts)}
    entries = [_entry(row, facts[row.fact_id]) for row in rows]
    entries.sort(key=lambda entry: (order[entry.id], entry.stream))
    return entries, list(facts)


def _entry(place: StreamEntry, fact: Fact) -> Entry:
    return Entry(place.stream, place.seq, fact.id, fact.name, fact.at, fact.body)
