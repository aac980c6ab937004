"""A hostile file costs one worker, never the server."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import psutil
import pytest

from core.bounds import SandboxLimits
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


@pytest.mark.parametrize(
    ("deed", "why"),
    [
        (deeds.eat_memory, "memory"),
        (deeds.spin, "time"),
        (deeds.crash, "crash"),
        (deeds.abort, "crash"),
        (deeds.quit_early, "crash"),
    ],
)
async def test_a_breach_is_refused_and_the_next_job_works(
    sandbox: Sandbox, deed: Callable[[], object], why: str
) -> None:
    with pytest.raises(SandboxKilled) as refusal:
        await sandbox.run(deed)

    assert refusal.value.facts == {"why": why}
    assert await sandbox.run(deeds.echo, 1) == [1]


async def test_a_file_without_end_is_refused(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(SandboxKilled) as refusal:
        await sandbox.run(deeds.write_without_end, tmp_path / "long")

    assert refusal.value.facts == {"why": "file"}


def frame(body: bytes) -> bytes:
    return len(body).to_bytes(4) + body


@pytest.mark.parametrize(
    "answer",
    [
        frame(b"no json"),
        frame(b"[]"),
        frame(b"{}"),
        frame(b"3"),
        frame(b'{"value": {"$bytes": 5}}'),
        frame(b"[" * 900 + b"]" * 900),
        frame(b'{"refused": "os:getcwd", "facts": {}}'),
        frame(b'{"refused": "tests.support.deeds:crash", "facts": {}}'),
        frame(b'{"refused": "core.nothing:NotFound", "facts": {}}'),
        frame(b'{"refused": "core.errors:NotFound", "facts": 7}'),
        frame(b'{"refused": 7}'),
        b"\xff\xff\xff\xff",
    ],
)
async def test_nonsense_from_a_worker_does_nothing_in_the_parent(
    sandbox: Sandbox, answer: bytes
) -> None:
    with pytest.raises(SandboxKilled) as refusal:
        await sandbox.run(deeds.lie, answer)

    assert refusal.value.facts == {"why": "answer"}
    assert await sandbox.run(deeds.echo, 1) == [1]


async def test_a_result_that_is_no_plain_value_is_a_fault_of_ours(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxFailed, match="object"):
        await sandbox.run(deeds.answer_with_an_object)


async def test_a_worker_that_has_grown_is_replaced(sandbox: Sandbox) -> None:
    first = await sandbox.run(deeds.identity)

    await sandbox.run(deeds.grow)

    assert await sandbox.run(deeds.identity) != first


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


async def test_a_worker_that_died_while_idle_costs_nobody_a_job(sandbox: Sandbox) -> None:
    os.kill(await sandbox.run(deeds.identity), signal.SIGKILL)
    await sandbox._free[0]._process.wait()

    assert await sandbox.run(deeds.echo, 1) == [1]


async def test_closing_ends_workers_in_the_middle_of_their_jobs(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    pipe = tmp_path / "pid"
    os.mkfifo(pipe)
    call = asyncio.create_task(sandbox.run(deeds.mark_and_spin, pipe))
    process = int(await asyncio.to_thread(pipe.read_text))

    await sandbox.close()

    assert not is_alive(process)
    with pytest.raises(SandboxKilled):
        await call


SERVER = """
import asyncio, sys
from pathlib import Path
from core.bounds import SandboxLimits
from core.sandbox import Sandbox
from tests.support import deeds

sandbox = Sandbox(SandboxLimits(), packages=("tests",))
asyncio.run(sandbox.run(deeds.mark_and_spin, Path(sys.argv[1])))
"""


async def test_workers_die_with_a_killed_server(tmp_path: Path) -> None:
    pipe = tmp_path / "pid"
    os.mkfifo(pipe)
    server = await asyncio.create_subprocess_exec(sys.executable, "-c", SERVER, str(pipe))
    worker = psutil.Process(int(await asyncio.to_thread(pipe.read_text)))

    server.kill()

    await server.wait()
    assert await asyncio.to_thread(worker.wait, 5) is None


async def test_a_worker_of_a_large_server_is_used_again(sandbox: Sandbox) -> None:
    ballast = bytearray(LIMITS.memory_bytes * 3 // 4)
    ballast[:: os.sysconf("SC_PAGE_SIZE")] = b"x" * len(ballast[:: os.sysconf("SC_PAGE_SIZE")])

    first = await sandbox.run(deeds.identity)

    assert await sandbox.run(deeds.identity) == first
    assert ballast
