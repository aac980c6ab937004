"""A secret vote over the API, on real parts, from its key to a tally that the tool verifies."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from api import background
from api.demo.phone import Phone
from api.meetings.secrecy import archive, hands
from api.meetings.secrecy.ballots import G, P, Q, fingerprint, tracker_of
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


async def test_a_ballot_again_is_the_same_and_whatever_else_is_refused(
    hall: Hall, committee: Committee
) -> None:
    slips = await opened(hall, committee)
    setup = await hall.archive()
    first, second, other = await sealed(setup, [slips[0], slips[0], slips[1]], [0, 1, 0])
    receipt = (await hall.cast(first)).json()

    async def refusal(ballot: str) -> str:
        return str((await hall.cast(ballot)).json()["type"])

    assert (await hall.cast(first)).json() == receipt
    assert await refusal(second) == "meetings.credential_used"
    swapped = json.loads(other) | {"answers": json.loads(first)["answers"]}
    foreign = json.loads(other) | {"credential": "2"}
    elsewhere = json.loads(other) | {"election_uuid": "1" * 14}
    for forged in (swapped, elsewhere):
        written = json.dumps(forged, separators=(",", ":"))
        assert await refusal(written) == "meetings.not_a_ballot"
    written = json.dumps(foreign, separators=(",", ":"))
    assert await refusal(written) == "meetings.no_such_credential"
    for broken in ("{}", "[]", other[:-1], other.replace(",", ", ", 1), f"{other}\n", "9" * 40_000):
        assert await refusal(broken) in {"meetings.not_a_ballot", "malformed"}
    await ok(await hall.move("close"))
    assert await refusal(other) == "meetings.wrong_vote_state"
    assert (await hall.cast(first)).json() == receipt


async def test_a_ballot_signed_rightly_with_wrong_proofs_is_left_out_by_name(
    hall: Hall, committee: Committee, engines: Engines
) -> None:
    slips = await opened(hall, committee)
    setup = await hall.archive()
    good, honest = await sealed(setup, slips[:2], [0, 1])
    crooked = resigned(honest, slips[1], await hall.uuid())
    for ballot in (good, crooked):
        await ok(await hall.cast(ballot))

    await counted(hall, engines, committee.trustees)

    told = await ok(await hall.move("publish?although_it_reveals=true"))
    assert told["secret"]["rejected"] == [tracker_of(crooked)]
    assert told["result"]["counts"] == [1, 0, 0]


def resigned(ballot: str, credential: str, uuid: str) -> str:
    """Spoil a proof and sign again, as only the credential's holder can (sections 4.8, 4.14)."""
    body = json.loads(ballot)
    proof = body["answers"][0]["overall_proof"][0]
    proof["response"] = str((int(proof["response"]) + 1) % Q)
    del body["signature"]
    stretched = hashlib.pbkdf2_hmac("sha256", credential.encode(), uuid.encode(), 1000)
    secret = int.from_bytes(stretched, "big") % Q
    said = fingerprint(json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode())
    once = 12345
    hashed = hashlib.sha256(f"sig|{said}|{pow(G, once, P)}".encode()).digest()
    challenge = int.from_bytes(hashed, "big") % Q
    response = (once - secret * challenge) % Q
    signature = {"challenge": str(challenge), "response": str(response)}
    return json.dumps(
        body | {"signature": {"hash": said, "proof": signature}}, separators=(",", ":")
    )


