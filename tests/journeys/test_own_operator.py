"""A leader signs through an operator that is a process of its own, over mutual TLS."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sqlmodel import col, select

from api import background, wiring
from api.signing.rules import FINAL, State
from api.wiring import Engines
from core.clock import utc_now
from core.config import Settings
from core.db import Database
from core.jobs import Job, JobState
from core.worker import Worker
from tests.support import signing
from tests.support.databases import SqliteFactory
from tests.support.ministry import found
from tests.support.server import free_ports

pytestmark = pytest.mark.story
PHONE = "84912345042"
PATIENCE, POLL = 60, 0.05


class OwnOperator:
    """`khonggiay simulate operator` on a folder."""

    def __init__(self, folder: Path) -> None:
        self._soap, self._web = free_ports(2)
        self.web = f"http://127.0.0.1:{self._web}"
        command = [sys.executable, "-m", "api", "simulate", "operator"]
        ports = ["--port", str(self._soap), "--web-port", str(self._web)]
        self._process = subprocess.Popen(
            [*command, *ports],
            env=os.environ
            | {
                "KHONGGIAY_DATA": str(folder),
                "PYTHONUNBUFFERED": "1",
                "KHONGGIAY_SIGNING__SIMULATED_BY_HAND": "true",
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        self.printed = [self._process.stdout.readline() for _ in range(9)]  # type: ignore[union-attr]

    def environment(self) -> dict[str, str]:
        """Return what it printed, as a shell would take it."""
        script = "".join(self.printed) + "env -0"
        done = subprocess.run(["sh", "-c", script], check=True, capture_output=True, text=True)
        pairs = (line.partition("=") for line in done.stdout.split("\0"))
        return {name: value for name, _, value in pairs if name.startswith("KHONGGIAY_SIGNING")}

    def stop(self) -> int:
        self._process.send_signal(signal.SIGINT)
        self._process.stdout.close()  # type: ignore[union-attr]
        return self._process.wait(timeout=30)


@pytest.fixture
def own_operator(tmp_path: Path) -> Iterator[OwnOperator]:
    running = OwnOperator(tmp_path)
    yield running
    running.stop()


@pytest.fixture
async def engines(
    own_operator: OwnOperator,
    tmp_path: Path,
    sqlite: SqliteFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Engines]:
    """Our own parts, set as the operator's process says, with their work going on."""
    for name, value in own_operator.environment().items():
        monkeypatch.setenv(name, value)
    sqlite.url(tmp_path)
    settings = Settings(data=tmp_path)
    wiring.simulated_authority(settings).export_trust(settings.trust)
    engines = wiring.assemble(settings)
    work = asyncio.create_task(Worker(engines.db, background.handlers(engines)).run())
    yield engines
    async with asyncio.timeout(PATIENCE):
        await _work_is_done(engines.db)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)  # or a connection stays in its hands
    await engines.signing.mssp.close()
    await engines.sandbox.close()
    await engines.db.dispose()


async def _work_is_done(db: Database) -> None:
    """Wait until no job runs nor soon will: one that is cut off leaves its parts to others."""
    soon = col(Job.next_at) < utc_now() + timedelta(hours=1)
    waiting = select(Job.id).where(Job.state == JobState.WAITING, soon)
    while True:
        async with db.read() as view:
            if (await view.session.exec(waiting)).first() is None:
                return
        await asyncio.sleep(POLL)  # the work takes a moment


async def test_a_leader_signs_with_the_pin_typed_at_the_operators_phone(
    engines: Engines, own_operator: OwnOperator
) -> None:
    ministry = await found(engines.db)
    await signing.give_number(engines, ministry, PHONE)
    await wiring.simulated_parts(engines.settings).operator.enrol(
        PHONE, name=ministry.leader.full_name, organization="Bộ"
    )
    request = await signing.submitted(engines, ministry)
    await signing.consent(engines, ministry, request.id)

    async with httpx.AsyncClient(base_url=own_operator.web, trust_env=False) as screen:
        prompt = await first_prompt(screen)
        asked = await signing.the_request(engines, request.id)
        typed = await screen.post(
            f"/phones/{PHONE}/prompts/{prompt['id']}/pin", json={"pin": "123456"}
        )

    assert typed.is_success
    assert prompt["text"] == asked.display_text
    assert await end_of(engines, request.id) is State.EMBEDDED


async def first_prompt(screen: httpx.AsyncClient) -> dict[str, str]:
    """Wait until the phone shows something."""
    async with asyncio.timeout(PATIENCE):
        while True:
            shown: list[dict[str, str]] = (await screen.get(f"/phones/{PHONE}/prompts")).json()
            if shown:
                return shown[0]
            await asyncio.sleep(POLL)


async def end_of(engines: Engines, request_id: UUID) -> State:
    """Wait until the request has ended."""
    async with asyncio.timeout(PATIENCE):
        while True:
            request = await signing.the_request(engines, request_id)
            if request.state in FINAL:
                return request.state
            await asyncio.sleep(POLL)


@pytest.mark.parametrize("part", ["operator", "trust"])
def test_production_simulates_nothing(tmp_path: Path, part: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "api", "simulate", part],
        env=os.environ | {"KHONGGIAY_DATA": str(tmp_path), "KHONGGIAY_ENV": "production"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert "Production runs no simulated parts" in done.stderr
    assert "Môi trường thật" in done.stderr
    assert "«simulated-operator»" in done.stderr
