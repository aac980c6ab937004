"""Minutes that were written before they could be written together are not lost."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

from alembic import command
from alembic.script import ScriptDirectory

from api import migrations
from api.meetings.record.models import Minutes
from api.meetings.writing import queries
from core.db import Database

MEETING, EMPTY = UUID(int=1), UUID(int=2)
WORDS = "Ông Bưởi trình bày.\nCác đơn vị thống nhất 🙂."


def before(url: str, path: Path) -> None:
    """Migrate to where the text was a column, and write two minutes."""
    config = migrations.config(url)
    script = ScriptDirectory.from_config(config).get_revision("minutes_updates")
    assert script is not None
    command.upgrade(config, str(script.down_revision))
    row = (
        "INSERT INTO minutes (version, meeting_id, agency_id, text, attempt) VALUES (1, ?, ?, ?, 1)"
    )
    with closing(sqlite3.connect(path)) as plain, plain:
        for meeting, words in ((MEETING, WORDS), (EMPTY, "")):
            plain.execute(row, (meeting.hex, UUID(int=9).hex, words))


def test_a_text_that_was_a_column_is_the_first_update(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    url = f"sqlite+aiosqlite:///{path}"
    before(url, path)

    migrations.upgrade(url)

    asyncio.run(must_say(url))


async def must_say(url: str) -> None:
    db = Database(url)
    try:
        async with db.read() as view:
            assert await queries.words(view, MEETING) == WORDS
            assert await queries.words(view, EMPTY) == ""
            kept = [await view.session.get_one(Minutes, one) for one in (MEETING, EMPTY)]
            assert [(one.head, one.writers) for one in kept] == [(1, []), (0, [])]
    finally:
        await db.dispose()
