"""What time itself does for invitations: jobs that were set when the date was."""

from typing import Any
from uuid import UUID

from api.meetings.invitations import service
from core.db import Database


async def remind(db: Database, payload: dict[str, Any]) -> None:
    """Remind a meeting's people; a date that was moved meanwhile comes to nothing."""
    async with db.begin() as tx:
        await service.remind(tx, UUID(payload["meeting_id"]), payload["for"])
