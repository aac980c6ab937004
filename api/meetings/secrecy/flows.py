"""Secret votes between transactions: what the tool works on, and the box that ballots go into."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from api.meetings.secrecy import archive, ballots, queries, service
from api.meetings.secrecy.archive import Setup
from api.meetings.secrecy.errors import NoSuchCredential, NotAccepted, NoTeller
from api.meetings.secrecy.queries import Ceremony
from api.meetings.secrecy.rules import Step
from api.meetings.secrecy.service import Sealed
from api.meetings.secrecy.teller.port import Teller, TellerAbsent, TellerRefused
from api.meetings.votes.models import Vote
from core.actor import Actor
from core.db import Database
from core.errors import AppError
from core.grouped import Grouped

#: A meeting and a vote in it.
Named = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class Tools:
    """What secret votes are held with."""

    db: Database
    teller: Teller
    box: Grouped[Sealed, str | AppError]


def box_of(db: Database) -> Grouped[Sealed, str | AppError]:
    """Return what puts ballots into their boxes, many in one commit and in no order of time."""

    async def commit(sealed: Sequence[Sealed]) -> Sequence[str | AppError]:
        async with db.begin() as tx:
            return await service.take(tx, sealed)

    return Grouped(commit)


async def say(tools: Tools, actor: Actor, vote: Named, step: Step, said: str) -> Ceremony:
    """Take a trustee's step of the key ceremony; when all have, the tool works on it.

    May be run again: what was said stays, and what the tool makes of it is made once.
    """
    if step is Step.CERTIFICATE:
        await _certify(tools, actor, vote, said)
    async with tools.db.begin() as tx:
        ceremony = await service.say(tx, actor, vote, step, said)
    try:
        await _work(tools, ceremony, step)
    except TellerRefused as refusal:
        async with tools.db.begin() as tx:
            await service.unsay(tx, actor, vote, step)
        raise NotAccepted(why=str(refusal)) from refusal
    except TellerAbsent as absent:
        raise NoTeller from absent
    async with tools.db.read() as view:
        return await queries.ceremony(view, ceremony.vote)


async def _certify(tools: Tools, actor: Actor, vote: Named, said: str) -> None:
    async with tools.db.read() as view:
        await service.seen(view, actor, vote)
    try:
        await tools.teller.certify(said)
    except TellerRefused as refusal:
        raise NotAccepted(why=str(refusal)) from refusal
    except TellerAbsent as absent:
        raise NoTeller from absent


async def _work(tools: Tools, ceremony: Ceremony, step: Step) -> None:
    if not ceremony.is_due(step):
        return
    vote_id = ceremony.vote.id
    certificates, polynomials = ceremony.said(Step.CERTIFICATE), ceremony.said(Step.POLYNOMIAL)
    if step is Step.POLYNOMIAL:
        outcome = await tools.teller.deal(certificates, polynomials)
        async with tools.db.begin() as tx:
            await service.dealt(tx, vote_id, outcome)
    else:
        outputs = ceremony.said(Step.OUTPUT)
        concluded = await tools.teller.conclude(certificates, polynomials, outputs)
        async with tools.db.begin() as tx:
            await service.concluded(tx, vote_id, concluded)


async def enrol(tools: Tools, actor: Actor, vote: Named, credentials: Sequence[str]) -> Vote:
    """List the public part of every credential, and make the election; may be run again."""
    async with tools.db.begin() as tx:
        found, box = await service.may_enrol(tx, actor, vote, credentials)
    await asyncio.to_thread(ballots.must_be_in_the_group, credentials)
    listed = orjson.dumps(sorted(credentials)).decode()
    try:
        founded = await tools.teller.found(
            box.uuid, template_of(found), box.threshold_parameters or ""
        )
        setup = Setup(box.uuid, founded.election, founded.trustees, listed)
        await tools.teller.verify(box.uuid, archive.opened(setup, 0))
    except TellerRefused as refusal:
        raise NotAccepted(why=str(refusal)) from refusal
    except TellerAbsent as absent:
        raise NoTeller from absent
    async with tools.db.begin() as tx:
        return await service.enrol(tx, actor, vote, setup)


async def cast(tools: Tools, uuid: str, text: str) -> str:
    """Put a ballot into its box; nobody is asked who they are.

    Returns:
        its tracker, once the ballot is durable.
    """
    ballot = ballots.read(text)
    known_as = ballots.known_as(ballot.credential)
    async with tools.db.read() as view:
        vote, box = await queries.by_uuid(view, uuid)
        is_listed = await queries.is_listed(view, vote.id, known_as)
    ballots.must_be_for(ballot, uuid, box.election_hash or "", len(vote.choices))
    if not is_listed:
        raise NoSuchCredential
    ballots.must_be_signed(ballot)
    answer = await tools.box.put(Sealed(vote.id, known_as, ballots.tracker_of(text), text))
    if isinstance(answer, AppError):
        raise answer
    return answer


async def read_archive(tools: Tools, uuid: str) -> bytes:
    """Return the public record of a vote: its setup, later its ballots, then its result."""
    async with tools.db.read() as view:
        vote, box = await queries.by_uuid(view, uuid)
        return (await queries.whole(view, vote, box)).content()


async def count(tools: Tools, payload: dict[str, Any]) -> None:
    """Verify a closed box and sum it up; ballots whose proofs do not hold are left out, by name.

    May be run again.
    """
    vote_id = UUID(payload["vote_id"])
    async with tools.db.read() as view:
        vote = await view.session.get_one(Vote, vote_id)
        box = (await queries.ceremony(view, vote)).box
        sealed = {ballots.tracker_of(one): one for one in await queries.sealed(view, vote_id)}
    if box.tally is not None:
        return
    rejected: list[str] = []
    while True:
        kept = [one for tracker, one in sealed.items() if tracker not in rejected]
        grown = queries.opened(vote, box)
        archive.add_ballots(grown, kept)
        try:
            await tools.teller.verify(box.uuid, grown)
            break
        except TellerRefused as refusal:
            if refusal.ballot not in sealed or refusal.ballot in rejected:
                raise
            rejected.append(refusal.ballot)
    tallied = await tools.teller.tally(box.uuid, grown)
    async with tools.db.begin() as tx:
        await service.counted(tx, vote_id, rejected, tallied)


async def decrypt(tools: Tools, actor: Actor, vote: Named, factors: str) -> None:
    """Take what a trustee decrypted of the sum; when enough have, the result is there.

    May be run again.
    """
    async with tools.db.read() as view:
        ceremony = await service.closed(view, actor, vote)
        grown = await queries.counted(view, ceremony.vote, ceremony.box)
        mine = ceremony.mine(actor.id)
    archive.add_partial(grown, mine.number, factors)
    uuid = ceremony.box.uuid
    try:
        await tools.teller.result(uuid, grown)
    except TellerRefused as refusal:
        raise NotAccepted(why=str(refusal)) from refusal
    except TellerAbsent as absent:
        raise NoTeller from absent
    async with tools.db.begin() as tx:
        await service.keep_factors(tx, actor, vote, factors)
    await _open(tools, ceremony.vote)


async def _open(tools: Tools, vote: Vote) -> None:
    async with tools.db.read() as view:
        ceremony = await queries.ceremony(view, vote)
        grown = await queries.counted(view, vote, ceremony.box)
        queries.add_factors(grown, ceremony.trustees)
    outcome = await tools.teller.result(ceremony.box.uuid, grown)
    if outcome is not None:
        async with tools.db.begin() as tx:
            await service.settle(tx, vote.id, outcome)


def template_of(vote: Vote) -> str:
    """Return the question as the tool takes it: exactly one choice is marked."""
    asked = {"answers": vote.choices, "min": 1, "max": 1, "question": vote.question}
    named = {"description": vote.question, "name": vote.question, "questions": [asked]}
    return orjson.dumps(named).decode()
