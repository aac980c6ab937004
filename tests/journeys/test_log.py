"""Through a whole day of an office, the log holds nobody's name, title, number, key or token."""

import asyncio
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from tests.journeys.test_kill import story
from tests.journeys.world import world
from tests.support.correspondence import letter
from tests.support.databases import SqliteFactory
from tests.support.server import Server
from tests.support.tap import Tap, tapped

pytestmark = pytest.mark.story

SECRET = "Trần-Thị-Bí-Mật-0912345678"
#: What a log may say although it also stands in answers: names of facts, states, kinds and moments.
HARMLESS = re.compile(
    r"[a-z]+([._-][a-z]+)*"  # `meeting.opened`, `in_session`
    r"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # ids of rows
    r"|\d{4}-\d\d-\d\d(T[\d:.]+(Z|\+00:00))?"
)


async def misbehave(tap: Tap) -> None:
    """Put a secret everywhere a caller can put something."""
    url = f"http://127.0.0.1:{tap.port}"
    account = {"account": SECRET, "password": SECRET}
    headers = {"Authorization": f"DPoP {SECRET.encode()!r}", "DPoP": quote(SECRET)}
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as client:
        await client.get(f"/{quote(SECRET)}?q={quote(SECRET)}", headers=headers)
        await client.get(f"/documents/{quote(SECRET)}/file", headers=headers)
        await client.get(f"/lookup?q={quote(SECRET)}", headers=headers)
        await client.get("/me", headers=headers | {"Host": quote(SECRET)})
        await client.post("/sessions", json=account | {"device_name": SECRET}, headers=headers)
        await client.post("/sessions/console", json=account)
        await client.post("/sessions/console", content=json.dumps(account)[:-1])
        await client.post("/sessions/refresh", json={"refresh_token": SECRET * 2}, headers=headers)
        for body in (SECRET.encode(), b"%PDF-1.7 /Title (" + SECRET.encode() + b")"):
            await client.post("/verify", files={"file": (f"{SECRET}.pdf", body)})
    for protocol in (f"ticket.{quote(SECRET)}", quote(SECRET)):
        await _dial(tap.port, protocol)


async def _dial(port: int, protocol: str) -> None:
    names = [Subprotocol("khonggiay.v1"), Subprotocol(protocol)]
    url = f"ws://127.0.0.1:{port}/realtime?ticket={quote(SECRET)}"
    try:
        async with connect(url, subprotocols=names, proxy=None) as socket:
            await socket.send(json.dumps({"t": "auth", "ticket": SECRET}))
            await socket.send(SECRET)
            async for _ in socket:
                pass
    except WebSocketException:
        pass


def tell_the_demo(folder: Path, url: str) -> None:
    environment = os.environ | {"KHONGGIAY_DATA": str(folder)}
    command = [sys.executable, "-m", "api", "demo", "--url", url]
    told = subprocess.run(command, check=False, env=environment, capture_output=True)
    assert told.returncode == 0, told.stdout.decode()


def kept_in(database: Path) -> Iterator[str]:
    """Every text that the database holds, the audit and the index included."""
    with closing(sqlite3.connect(database)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in tables.fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                yield from (value for value in row if isinstance(value, str))


def nothing_leaks(folder: Path, tap: Tap) -> None:
    said = tap.strings() | set(kept_in(folder / "khonggiay.db")) | {SECRET}
    secrets = {text for text in said if len(text) > 3 and not HARMLESS.fullmatch(text)}
    log = (folder / "server.log").read_text("utf-8")

    routes = {json.loads(line).get("route") for line in log.splitlines() if line.startswith("{")}
    assert {"/documents/{document_id}/file", "/sessions", "/realtime", "-"} <= routes
    assert len(secrets) > 200
    assert [text for text in sorted(secrets) if text in log] == []


async def test_nobodys_data_is_in_the_log(tmp_path: Path, sqlite: SqliteFactory) -> None:
    async with tapped() as tap, world(tmp_path, sqlite, tap) as here:
        await story(here, letter(tmp_path))
        await misbehave(tap)

    nothing_leaks(tmp_path, tap)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_nor_is_anybodys_of_the_demo(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    async with tapped() as tap:
        page = json.dumps([f"http://localhost:{tap.port}"])
        server = Server(tmp_path / "server", "--demo", PASSKEYS__ORIGINS=page)
        url = tap.in_front_of(server)
        server.start()
        try:
            await server.ready(patience=180)
            await asyncio.to_thread(tell_the_demo, tmp_path / "story", url)
            await misbehave(tap)
        finally:
            server.stop()

    nothing_leaks(tmp_path / "server", tap)
