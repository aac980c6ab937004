"""Housekeeping: what nobody can use any more is dropped, a little at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from core.db import Database, Tx

EVERY_SECONDS = 600.0

Chore = Callable[[Tx], Awaitable[None]]


async def tidy(db: Database, chores: Sequence[Chore]) -> None:
    """Do every chore once, each in a transaction of its own."""
    for chore in chores:
        async with db.begin() as tx:
            await chore(tx)


async def run(db: Database, chores: Sequence[Chore]) -> None:
    """Tidy for ever."""
    while True:
        await tidy(db, chores)
        await asyncio.sleep(EVERY_SECONDS)
