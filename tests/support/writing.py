"""Minutes of the weekly meeting, open to be written, and a server that people write them on."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

from fastapi import FastAPI

from api.meetings.record import service as record
from api.meetings.rules import Move
from core.bus.port import Bus
from core.clock import Clock
from core.db import Database
from realtime.endpoint import SERVER_OPTIONS
from realtime.limits import Limits
from realtime.texts.endpoint import router
from realtime.texts.gate import TextGate
from realtime.texts.shelf import Shelf
from tests.support.gatherings import TO_SESSION, called
from tests.support.ministry import Ministry
from tests.support.serving import Served, served


async def begun(db: Database, ministry: Ministry) -> UUID:
    """Hold a meeting to its end and begin its minutes."""
    meeting_id = await called(db, ministry, *TO_SESSION, Move.CLOSE)
    async with db.begin() as tx:
        await record.begin(tx, ministry.secretary.actor, meeting_id)
    return meeting_id


@asynccontextmanager
async def node(
    gate: TextGate, bus: Bus, clock: Clock, limits: Limits | None = None
) -> AsyncGenerator[tuple[Served, Shelf]]:
    """Serve shared texts as one process of several does."""
    app, shelf = FastAPI(), Shelf(gate, bus, limits, clock)
    app.state.texts = shelf
    app.include_router(router)
    async with served(app, **SERVER_OPTIONS) as running:
        following = asyncio.create_task(shelf.run())
        try:
            yield running, shelf
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
