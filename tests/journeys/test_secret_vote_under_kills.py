"""A secret vote whose server dies in the steps that the voting tool works on."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.meetings.secrecy import archive, hands
from api.meetings.secrecy.ballots import tracker_of
from api.meetings.secrecy.hands import Remembered, Trustee
from api.meetings.secrecy.rules import Step
from tests.journeys.world import World, chance_of_murder, murder_now, world
from tests.support.databases import SqliteFactory
from tests.support.secret_votes import QUESTION, TOOL, must_have_the_tool, sealed

pytestmark = pytest.mark.story

KEEPERS = ("officer", "clerk")
#: The longest a step of the tool takes on these few ballots, in seconds.
LONGEST_STEP = 0.6


@dataclass
class Vote:
    """A secret vote of three: the leader and two trustees.

    `dies_in` names the steps in which the server dies.
    """

    here: World
    chance: random.Random
    client: httpx.AsyncClient
    path: str
    dies_in: frozenset[str]

    async def struck(self, step: str, work: Awaitable[Any]) -> Any:
        """Do something while the server dies at a moment of chance, and is started again."""
        doing = asyncio.ensure_future(work)
        if step in self.dies_in:
            await asyncio.sleep(self.chance.uniform(0, LONGEST_STEP))
            await murder_now(self.here.server)
        return await doing

    async def seen(self) -> Any:
        return (await self.here.get("leader", self.path)).json()

    async def archive(self) -> bytes:
        uuid = (await self.seen())["secret"]["uuid"]
        return bytes((await self.here.get("leader", f"/ballot-boxes/{uuid}/archive")).content)

    async def cast(self, ballot: str) -> str:
        """Put a ballot into the box, as nobody, until it is acknowledged."""
        uuid = (await self.seen())["secret"]["uuid"]
        url = f"{self.here.server.url}/ballot-boxes/{uuid}/ballots"
        answer = await self.here.server.insist(
            lambda: self.client.post(url, json={"ballot": ballot})
        )
        assert answer.is_success, answer.text
        return str(answer.json()["tracker"])


@asynccontextmanager
async def drafted(
    folder: Path, sqlite: SqliteFactory, dies_in: frozenset[str]
) -> AsyncGenerator[Vote]:
    async with (
        world(folder, sqlite) as here,
        httpx.AsyncClient(timeout=30, trust_env=False) as client,
    ):
        ids = {who: str(getattr(here.ministry, who).id) for who in (*KEEPERS, "secretary")}
        people = [{"official_id": str(here.ministry.leader.id), "part": "chair", "votes": True}]
        people += [{"official_id": ids[who]} for who in KEEPERS]
        plan = {"title": "Bầu cử", "starts_at": datetime.now(UTC).isoformat(), "form": "ballot",
                "people": people}  # fmt: skip
        meeting = await here.post("secretary", "/meetings", json=plan)
        path = f"/meetings/{meeting['id']}"
        await here.post("leader", f"{path}/approve")
        await here.post("secretary", f"{path}/invite")
        named = {"trustees": [ids[who] for who in KEEPERS], "threshold": 2,
                 "registrar_id": ids["secretary"]}  # fmt: skip
        asked = {**QUESTION, "kind": "secret", "secrecy": named, "rule": {"abstention": 2}}
        vote = await here.post("leader", f"{path}/votes", json=asked)
        yield Vote(here, chance_of_murder(), client, f"{path}/votes/{vote['id']}", dies_in)


async def key_made(vote: Vote, folder: Path) -> list[Trustee]:
    """Let the trustees make their key; the server dies when it works on what the last one said."""
    trustees = []
    for who in KEEPERS:
        (folder / who).mkdir()
        trustees.append(Trustee(TOOL, folder / who))
    for step in Step:
        for who, trustee in zip(KEEPERS, trustees, strict=True):
            seen = (await vote.here.get(who, f"{vote.path}/ceremony")).json()
            assert seen["step"] == step
            _, said = await trustee.next(seen)
            put = vote.here.put(who, f"{vote.path}/ceremony/{step}", json={"said": said})
            await vote.struck(f"{who}'s {step}", put)
    return trustees


async def enrolled(vote: Vote) -> list[str]:
    """Freeze the mandates, list the credentials and open the box; return the slips."""
    here = vote.here
    await here.post("leader", f"{vote.path}/prepare")
    uuid = (await vote.seen())["secret"]["uuid"]
    public, slips = await hands.credentials(TOOL, uuid, 3)
    listed = here.put("secretary", f"{vote.path}/credentials", json={"credentials": public})
    await vote.struck("credentials", listed)
    await here.post("leader", f"{vote.path}/open")
    return slips


async def counted(vote: Vote, trustees: list[Trustee]) -> None:
    """Close the box; the server dies while it counts, and when the sum is opened."""
    await vote.here.post("leader", f"{vote.path}/close")
    await vote.struck("count", _is_counted(vote))
    content = await vote.archive()
    for who, trustee in zip(KEEPERS, trustees, strict=True):
        mine = (await vote.here.get(who, f"{vote.path}/ceremony")).json()
        factors = await trustee.factors(content, mine["number"], mine["key"])
        put = vote.here.put(who, f"{vote.path}/decryption", json={"factors": factors})
        await vote.struck(f"{who}'s factors", put)


async def _is_counted(vote: Vote) -> None:
    async with asyncio.timeout(100):
        while (await vote.seen())["secret"]["rejected"] is None:  # noqa: ASYNC110 - a job's end
            await asyncio.sleep(0.05)


async def _hold(folder: Path, sqlite: SqliteFactory, *dies_in: str) -> None:
    must_have_the_tool()
    async with drafted(folder, sqlite, frozenset(dies_in)) as vote:
        trustees = await key_made(vote, folder)
        slips = await enrolled(vote)
        setup = await vote.archive()
        ballots = await sealed(setup, slips, [0, 0, 1])

        trackers = await vote.struck("ballots", asyncio.gather(*map(vote.cast, ballots)))
        await counted(vote, trustees)
        publish = f"{vote.path}/publish?although_it_reveals=true"
        told = await vote.here.post("leader", publish)

        assert trackers == [tracker_of(one) for one in ballots]
        assert told["result"]["counts"] == [2, 1, 0]
        known = Remembered(archive.setup_of(setup).head, told["digest"], trackers)
        found = await hands.recount(TOOL, await vote.archive(), known)
        assert (found.counts, found.ballots, found.faults) == ([2, 1, 0], 3, [])
        assert vote.here.server.kills == len(dies_in)


LAST = KEEPERS[-1]


@pytest.mark.timeout(400)
async def test_a_secret_vote_outlives_its_server_in_key_ballots_count_and_opening(
    tmp_path: Path, sqlite: SqliteFactory
) -> None:
    await _hold(tmp_path, sqlite, f"{LAST}'s output", "ballots", "count", f"{LAST}'s factors")


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_no_step_of_a_secret_vote_is_lost_or_done_twice(
    tmp_path: Path, sqlite: SqliteFactory
) -> None:
    said = [f"{who}'s {step}" for who in KEEPERS for step in (*Step, "factors")]
    await _hold(tmp_path, sqlite, *said, "credentials", "ballots", "count")
