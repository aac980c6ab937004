"""Databases for tests: a migrated one is made once for each session and copied for each test.

PostgreSQL: `KHONGGIAY_TEST_POSTGRES_URL` when set, else a server of our own from the binaries that
are found (PATH, Debian's folders), else the test skips with the reason; in CI it fails.
"""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import event

from api import migrations
from core.db import Database

ROOT = 0
PATIENCE = 10
Result = TypeVar("Result")


def lacking(what: str) -> None:
    """Skip a fuller test whose part is not here; in CI its absence is a failure."""
    reason = f"{what} is not installed here"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def spare_the_disk(db: Database) -> None:
    """Let SQLite's commits stay in memory: no test of one process outlives the machine."""
    if db.engine.dialect.name != "sqlite":
        return

    @event.listens_for(db.engine.sync_engine, "connect")
    def _spare(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=OFF")
        cursor.close()


class SqliteFactory:
    """Copies a migrated file."""

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"
        migrations.upgrade(f"sqlite+aiosqlite:///{self._template}")

    def url(self, folder: Path) -> str:
        target = folder / "khonggiay.db"
        if not target.exists():
            shutil.copyfile(self._template, target)
        return f"sqlite+aiosqlite:///{target}"

    @contextmanager
    def lent(self, folder: Path) -> Iterator[str]:
        """Lend a copy to one test."""
        yield self.url(folder)


class PostgresFactory:
    """Lends copies of a migrated template database of one server.

    A copy takes longer than most tests, so that one that comes back is emptied and lent again.
    """

    def __init__(self, server: str) -> None:
        self._server = server
        self._template = f"template_{uuid4().hex[:12]}"
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._idle: list[str] = []
        self._run(self._create(self._template))
        migrations.upgrade(self._url(self._template))
        self._shape = self._run(self._read_shape())

    def url(self, _: Path) -> str:
        """Give a copy for good."""
        name = f"t_{uuid4().hex[:12]}"
        self._run(self._create(name, template=self._template))
        return self._url(name)

    @contextmanager
    def lent(self, folder: Path) -> Iterator[str]:
        """Lend a copy to one test."""
        url = self._idle.pop() if self._idle else self.url(folder)
        yield url
        if self._run(self._emptied(url)):
            self._idle.append(url)

    def close(self) -> None:
        """End what this process needs for it."""
        self._runner.close()

    def _run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self._runner.run(work)

    def _url(self, database: str) -> str:
        return f"{self._server.replace('postgresql://', 'postgresql+asyncpg://')}/{database}"

    async def _create(self, name: str, template: str = "template1") -> None:
        connection = await asyncpg.connect(f"{self._server}/postgres")
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        await connection.close()

    async def _read_shape(self) -> list[str]:
        connection = await asyncpg.connect(_plain(self._url(self._template)))
        shape = await _shape_of(connection)
        await connection.close()
        return shape

    async def _emptied(self, url: str) -> bool:
        """Make a database as it was; tell whether it could be, or has to be left alone."""
        connection = await asyncpg.connect(_plain(url))
        try:
            if await _shape_of(connection) != self._shape:
                return False
            await connection.execute(_WITHOUT_TRIGGERS)
            for statement in await _leftovers(connection, self._shape):
                await connection.execute(statement)
        except (asyncpg.PostgresError, TimeoutError):
            return False
        finally:
            await connection.close(timeout=PATIENCE)
        return True


#: The audit refuses to be emptied, and a test that still holds a table has lost its database.
_WITHOUT_TRIGGERS = "SET session_replication_role = replica; SET lock_timeout = '2s'"
_SHAPE = """
SELECT relkind::text || relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S') ORDER BY 1
"""
_REVISION = "SELECT string_agg(version_num, ' ') FROM alembic_version"


async def _shape_of(connection: Any) -> list[str]:
    """Return the names of the tables and sequences, and the revision."""
    names = [row[0] for row in await connection.fetch(_SHAPE)]
    return [*names, f"v{await connection.fetchval(_REVISION)}"]


async def _leftovers(connection: Any, shape: list[str]) -> list[str]:
    """Return the statements that remove what a test has left."""
    tables = [name[1:] for name in shape if name[0] == "r" and name != "ralembic_version"]
    asked = (f"SELECT '{one}' WHERE EXISTS (SELECT FROM \"{one}\")" for one in tables)
    filled = [row[0] for row in await connection.fetch(" UNION ALL ".join(asked))]
    begun = [f'ALTER SEQUENCE "{name[1:]}" RESTART' for name in shape if name[0] == "S"]
    return [*(f'DELETE FROM "{one}"' for one in filled), *(begun if filled else ())]


def _plain(url: str) -> str:
    return url.replace("+asyncpg", "")


#: Nothing of it outlives the tests, so that nothing has to reach the disk.
_CLUSTER = (
    "listen_addresses=127.0.0.1", "max_connections=300", "fsync=off", "full_page_writes=off",
    "synchronous_commit=off",
)  # fmt: skip


@contextmanager
def postgres_server() -> Iterator[str]:
    """Give the address of a PostgreSQL server for this session."""
    given = os.environ.get("KHONGGIAY_TEST_POSTGRES_URL")
    if given:
        yield given.rstrip("/")
        return
    binaries = postgres_binaries()
    if binaries is None:
        lacking("PostgreSQL")
    else:
        with tempfile.TemporaryDirectory(prefix="kg-pg-") as folder:
            yield from _own_cluster(binaries, Path(folder))


def postgres_binaries() -> Path | None:
    """Return the folder of PostgreSQL's programs, if they are here."""
    on_path = shutil.which("pg_ctl")
    found = [Path(on_path).parent] if on_path else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in found if (folder / "initdb").exists()), None)


def _own_cluster(binaries: Path, folder: Path) -> Iterator[str]:
    data, port = folder / "data", _free_port()
    as_user = _as_ordinary_user(folder)
    _run(*as_user, binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8")
    options = " ".join((f"-p {port} -k {folder}", *(f"-c {each}" for each in _CLUSTER)))
    control: list[str | Path] = [*as_user, binaries / "pg_ctl", "-D", data, "-w"]
    _run(*control, "-o", options, "start")
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}"
    finally:
        _run(*control, "-m", "immediate", "stop")


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _as_ordinary_user(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != ROOT:
        return []
    shutil.chown(folder, "postgres")
    return ["runuser", "-u", "postgres", "--"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
