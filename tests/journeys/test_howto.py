"""What the how-to pages tell a developer to run does what they say, against a real server."""

import asyncio
import importlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from api import wiring
from api.people import service
from api.people.models import Official, Unit
from core.actor import Role
from core.config import Settings
from tests.journeys.world import World, world
from tests.support.correspondence import form, letter
from tests.support.databases import SqliteFactory
from tests.support.ministry import PASSWORD
from tests.support.pages import block

pytestmark = pytest.mark.story

IDENTITY, PHONE, FIRST = "reference/identity.md", "howto/connect-a-phone.md", "howto/first-calls.md"
DEMO_PASSWORD = "giay-trang"
TITLE = "Về việc rà soát quy hoạch sử dụng đất"
PATIENCE = 30


@pytest.fixture
async def office(tmp_path: Path, sqlite: SqliteFactory) -> AsyncGenerator[World]:
    folder = tmp_path / "server"
    folder.mkdir()
    async with world(folder, sqlite) as office:
        await _give_the_pages_accounts(office)
        yield office


async def _give_the_pages_accounts(office: World) -> None:
    """The accounts of the demo, without its two hundred letters."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(DEMO_PASSWORD)
    engines = wiring.assemble(Settings(data=office.folder))
    async with engines.db.begin() as tx:
        colleague = await tx.session.get_one(Official, office.ministry.clerk.id)
        unit = await tx.session.get_one(Unit, colleague.unit_id)
        for account, role in (("van.thu", Role.CLERK), ("quan.tri", Role.ADMINISTRATOR)):
            person = service.engage(tx, unit, full_name=account, position="Chuyên viên")
            service.open_account(tx, person, account=account, password_hash=cheap, roles=[role])
    await engines.db.dispose()


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A developer's folder, with the scripts as the pages print them."""
    desk = tmp_path / "desk"
    desk.mkdir()
    (desk / "proof.py").write_text(block(IDENTITY, "python", "import base64"), "utf-8")
    (desk / "phone.py").write_text(block(PHONE, "python", "class Phone"), "utf-8")
    return desk


def run(script: str, server: World, desk: Path) -> list[str]:
    """Run the lines of a page; each must succeed."""
    script = script.replace("http://127.0.0.1:8000", server.server.url)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=desk, capture_output=True, text=True,
        env=os.environ | {"PATH": path, "NO_PROXY": "*"}, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout.splitlines()


async def test_first_calls(office: World, desk: Path) -> None:
    letter(desk)
    (desk / "data" / "demo").mkdir(parents=True)
    letter(desk / "data" / "demo", name="signed.pdf")

    calls = block(FIRST, "sh", "sessions/console")
    demo = "make demo URL=$URL\n"  # has a test of its own; what it leaves is there already
    assert demo in calls
    said = "".join(run(calls.replace(demo, ""), office, desk))

    answers = list(_documents(said))
    assert answers[0]["roles"] == ["clerk"]
    assert "type" not in answers[0]
    assert answers[3]["state"] == "registered"
    assert answers[4]["verdict"] == "indeterminate"


def _documents(text: str) -> Iterator[Any]:
    decoder, place = json.JSONDecoder(), 0
    while place < len(text):
        found, place = decoder.raw_decode(text, place)
        yield found


async def test_a_phone_by_curl(office: World, desk: Path) -> None:
    calls = block(PHONE, "sh", "login()") + block(PHONE, "sh", "stranger")
    said = "".join(run(calls, office, desk))

    approved, me, inbox, pushed, ticket, stranger = list(_documents(said))
    assert approved["state"] == "approved"
    assert (me["roles"], me["device_id"]) == (["clerk"], approved["id"])
    assert inbox["items"] == pushed == []
    assert ticket["expires_in"] == 30
    assert stranger["type"] == "identity.device_pending"


