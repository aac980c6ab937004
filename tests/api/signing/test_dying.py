"""Whoever collects a signature may die at any moment: nothing is lost, nobody is prompted twice.

The short form breaks off in this process at every moment there is; the long one kills real
processes there, many times, on both engines.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NoReturn
from uuid import UUID

import pytest

from api import wiring
from api.demo.phone import Phone
from api.signing import flows
from api.signing.lists import flows as lists
from api.signing.models import SignatureRequest
from api.signing.rules import FINAL, State
from api.wiring import Engines
from core.config import Settings
from core.worker import RunAgain
from tests.api.signing.lists.test_lists import gathered, the_list
from tests.support.clock import Clock
from tests.support.databases import PostgresFactory, SqliteFactory
from tests.support.dying import Fate, mortal, started
from tests.support.ministry import Ministry, Person, found
from tests.support.signing import consent, enrol, operator, submitted, the_request, work

As = Callable[[Person], Awaitable[Phone]]
#: Moments of one signature, from the yes to the signed file; of a list of two, until released.
MOMENTS, LIST_MOMENTS = range(32), range(0, 46, 6)
#: Seconds by which a second worker's clock makes every lease seem over.
NOT, AHEAD = timedelta(), timedelta(seconds=61)

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Died(Exception):
    """The process would be gone."""


def die() -> NoReturn:
    raise Died


async def sign_through(
    engines: Engines, ministry: Ministry, clock: Clock, moment: int
) -> tuple[SignatureRequest, Fate]:
    """Have a paper signed by somebody who dies in a moment, and by whoever comes after."""
    request = await submitted(engines, ministry)
    await consent(engines, ministry, request.id)
    fate = Fate(moment, die)
    tools = mortal(engines.signing, fate)
    while (await the_request(engines, request.id)).state not in FINAL:
        try:
            await flows.step(tools, request.id)
        except (Died, RunAgain):
            clock.tick(timedelta(seconds=2))
    return await the_request(engines, request.id), fate


@on_sqlite
async def test_a_death_at_any_moment_loses_nothing_and_prompts_once(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry)

    for moment in MOMENTS:
        ended, fate = await sign_through(engines, ministry, clock, moment)
        assert ended.state is State.EMBEDDED, moment
        assert fate.spent > moment, "there is no such moment"
        assert operator(engines).prompts() == moment + 1


@on_sqlite
async def test_there_are_no_more_moments(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry)

    _, fate = await sign_through(engines, ministry, clock, moment=len(MOMENTS))

    assert fate.spent == len(MOMENTS)


@on_sqlite
async def test_a_death_amid_a_list_loses_nothing_and_prompts_once(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock
) -> None:
    await enrol(engines, ministry)
    leader = await as_(ministry.leader)

    for count, moment in enumerate(LIST_MOMENTS, 1):
        await leader.refresh()
        shown = await gathered(engines, ministry, leader, count=2)
        await leader.sign_list(shown)
        tools = mortal(engines.signing, Fate(moment, die))
        while (await the_list(engines, shown["id"])).state not in FINAL:
            try:
                await lists.step(tools, UUID(shown["id"]))
            except (Died, RunAgain):
                clock.tick(timedelta(seconds=2))
        await work(engines, clock, rounds=1)
        states = [
            (await the_request(engines, UUID(item["request_id"]))).state for item in shown["items"]
        ]
        assert states == [State.EMBEDDED] * 2, moment
        assert operator(engines).prompts() == count


# --- real processes, really killed ----------------------------------------------------------

TIMES = int(os.environ.get("KHONGGIAY_TEST_KILLS", "20"))


async def prepared(folder: Path, url: str) -> None:
    """Let a leader say yes to a paper, in an installation that nobody works in yet."""
    settings = Settings(data=folder, database_url=url)
    engines = wiring.assemble(settings)
    ministry = await found(engines.db)
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)
    await consent(engines, ministry, request.id)
    await engines.sandbox.close()
    await engines.db.dispose()


def exit_code(process: BaseProcess, *, patience: float) -> int | None:
    """Wait for a worker to end."""
    process.join(patience)
    return process.exitcode


async def ended_well(folder: Path, url: str) -> None:
    engines = wiring.assemble(Settings(data=folder, database_url=url))
    assert (await the_request(engines)).state is State.EMBEDDED
    assert operator(engines).prompts() == 1
    await engines.sandbox.close()
    await engines.db.dispose()


def one_after_the_other(folder: Path, url: str, moment: int) -> None:
    """Kill a worker in its moment, and let the next one finish."""
    asyncio.run(prepared(folder, url))
    assert exit_code(started(folder, url, moment, ahead=NOT), patience=60) == -9
    assert exit_code(started(folder, url, 10_000, ahead=NOT), patience=60) == 0
    asyncio.run(ended_well(folder, url))


def test_a_killed_worker_is_followed_by_one_that_ends_its_work(
    tmp_path: Path, sqlite: SqliteFactory
) -> None:
    one_after_the_other(tmp_path, sqlite.url(tmp_path), moment=20)


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("moment", MOMENTS)
def test_kills_at_every_moment_many_times(
    tmp_path: Path, sqlite: SqliteFactory, moment: int
) -> None:
    for attempt in range(TIMES):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        one_after_the_other(folder, sqlite.url(folder), moment)


@pytest.mark.slow
@pytest.mark.engines
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("moment", MOMENTS)
def test_kills_while_a_second_worker_takes_the_same_work(
    tmp_path: Path, postgres: PostgresFactory, moment: int
) -> None:
    for attempt in range(TIMES):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        url = postgres.url(folder)
        asyncio.run(prepared(folder, url))
        doomed = started(folder, url, moment, ahead=NOT)
        rival = started(folder, url, 10_000, ahead=AHEAD)
        assert exit_code(doomed, patience=90) in {-9, 0}, "the rival may have left it no work"
        assert exit_code(rival, patience=90) == 0
        asyncio.run(ended_well(folder, url))
