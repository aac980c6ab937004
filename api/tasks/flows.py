"""What time itself does to tasks: jobs that were set when the deadline was."""

from typing import Any
from uuid import UUID

from api.tasks import deadlines
from api.tasks.rules import Move
from core.db import Database


async def keep_time(db: Database, move: Move, payload: dict[str, Any]) -> None:
    """Make the move that an alarm was set for; again changes nothing."""
    async with db.begin() as tx:
        await deadlines.keep_time(tx, UUID(payload["task_id"]), payload["deadline_no"], move)
