"""Every chore is done, each in a transaction of its own."""

import asyncio

import pytest

from core import housekeeping
from core.audit import AuditRecord
from core.db import Database, Tx


async def test_each_chore_is_done_in_a_transaction_of_its_own(db: Database) -> None:
    done: list[Tx] = []

    async def chore(tx: Tx) -> None:
        done.append(tx)
        await tx.session.get(AuditRecord, 1)

    await housekeeping.tidy(db, [chore, chore])

    assert len(done) == 2
    assert done[0] is not done[1]


async def test_it_tidies_again_and_again(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "EVERY_SECONDS", 0)
    often = asyncio.Event()
    times = 0

    async def chore(_: Tx) -> None:
        nonlocal times
        times += 1
        if times == 3:
            often.set()

    tidying = asyncio.create_task(housekeeping.run(db, [chore]))
    await asyncio.wait_for(often.wait(), 30)

    tidying.cancel()
    await asyncio.gather(tidying, return_exceptions=True)
