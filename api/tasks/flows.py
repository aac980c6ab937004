"""What time itself does to tasks: jobs that were set when the deadline was."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from api.tasks import deadlines, queries
from api.tasks.rules import Move
from core.db import Database
from core.worker import RunAgain

#: How often an alarm looks whether the task's paper is back that was taken from everybody.
WITHHELD_PAUSE = timedelta(hours=1)


async def keep_time(db: Database, move: Move, payload: dict[str, Any]) -> None:
    """Make the move that an alarm was set for; again changes nothing.

    Raises:
        RunAgain: nobody may be told of the task now.
    """
    task_id = UUID(payload["task_id"])
    async with db.begin() as tx:
        if await queries.is_withheld(tx, task_id):
            raise RunAgain(WITHHELD_PAUSE)
        await deadlines.keep_time(tx, task_id, payload["deadline_no"], move)
