"""How often something was read, first and last, counted by the database itself.

The same page may be asked for twice at once, on any two nodes.
"""

from sqlalchemy import inspect
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import col

from api.meetings.models import PageRead
from api.meetings.recording.models import RecordingRead
from core.db import Tx


async def count(tx: Tx, read: PageRead | RecordingRead) -> None:
    """Keep a first read, or count it to those that were kept under the same key before."""
    table = type(read)
    postgresql = tx.session.get_bind().dialect.name == "postgresql"
    insert = postgresql_insert if postgresql else sqlite_insert
    statement = insert(table).values(**read.model_dump()).on_conflict_do_update(
        index_elements=inspect(table).primary_key,
        set_={"times": col(table.times) + read.times, "last_at": read.last_at},
    )  # fmt: skip
    await (await tx.session.connection()).execute(statement)
