"""Alembic's entry: one history for SQLite and PostgreSQL."""

import asyncio

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from api.lookup.ddl import PREFIX as FULL_TEXT
from api.tables import TABLES


def is_ours(name: str | None, kind: str, _: object) -> bool:
    """Leave out what the full-text engines manage themselves."""
    return not (kind == "table" and name is not None and name.startswith(FULL_TEXT))


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=TABLES[0].metadata,
        render_as_batch=True,
        compare_type=True,
        include_name=is_ours,
    )
    with context.begin_transaction():
        context.run_migrations()


async def main() -> None:
    engine = create_async_engine(context.config.get_main_option("sqlalchemy.url") or "")
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
        await connection.commit()
    await engine.dispose()


asyncio.run(main())
