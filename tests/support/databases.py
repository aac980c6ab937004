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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from api import migrations

ROOT = 0


def lacking(what: str) -> None:
    """Skip a fuller test whose part is not here; in CI its absence is a failure."""
    reason = f"{what} is not installed here"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


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


class PostgresFactory:
    """Copies a migrated template database of one server."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._template = f"template_{uuid4().hex[:12]}"
        asyncio.run(self._create(self._template))
        migrations.upgrade(self._url(self._template))

    def url(self, _: Path) -> str:
        name = f"t_{uuid4().hex[:12]}"
        asyncio.run(self._create(name, template=self._template))
        return self._url(name)

    def _url(self, database: str) -> str:
        return f"{self._server.replace('postgresql://', 'postgresql+asyncpg://')}/{database}"

    async def _create(self, name: str, template: str = "template1") -> None:
        connection = await asyncpg.connect(f"{self._server}/postgres")
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        await connection.close()


@contextmanager
def postgres_server() -> Iterator[str]:
    """Give the address of a PostgreSQL server for this session."""
    given = os.environ.get("KHONGGIAY_TEST_POSTGRES_URL")
    if given:
        yield given.rstrip("/")
        return
    binaries = _postgres_binaries()
    if binaries is None:
        lacking("PostgreSQL")
    else:
        with tempfile.TemporaryDirectory(prefix="kg-pg-") as folder:
            yield from _own_cluster(binaries, Path(folder))


def _postgres_binaries() -> Path | None:
    on_path = shutil.which("pg_ctl")
    found = [Path(on_path).parent] if on_path else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in found if (folder / "initdb").exists()), None)


def _own_cluster(binaries: Path, folder: Path) -> Iterator[str]:
    data, port = folder / "data", _free_port()
    as_user = _as_ordinary_user(folder)
    _run(*as_user, binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=300"
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
