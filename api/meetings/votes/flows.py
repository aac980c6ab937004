"""What time itself does to votes: jobs that were set when they opened."""

from typing import Any
from uuid import UUID

from api.meetings.votes import service
from core.db import Database


async def close(db: Database, payload: dict[str, Any]) -> None:
    """Close a vote whose time has come; again changes nothing."""
    async with db.begin() as tx:
        await service.close_by_time(tx, UUID(payload["vote_id"]))