@pytest.fixture
async def phone(office: World, desk: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Any]:
    """The client of the page, in the hands of the officer."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.syspath_prepend(desk)
    monkeypatch.chdir(desk)
    phone = importlib.import_module("phone").Phone(office.server.url)
    yield phone
    if phone.socket is not None:
        await phone.socket.close()
    await phone.http.aclose()
    for name in ("phone", "proof"):
        del sys.modules[name]


async def test_the_client_of_the_page_is_live_resumes_and_is_rung(
    office: World, phone: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = await _begin(office, phone, capsys)
    living = asyncio.create_task(phone.live(stream))
    await _frame(phone, lambda frame: "snap" in frame)
    await _direct_a_task(office)
    await _frame(phone, lambda frame: frame.get("k") == "inbox.notified")

    living.cancel()
    phone.socket.transport.abort()
    before, pushed = phone.places[stream][1], await _pushed(phone)
    await _direct_a_task(office)
    message = await _pushed_after(phone, pushed)
    (shown,) = await phone.rung(message["n"], message["e"])
    kinds = [item["kind"] for item in await phone.rung(message["n"])]
    phone.token = "worth nothing any more"
    living = asyncio.create_task(phone.live(stream))
    welcome = (await _frame(phone, lambda frame: frame["t"] == "welcome"))["streams"][stream]
    missed = [(await _frame(phone, lambda frame: "q" in frame))["q"] for _ in range(welcome["n"])]

    assert (shown["title"], shown["about"]) == ("Bạn có nhiệm vụ mới.", TITLE)
    assert (await phone.ask("GET", shown["link"])).json()["title"] == TITLE
    assert kinds.count("tasks.assigned") == 2
    assert welcome["state"] == "recovered"
    assert missed == list(range(before + 1, welcome["head"] + 1))
    assert len(missed) > 0
    living.cancel()


async def test_the_client_of_the_page_stays_away_once_it_is_revoked(
    office: World, phone: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = await _begin(office, phone, capsys)
    living = asyncio.create_task(phone.live(stream))
    await _frame(phone, lambda frame: "snap" in frame)

    me = (await phone.ask("GET", "/me")).json()
    await phone.ask("POST", f"/devices/{me['device_id']}/revoke")

    async with asyncio.timeout(PATIENCE):
        await living
    assert phone.socket.close_code == 4403


async def _begin(office: World, phone: Any, capsys: pytest.CaptureFixture[str]) -> str:
    """Log in, wait for an approval, and say how push reaches the phone; return its stream."""
    officer = office.ministry.officer
    await asyncio.gather(phone.log_in(officer.account, PASSWORD), _approve(office, capsys))
    me = (await phone.ask("GET", "/me")).json()
    reached = await phone.reached_at("recorded", f"phone-{me['device_id']}")
    assert reached.status_code == 204
    return f"user:{officer.id}"


async def _frame(phone: Any, wanted: Callable[[Any], bool]) -> Any:
    async with asyncio.timeout(PATIENCE):
        while not wanted(frame := await phone.heard.get()):
            pass
        return frame


async def _approve(office: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Approve the first device that waits, as an administrator at a console."""
    async with httpx.AsyncClient(base_url=office.server.url, trust_env=False) as client:
        body = {"account": "quan.tri", "password": DEMO_PASSWORD}
        token = (await client.post("/sessions/console", json=body)).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}

        async def waiting() -> list[str]:
            devices = (await client.get("/devices", headers=headers)).json()
            return [device["id"] for device in devices if device["state"] == "pending"]

        (device_id,) = await _until(waiting)
        await client.post(f"/devices/{device_id}/approve", headers=headers)
    assert "waiting for an administrator" in capsys.readouterr().out


async def _direct_a_task(office: World) -> None:
    files = {"file": ("letter.pdf", letter(office.folder).read_bytes(), "application/pdf")}
    said = form(office.ministry)
    incoming = await office.post("clerk", "/documents/incoming", data=said, files=files)
    task = {
        "document_id": incoming["id"],
        "content": "Tham mưu trả lời",
        "lead_id": str(office.ministry.officer.id),
        "deadline": (datetime.now(UTC) + timedelta(days=3)).isoformat(),
    }
    await office.post("leader", "/tasks", json=task)


async def _pushed(phone: Any) -> list[Any]:
    return list((await phone.ask("GET", "/simulated/push")).json())


async def _pushed_after(phone: Any, before: list[Any]) -> Any:
    async def new() -> list[Any]:
        return [message for message in await _pushed(phone) if message not in before]

    return (await _until(new))[-1]


async def _until(found: Callable[[], Awaitable[list[Any]]]) -> list[Any]:
    """Ask until there is an answer: what is waited for happens in another process."""
    async with asyncio.timeout(PATIENCE):
        while not (answer := await found()):
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.Event().wait(), 0.1)
        return answer
