"""Saved searches follow the documents: whatever becomes findable is held against them."""

from typing import Any
from uuid import UUID

from api.lookup.saved import queries, service
from core.db import Database

_BATCH = 100


async def watch(db: Database, payload: dict[str, Any]) -> None:
    """Tell whose searches the document answers that a fact speaks of; nobody is told twice.

    Most documents answer none: only what does takes the database's one writer.
    """
    body = payload["body"]
    document_id = UUID(body["document_id"])
    async with db.read() as view:
        found = await queries.findable(view, document_id)
        answered = await queries.answered_by(view, found) if found else {}
    if any(answered.values()):
        async with db.begin() as tx:
            await service.tell(tx, document_id, UUID(body["by"]) if body.get("by") else None)


async def catch_up(db: Database) -> None:
    """Work out anew what an older analysis has worked out."""
    while True:
        async with db.begin() as tx:
            if not await service.renew(tx, _BATCH):
                return
