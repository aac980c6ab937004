"""A secret vote over the API, on real parts, from its key to a tally that the tool verifies."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from api import background
from api.demo.phone import Phone
from api.meetings.secrecy import archive, hands
from api.meetings.secrecy.ballots import tracker_of
from api.meetings.secrecy.hands import Remembered, Trustee
from api.meetings.secrecy.rules import Step
from api.wiring import Engines
from core.worker import Worker
from tests.api.meetings.test_votes import begin, meeting_of
from tests.support.ministry import Ministry, Person
from tests.support.secret_votes import (
    QUESTION,
    TOOL,
    Committee,
    hold_ceremony,
    must_have_the_tool,
    ok,
    sealed,
)

As = Callable[[Person], Awaitable[Phone]]


@dataclass
class Hall:
    """A secret vote in a meeting: the chair, the officer and the colleague hold a mandate."""

    http: httpx.AsyncClient
    chair: Phone
    secretary: Phone
    trustees: Sequence[Phone]
    vote: str
    ids: dict[str, str]

    async def uuid(self) -> str:
        seen = await ok(await self.chair.get(self.vote))
        return str(seen["secret"]["uuid"])

    async def archive(self) -> bytes:
        answer = await self.http.get(f"/ballot-boxes/{await self.uuid()}/archive")
        assert answer.status_code == 200, answer.text
        return bytes(answer.content)

    async def cast(self, ballot: str) -> Any:
        box = f"/ballot-boxes/{await self.uuid()}/ballots"
        return await self.http.post(box, json={"ballot": ballot})

    async def move(self, how: str) -> Any:
        return await self.chair.send("POST", f"{self.vote}/{how}")


@pytest.fixture
async def hall(engines: Engines, ministry: Ministry, as_: As, http: httpx.AsyncClient) -> Hall:
    """The officer and the colleague are trustees, the secretary makes the credentials."""
    must_have_the_tool()
    meeting_id = await meeting_of(engines.db, ministry)
    here = (ministry.leader, ministry.officer, ministry.colleague)
    await begin(engines.db, ministry, meeting_id, *here)
    chair, secretary = await as_(ministry.leader), await as_(ministry.secretary)
    people = [ministry.officer, ministry.colleague]
    named = {
        "trustees": [str(one.id) for one in people],
        "threshold": 2,
        "registrar_id": str(ministry.secretary.id),
    }
    asked = {**QUESTION, "kind": "secret", "secrecy": named, "rule": {"abstention": 2}}
    drafted = await ok(await chair.post(f"/meetings/{meeting_id}/votes", json=asked))
    vote = f"/meetings/{meeting_id}/votes/{drafted['id']}"
    ids = {"leader": str(ministry.leader.id)}
    return Hall(http, chair, secretary, [await as_(one) for one in people], vote, ids)


async def enrolled(hall: Hall) -> list[str]:
    """Open a vote whose key is there; return the slips with the private credentials."""
    await ok(await hall.move("prepare"))
    public, slips = await hands.credentials(TOOL, await hall.uuid(), 3)
    listed = {"credentials": public}
    await ok(await hall.secretary.send("PUT", f"{hall.vote}/credentials", json=listed))
    await ok(await hall.move("open"))
    return slips


async def opened(hall: Hall, committee: Committee) -> list[str]:
    """Open a vote under the key that all tests share."""
    await hold_ceremony(hall.trustees, hall.vote, committee)
    return await enrolled(hall)


async def key_is_made(hall: Hall, folder: Path) -> list[Trustee]:
    """Let trustees follow what the API tells them, each in a folder of their own."""
    trustees = []
    for number in range(2):
        (folder / f"trustee{number}").mkdir()
        trustees.append(Trustee(TOOL, folder / f"trustee{number}"))
    for step in Step:
        for phone, trustee in zip(hall.trustees, trustees, strict=True):
            seen = await ok(await phone.get(f"{hall.vote}/ceremony"))
            assert seen["step"] == step
            _, said = await trustee.next(seen)
            await ok(await phone.send("PUT", f"{hall.vote}/ceremony/{step}", json={"said": said}))
    return trustees


async def counted(hall: Hall, engines: Engines, trustees: Sequence[Trustee]) -> None:
    """Close a vote, and let its trustees open the sum."""
    await ok(await hall.move("close"))
    await Worker(engines.db, background.handlers(engines)).run_due()
    content = await hall.archive()
    for phone, trustee in zip(hall.trustees, trustees, strict=True):
        mine = await ok(await phone.get(f"{hall.vote}/ceremony"))
        factors = await trustee.factors(content, mine["number"], mine["key"])
        await ok(await phone.send("PUT", f"{hall.vote}/decryption", json={"factors": factors}))


async def test_a_secret_vote_is_held_from_its_key_to_a_tally_that_the_tool_verifies(
    hall: Hall, engines: Engines, tmp_path: Path
) -> None:
    trustees = await key_is_made(hall, tmp_path)
    slips = await enrolled(hall)
    setup = await hall.archive()

    ballots = await sealed(setup, slips, [0, 0, 1])
    trackers = [(await ok(await hall.cast(one)))["tracker"] for one in ballots]
    assert trackers == [tracker_of(one) for one in ballots]
    assert await hall.archive() == setup, "while it is open nobody sees what came in"
    await counted(hall, engines, trustees)
    assert (await ok(await hall.chair.get(hall.vote)))["state"] == "tallied"
    warned = await hall.move("publish")
    assert warned.json()["type"] == "meetings.result_reveals"
    told = await ok(await hall.move("publish?although_it_reveals=true"))

    assert told["result"]["counts"] == [2, 1, 0]
    assert told["result"]["adopted"] == 0
    known = Remembered(archive.setup_of(setup).head, told["digest"], trackers)
    found = await hands.recount(TOOL, await hall.archive(), known)
    assert (found.counts, found.ballots, found.faults) == ([2, 1, 0], 3, [])