async def test_trustees_and_registrar_do_their_own_part_and_nobody_elses(
    hall: Hall, committee: Committee, engines: Engines
) -> None:
    first, second = hall.trustees
    step = f"{hall.vote}/ceremony/certificate"
    said = [{"said": one[Step.CERTIFICATE]} for one in committee.said]

    async def refusal(phone: Phone, path: str, body: dict[str, Any]) -> str:
        return str((await phone.send("PUT", path, json=body)).json()["type"])

    assert await refusal(hall.secretary, step, said[0]) == "meetings.not_entrusted"
    assert await refusal(first, step, {"said": '{"message":"","signature":1}'}) == (
        "meetings.not_accepted"
    )
    polynomial = {"said": committee.said[0][Step.POLYNOMIAL]}
    assert await refusal(first, f"{hall.vote}/ceremony/polynomial", polynomial) == (
        "meetings.wrong_step"
    )
    early = await hall.move("prepare")
    assert early.json()["type"] == "meetings.wrong_vote_state"
    slips = await opened(hall, committee)
    assert await refusal(first, step, said[1]) == "meetings.wrong_vote_state"
    listed = {"credentials": ["2", "3", "4"]}
    assert await refusal(first, f"{hall.vote}/credentials", listed) == "meetings.not_entrusted"
    (ballot,) = await sealed(await hall.archive(), slips[:1], [0])
    await ok(await hall.cast(ballot))
    await ok(await hall.move("close"))
    await Worker(engines.db, background.handlers(engines)).run_due()

    content = await hall.archive()
    mine = await ok(await first.get(f"{hall.vote}/ceremony"))
    factors = await committee.trustees[0].factors(content, mine["number"], mine["key"])
    decryption = f"{hall.vote}/decryption"
    assert await refusal(second, decryption, {"factors": factors}) == "meetings.not_accepted"
    await ok(await first.send("PUT", decryption, json={"factors": factors}))
    await ok(await first.send("PUT", decryption, json={"factors": factors}))
    assert (await ok(await hall.chair.get(hall.vote)))["state"] == "closed"


async def test_so_many_credentials_as_mandates_and_each_handed_out_once(
    hall: Hall, committee: Committee
) -> None:
    await hold_ceremony(hall.trustees, hall.vote, committee)
    await ok(await hall.move("prepare"))
    public, _ = await hands.credentials(TOOL, await hall.uuid(), 4)
    put = f"{hall.vote}/credentials"
    too_many = await hall.secretary.send("PUT", put, json={"credentials": public})
    assert too_many.json()["type"] == "meetings.not_a_ballot"
    assert (await hall.move("open")).json()["type"] == "meetings.wrong_vote_state"
    no_member = ["4", *public[1:3]]
    foreign = await hall.secretary.send("PUT", put, json={"credentials": no_member})
    assert foreign.json()["type"] == "meetings.not_a_ballot"

    await ok(await hall.secretary.send("PUT", put, json={"credentials": public[:3]}))
    hand = f"{hall.vote}/handouts/{hall.ids['leader']}"
    for _ in range(2):
        await ok(await hall.secretary.send("PUT", hand))

    shown = (await ok(await hall.chair.get(hall.vote)))["secret"]
    assert (shown["handed_out"], shown["step"]) == (1, None)


@pytest.mark.parametrize(
    "plan",
    [
        {"trustees": 1, "threshold": 2},
        {"trustees": 2, "threshold": 1},
        {"trustees": 2, "threshold": 3},
        {"registrar": "officer"},
        {"registrar": "stranger"},
        {"registrar": "administrator"},
        {"weighted": True},
        {"kind": "open"},
        {"secrecy": None},
    ],
    ids=str,
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_plan_that_keeps_nothing_secret_is_refused(
    engines: Engines, ministry: Ministry, as_: As, plan: dict[str, Any]
) -> None:
    meeting_id = await meeting_of(engines.db, ministry)
    trustees = [str(ministry.officer.id), str(ministry.colleague.id)]
    named = {
        "trustees": trustees[: plan.get("trustees", 2)],
        "threshold": plan.get("threshold", 2),
        "registrar_id": str(getattr(ministry, plan.get("registrar", "secretary")).id),
    }
    rule = {"abstention": 2, "weighted": plan.get("weighted", False)}
    asked = {**QUESTION, "kind": plan.get("kind", "secret"), "rule": rule}
    asked["secrecy"] = plan.get("secrecy", named)
    chair = await as_(ministry.leader)

    answer = await chair.send("POST", f"/meetings/{meeting_id}/votes", json=asked)

    assert answer.json()["type"] in {"meetings.wrong_secrecy", "malformed"}
