"""The one migration history, for SQLite and PostgreSQL; ships inside the package."""

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from core.errors import DatabaseUnreachable, DatabaseUnusable

if TYPE_CHECKING:
    from alembic.config import Config

HERE = Path(__file__).parent


def config(url: str) -> "Config":
    """Return Alembic's configuration for one database."""
    from alembic.config import Config  # noqa: PLC0415

    settings = Config()
    settings.set_main_option("script_location", str(HERE))
    settings.set_main_option("file_template", "%%(year)d%%(month).2d%%(day).2d_%%(slug)s")
    settings.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return settings


def newest() -> str:
    """Return the newest revision; reads the files instead of importing Alembic."""
    revisions, parents = set(), set()
    for file in (HERE / "versions").glob("*.py"):
        source = file.read_text("utf-8")
        revisions.update(re.findall(r'^revision = "(\w+)"', source, re.MULTILINE))
        parents.update(re.findall(r'^down_revision = "(\w+)"', source, re.MULTILINE))
    (head,) = revisions - parents
    return str(head)


def current(url: str) -> str | None:
    """Return the revision of the database at `url`, or None for an empty one."""
    return asyncio.run(_current(url))


async def _current(url: str) -> str | None:
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            rows = await connection.execute(text("SELECT version_num FROM alembic_version"))
            revision: str | None = rows.scalar_one_or_none()
            return revision
    except DBAPIError:
        return None
    finally:
        await engine.dispose()


def upgrade(url: str) -> None:
    """Bring the database at `url` to the newest schema.

    Raises:
        DatabaseUnreachable: nobody answers there.
        DatabaseUnusable: it is no database of ours, damaged, or newer than this program.
    """
    from alembic import command  # noqa: PLC0415 - half a second that only a migration pays
    from alembic.util.exc import CommandError  # noqa: PLC0415 - the same

    try:
        command.upgrade(config(url), "head")
    except OSError as error:
        raise DatabaseUnreachable from error
    except (DBAPIError, CommandError) as error:
        shown = make_url(url).render_as_string(hide_password=True)
        why = str(getattr(error, "orig", None) or error)
        raise DatabaseUnusable(database=shown, why=why) from error
