"""What time itself does to the floor: jobs that were set when a speech began."""

from typing import Any
from uuid import UUID

from api.meetings.floor import service
from core.db import Database


async def expire(db: Database, payload: dict[str, Any]) -> None:
    """End a speech whose time is used up; again changes nothing."""
    async with db.begin() as tx:
        await service.expire(tx, UUID(payload["turn_id"]), payload["budget_ms"])
