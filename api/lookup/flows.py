"""The index follows the documents, fact by fact."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

from api.lookup import service
from api.lookup.index.port import Index
from api.lookup.reading import read
from core.db import Database
from core.errors import Stale
from core.worker import RunAgain

_SOON = timedelta(milliseconds=50)


async def follow(db: Database, index: Index, payload: dict[str, Any]) -> None:
    """Index the document that a fact speaks of, as it stands now."""
    document_id = UUID(payload["body"]["document_id"])
    async with db.read() as view:
        source = await service.source(view, document_id)

    reading = await asyncio.to_thread(read, source)

    try:
        async with db.begin() as tx:
            await service.keep(tx, index, source, reading)
    except Stale as changed:
        raise RunAgain(_SOON) from changed
