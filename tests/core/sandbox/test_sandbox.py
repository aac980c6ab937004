"""A hostile file costs one worker, never the server."""

import asyncio
import os
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from core.config import SandboxLimits
from core.errors import NotFound
from core.sandbox import Sandbox, SandboxKilled
from core.sandbox.pool import SandboxFailed
from tests.support import deeds

LIMITS = SandboxLimits(workers=2, memory_bytes=1024**3, cpu_seconds=1, wall_seconds=5)


@pytest.fixture
async def sandbox() -> AsyncGenerator[Sandbox]:
    sandbox = Sandbox(LIMITS, packages=("core", "tests"))
    yield sandbox
    await sandbox.close()


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


async def test_values_bytes_and_paths_come_back_as_they_went(sandbox: Sandbox) -> None:
    values = [1, "đ", b"\x00\xff", Path("/a/b"), {"k": [b"x", None]}]

    assert await sandbox.run(deeds.echo, *values) == values


async def test_a_refusal_inside_is_the_same_refusal_outside(sandbox: Sandbox) -> None:
    with pytest.raises(NotFound) as refusal:
        await sandbox.run(deeds.refuse, "page")

    assert refusal.value.facts == {"what": "page"}


async def test_any_other_failure_says_its_name(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxFailed, match="ZeroDivisionError"):
        await sandbox.run(deeds.fail)


@pytest.mark.parametrize("deed", [deeds.eat_memory, deeds.spin, deeds.crash])
async def test_a_breach_is_refused_and_the_next_job_works(sandbox: Sandbox, deed: object) -> None:
    with pytest.raises(SandboxKilled):
        await sandbox.run(deed)  # type: ignore[arg-type]

    assert await sandbox.run(deeds.echo, 1) == [1]


async def test_a_job_that_only_waits_is_ended_by_the_clock() -> None:
    limits = LIMITS.model_copy(update={"wall_seconds": 1})
    sandbox = Sandbox(limits, packages=("tests",))

    with pytest.raises(SandboxKilled) as refusal:
        await sandbox.run(deeds.sleep_long)

    assert refusal.value.facts == {"why": "time"}
    await sandbox.close()


async def test_what_a_library_prints_disturbs_nothing(sandbox: Sandbox) -> None:
    assert await sandbox.run(deeds.chatter) == "said"


async def test_a_worker_knows_no_secret_of_the_environment(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHONGGIAY_DATABASE_URL", "postgresql://secret")

    assert set(await sandbox.run(deeds.environment)) <= {"LANG", "LC_CTYPE", "PYTHONPATH"}


async def test_a_warm_worker_is_used_again(sandbox: Sandbox) -> None:
    first = await sandbox.run(deeds.identity)

    assert await sandbox.run(deeds.identity) == first


async def test_only_functions_of_our_own_packages_can_be_named(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxFailed, match="LookupError"):
        await sandbox.run(os.getcwd)


async def test_many_callers_wait_their_turn(sandbox: Sandbox) -> None:
    answers = await asyncio.gather(*(sandbox.run(deeds.echo, n) for n in range(20)))

    assert answers == [[n] for n in range(20)]


async def test_a_caller_who_goes_away_leaves_no_process_behind(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    pipe = tmp_path / "pid"
    os.mkfifo(pipe)
    call = asyncio.create_task(sandbox.run(deeds.mark_and_spin, pipe))
    process = int(await asyncio.to_thread(pipe.read_text))

    call.cancel()
    await asyncio.gather(call, return_exceptions=True)

    assert not is_alive(process)
