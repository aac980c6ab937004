"""What a secret vote costs: ballots durable before they are acknowledged, then the count."""

import asyncio
import random
import shutil
import time
from pathlib import Path

from api.meetings.secrecy import archive, flows, hands
from api.meetings.secrecy.hands import Remembered
from bench import world
from bench.harness import Report, is_quick, note, percentile
from tests.support.ministry import found
from tests.support.secret_votes import TOOL, make_committee, open_box, opened_sum

VOTERS = 20 if is_quick() else 500
#: Within how many seconds they vote, each at a moment of chance, as phones are told to.
SPREAD = 1.0 if is_quick() else 9.0
#: How many ballots are made at the same time, before anything is measured.
MADE_AT_ONCE = 2


def a_secret_vote(report: Report, folder: Path) -> None:
    """Let a hall vote in secret, and count and recount it with the real tool."""
    if shutil.which("belenios-tool") is None:
        note("  not measured: belenios-tool is not installed")
        return
    note(f"rooms: {VOTERS} vote in secret ...")
    folder.mkdir()
    whole, acks, counting, counted = asyncio.run(_vote(folder))
    case = f"secret vote of {VOTERS}"
    report.add(f"{case}: all ballots", "s", whole, goal="ours <= 10")
    report.add(f"{case}: p99 acknowledgement", "ms", acks, goal="ours <= 200")
    report.add(f"{case}: verified, summed up, opened by two trustees", "s", counting)
    report.add(f"{case}: ballots in the recount", "", counted, goal=f"ours >= {VOTERS}")


async def _vote(folder: Path) -> tuple[float, float, float, int]:
    async with world.engines_in(folder / "server") as engines:
        ministry = await found(engines.db)
        committee = await make_committee(_made(folder / "committee"))
        box = await open_box(engines, ministry, committee, VOTERS)
        making, choices = asyncio.Semaphore(MADE_AT_ONCE), [number % 2 for number in range(VOTERS)]

        async def make(slip: str, choice: int) -> str:
            async with making:
                return await hands.ballot(TOOL, box.setup, slip, choice)

        ballots = await asyncio.gather(*map(make, box.slips, choices))
        late: list[float] = []
        chance = random.Random(0)

        async def cast(ballot: str) -> str:
            await asyncio.sleep(chance.uniform(0, SPREAD))
            since = time.perf_counter()
            tracker = await flows.cast(engines.secret_votes, box.uuid, ballot)
            late.append(time.perf_counter() - since)
            return tracker

        since = time.perf_counter()
        trackers = await asyncio.gather(*map(cast, ballots))
        whole, since = time.perf_counter() - since, time.perf_counter()
        digest = await opened_sum(engines, ministry, committee, box)
        counting = time.perf_counter() - since
        content = await flows.read_archive(engines.secret_votes, box.uuid)
        known = Remembered(archive.setup_of(box.setup).head, digest, trackers)
        told = await hands.recount(TOOL, content, known)
        same = not told.faults and told.counts == [choices.count(0), choices.count(1)]
        return whole, percentile(late, 0.99) * 1e3, counting, told.ballots if same else 0


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
