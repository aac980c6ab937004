"""A counting committee, a registrar and voters who work with the real `belenios-tool`."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from api.demo.phone import Phone
from api.meetings import service as meetings
from api.meetings.plans import Invitee, Plan
from api.meetings.rules import Form, Move, Part
from api.meetings.secrecy import flows, hands, queries
from api.meetings.secrecy import service as secrecy
from api.meetings.secrecy.hands import Trustee
from api.meetings.secrecy.rules import Secrecy, Step
from api.meetings.secrecy.teller.belenios import BeleniosTeller
from api.meetings.secrecy.tool import Tool
from api.meetings.votes import service as votes
from api.meetings.votes.rules import Kind, Question, Rule
from api.people import service as people
from api.people.models import Unit
from api.wiring import Engines
from core.bounds import VotingTool
from core.db import Database
from core.ids import new_id
from tests.support.ministry import Ministry

TOOL = Tool(VotingTool())
QUESTION = {
    "question": "Bầu đồng chí Nguyễn Văn An?",
    "choices": ["Đồng ý", "Không", "Ý kiến khác"],
}


def must_have_the_tool() -> None:
    """Skip where Debian's package is missing; in CI that is a failure."""
    if shutil.which("belenios-tool") is None:
        missing = "belenios-tool is not installed (apt-get install belenios-tool)"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)


@dataclass(frozen=True)
class Committee:
    """Two trustees who have made their key; what they say fits every vote of the two."""

    trustees: Sequence[Trustee]
    said: Sequence[dict[Step, str]]
    inputs: Sequence[str]
    keys: Sequence[str]
    parameters: str


async def make_committee(folder: Path, size: int = 2) -> Committee:
    """Hold a key ceremony without a server."""
    teller, trustees = BeleniosTeller(VotingTool()), []
    for number in range(size):
        (folder / str(number)).mkdir()
        trustees.append(Trustee(TOOL, folder / str(number)))
    certificates = [await one.certificate() for one in trustees]
    polynomials = [await one.polynomial(certificates, size) for one in trustees]
    inputs = await teller.deal(certificates, polynomials)
    outputs = [
        await one.output(certificates, mine) for one, mine in zip(trustees, inputs, strict=True)
    ]
    parameters, keys = await teller.conclude(certificates, polynomials, outputs)
    said = [
        dict(zip(Step, texts, strict=True))
        for texts in zip(certificates, polynomials, outputs, strict=True)
    ]
    return Committee(trustees, said, inputs, keys, parameters)


async def sealed(archive: bytes, slips: Sequence[str], choices: Sequence[int]) -> list[str]:
    """Mark ballots, one for each slip."""
    return [
        await hands.ballot(TOOL, archive, slip, choice)
        for slip, choice in zip(slips, choices, strict=True)
    ]


async def ok(answer: Any) -> Any:
    """Return what a phone was answered, which must be no refusal."""
    assert answer.status_code < 400, answer.text
    return answer.json() if answer.content else None


async def hold_ceremony(phones: Sequence[Phone], vote: str, committee: Committee) -> None:
    """Let the trustees say over the API what they have made."""
    for step in Step:
        for phone, said in zip(phones, committee.said, strict=True):
            await ok(await phone.send("PUT", f"{vote}/ceremony/{step}", json={"said": said[step]}))


@dataclass(frozen=True)
class Box:
    """An open secret vote without a meeting: everybody entitled holds a mandate."""

    meeting_id: UUID
    vote_id: UUID
    uuid: str
    voters: Sequence[UUID]
    slips: Sequence[str]
    setup: bytes


async def open_box(engines: Engines, ministry: Ministry, committee: Committee, voters: int) -> Box:
    """Set a secret vote of so many up, through the product's own use-cases."""
    chair, secretary = ministry.leader.actor, ministry.secretary.actor
    meeting_id, everybody = await _written_to(engines.db, ministry, voters)
    trustees = (ministry.officer, ministry.colleague)
    plan = Secrecy(tuple(one.id for one in trustees), 2, secretary.id)
    asked = Question("Bầu?", ("Có", "Không"), Rule(), Kind.SECRET)
    async with engines.db.begin() as tx:
        vote = await votes.draft(tx, chair, meeting_id, asked, plan)
    named, tools = (meeting_id, vote.id), engines.secret_votes
    for step in Step:
        for trustee, said in zip(trustees, committee.said, strict=True):
            await flows.say(tools, trustee.actor, named, step, said[step])
    async with engines.db.begin() as tx:
        await secrecy.prepare(tx, chair, *named)
        box = await queries.box(tx, vote.id)
    assert box is not None
    public, slips = await hands.credentials(TOOL, box.uuid, voters)
    await flows.enrol(tools, secretary, named, public)
    async with engines.db.begin() as tx:
        for official_id in everybody:
            await secrecy.hand_out(tx, secretary, named, official_id)
        await votes.open_vote(tx, chair, *named)
    setup = await flows.read_archive(tools, box.uuid)
    return Box(meeting_id, vote.id, box.uuid, everybody, slips, setup)


async def _written_to(db: Database, ministry: Ministry, voters: int) -> tuple[UUID, Sequence[UUID]]:
    chair, secretary, meeting_id = ministry.leader.actor, ministry.secretary.actor, new_id()
    trustees = [ministry.officer.id, ministry.colleague.id]
    async with db.begin() as tx:
        unit = (await tx.session.exec(select(Unit).where(Unit.agency_id == chair.agency_id))).one()
        engaged = [
            people.engage(tx, unit, full_name=f"Đại biểu {number}", position="Đại biểu")
            for number in range(voters - 3)
        ]
        await tx.session.flush()
        seats = [
            Invitee(chair.id, Part.CHAIR, votes=True), Invitee(secretary.id, Part.SECRETARY),
            *(Invitee(one) for one in trustees), *(Invitee(one.id) for one in engaged),
        ]  # fmt: skip
        planned = Plan("Bầu cử", tx.now, seats, form=Form.BALLOT)
        await meetings.plan(tx, secretary, meeting_id, planned)
        await meetings.advance(tx, chair, meeting_id, Move.APPROVE)
        await meetings.advance(tx, secretary, meeting_id, Move.INVITE)
    return meeting_id, [chair.id, *trustees, *(one.id for one in engaged)]


async def opened_sum(engines: Engines, ministry: Ministry, committee: Committee, box: Box) -> str:
    """Close a box, count it, let the trustees open the sum and publish; return the digest."""
    chair, named, tools = ministry.leader.actor, (box.meeting_id, box.vote_id), engines.secret_votes
    async with engines.db.begin() as tx:
        await votes.close_vote(tx, chair, *named)
    await flows.count(tools, {"vote_id": str(box.vote_id)})
    content = await flows.read_archive(tools, box.uuid)
    people_ = (ministry.officer, ministry.colleague)
    parts = zip(people_, committee.trustees, committee.keys, strict=True)
    for number, (person, trustee, key) in enumerate(parts, start=1):
        factors = await trustee.factors(content, number, key)
        await flows.decrypt(tools, person.actor, named, factors)
    async with engines.db.begin() as tx:
        vote = await votes.publish(tx, chair, *named, although_it_reveals=True)
    return vote.digest or ""
