"""Use-cases of secret votes: each function is one transaction's worth of work."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import col, select

from api.meetings import queries as meetings
from api.meetings.models import Meeting
from api.meetings.rules import Form, Part, must_be_in
from api.meetings.seats import seat
from api.meetings.secrecy import archive, queries
from api.meetings.secrecy.ballots import fingerprint, known_as, must_be_credentials
from api.meetings.secrecy.errors import (
    CredentialUsed,
    NoSuchCredential,
    NotAccepted,
    NotEntrusted,
    ResultReveals,
    WrongSecrecy,
)
from api.meetings.secrecy.events import BallotsListed, VoteEnrolled, VotePrepared
from api.meetings.secrecy.models import (
    BallotBox,
    BallotCredential,
    BallotHandout,
    BallotTrustee,
    SealedBallot,
)
from api.meetings.secrecy.queries import Ceremony
from api.meetings.secrecy.rules import (
    Secrecy,
    Step,
    must_be_at,
    must_be_secrecy,
    new_uuid,
    reveals,
)
from api.meetings.votes import queries as votes
from api.meetings.votes.conduct import advance, conducted, freeze, must_be_open
from api.meetings.votes.errors import NoMandate, NotThisKind, WrongVoteState
from api.meetings.votes.models import Vote, VoteMandate
from api.meetings.votes.queries import electorate_of, rule_of
from api.meetings.votes.rules import HELD_IN, Kind, Move, State, decide
from core.actor import Actor
from core.db import ReadTx, Tx
from core.errors import AppError, NotFound
from core.jobs import Job, enqueue_once

COUNT = "meetings.count_secret_vote"


class Sealed(NamedTuple):
    """A ballot that passed the door."""

    vote_id: UUID
    known_as: str
    tracker: str
    ballot: str


async def begin(tx: Tx, vote: Vote, plan: Secrecy) -> None:
    """Give a drafted vote its box, its trustees and its registrar: all of them of the meeting."""
    must_be_secrecy(plan, rule_of(vote))
    everybody = await meetings.people(tx, vote.meeting_id)
    seated = {one.official_id for one in everybody if one.part is not Part.GUEST}
    if not seated.issuperset({*plan.trustees, plan.registrar_id}):
        raise WrongSecrecy(why="people")
    tx.session.add(vote)
    await tx.session.flush()
    box = BallotBox(
        vote_id=vote.id,
        agency_id=vote.agency_id,
        uuid=new_uuid(),
        registrar_id=plan.registrar_id,
        threshold=plan.threshold,
    )
    tx.session.add(box)
    await tx.session.flush()
    tx.session.add_all(
        BallotTrustee(
            vote_id=vote.id, number=number, agency_id=vote.agency_id, official_id=official_id
        )
        for number, official_id in enumerate(plan.trustees, start=1)
    )


async def say(tx: Tx, actor: Actor, vote: tuple[UUID, UUID], step: Step, said: str) -> Ceremony:
    """Keep what a trustee says at a step of the key ceremony; the same again changes nothing."""
    ceremony = await _ceremony(tx, actor, vote)
    mine = ceremony.mine(actor.id)
    if mine.said.get(step) != said:
        _must_be(ceremony.vote, State.DRAFTED, move=step)
        must_be_at(step, ceremony.step)
        if step in mine.said:
            raise NotAccepted(why="said otherwise before")
        mine.said = mine.said | {step: said}
        tx.session.add(mine)
        tx.audit(actor, f"meetings.ceremony_{step}", vote[0], vote=str(vote[1]))
    return ceremony


async def unsay(tx: Tx, actor: Actor, vote: tuple[UUID, UUID], step: Step) -> None:
    """Forget what a trustee said and the tool did not accept."""
    ceremony = await _ceremony(tx, actor, vote)
    mine = ceremony.mine(actor.id)
    if ceremony.step is step:
        mine.said = {name: text for name, text in mine.said.items() if name != step}
        tx.session.add(mine)


async def dealt(tx: Tx, vote_id: UUID, inputs: Sequence[str]) -> None:
    """Keep what each trustee is given by the others; what is there stays."""
    box = await _box(tx, vote_id)
    box.inputs = box.inputs or list(inputs)


async def concluded(tx: Tx, vote_id: UUID, key: tuple[str, list[str]]) -> None:
    """Keep the common key's parameters, and each trustee's sealed part; once."""
    box = await _box(tx, vote_id)
    if box.threshold_parameters is None:
        box.threshold_parameters, box.keys = key


async def prepare(tx: Tx, actor: Actor, meeting_id: UUID, vote_id: UUID) -> Vote:
    """Freeze who may vote, once the trustees' key is there: so many credentials are made."""
    meeting, vote = await conducted(tx, actor, meeting_id, vote_id)
    if vote.kind is not Kind.SECRET:
        raise NotThisKind(kind=vote.kind)
    must_be_in(meeting.state, *HELD_IN[meeting.form is Form.BALLOT], move="prepare_vote")
    ceremony = await queries.ceremony(tx, vote)
    if ceremony.step is not None:
        raise WrongVoteState(state=vote.state, move="prepare")
    advance(tx, vote, Move.PREPARE)
    mandates = await freeze(tx, meeting, vote)
    tx.audit(actor, "meetings.prepare_vote", meeting_id, vote=str(vote_id))
    tx.emit(
        VotePrepared(meeting_id=meeting_id, by=actor.id, vote_id=vote_id, mandates=len(mandates))
    )
    return vote


async def may_enrol(
    tx: Tx, actor: Actor, vote: tuple[UUID, UUID], credentials: Sequence[str]
) -> tuple[Vote, BallotBox]:
    """Refuse credentials of anybody but the registrar, or not one for each mandate."""
    ceremony = await _ceremony(tx, actor, vote)
    if ceremony.box.registrar_id != actor.id:
        raise NotEntrusted
    _must_be(ceremony.vote, State.PREPARED, move="enrol")
    statement = select(VoteMandate.id).where(VoteMandate.vote_id == vote[1])
    must_be_credentials(credentials, len((await tx.session.exec(statement)).all()))
    return ceremony.vote, ceremony.box


async def enrol(tx: Tx, actor: Actor, vote: tuple[UUID, UUID], setup: archive.Setup) -> Vote:
    """Keep the election and the public part of each credential; once."""
    credentials: list[str] = orjson.loads(setup.credentials)
    found, box = await may_enrol(tx, actor, vote, credentials)
    if box.credentials is not None and box.credentials != setup.credentials:
        raise NotAccepted(why="listed otherwise before")
    if box.credentials is None:
        box.election, box.trustees = setup.election, setup.trustees
        box.credentials = setup.credentials
        box.election_hash = fingerprint(setup.election.encode())
        tx.session.add(box)
        await tx.session.flush()
        rows = [
            {"vote_id": box.vote_id, "known_as": known_as(one), "agency_id": box.agency_id}
            for one in credentials
        ]
        await tx.session.exec(insert(BallotCredential), params=rows)
        tx.audit(actor, "meetings.list_credentials", vote[0], vote=str(vote[1]))
        told = VoteEnrolled(
            meeting_id=vote[0], by=actor.id, vote_id=vote[1], uuid=box.uuid, head=setup.head
        )
        tx.emit(told)
    return found


async def hand_out(tx: Tx, actor: Actor, vote: tuple[UUID, UUID], official_id: UUID) -> None:
    """Note that the holder of a mandate was given a credential; again changes nothing."""
    ceremony = await _ceremony(tx, actor, vote)
    if ceremony.box.registrar_id != actor.id:
        raise NotEntrusted
    _must_be(ceremony.vote, State.PREPARED, State.OPEN, move="hand_out")
    statement = select(VoteMandate).where(
        VoteMandate.vote_id == vote[1], VoteMandate.official_id == official_id
    )
    mandate = (await tx.session.exec(statement)).first()
    if mandate is None:
        raise NoMandate
    if await tx.session.get(BallotHandout, (vote[1], mandate.id)) is None:
        agency_id = ceremony.vote.agency_id
        tx.session.add(BallotHandout(vote_id=vote[1], mandate_id=mandate.id, agency_id=agency_id))


async def ready(tx: Tx, vote: Vote) -> Sequence[VoteMandate]:
    """Return who holds a mandate; refuse to open a box without credentials."""
    ceremony = await queries.ceremony(tx, vote)
    if vote.state is not State.PREPARED or ceremony.box.credentials is None:
        raise WrongVoteState(state=vote.state, move="open")
    statement = select(VoteMandate).where(VoteMandate.vote_id == vote.id)
    return (await tx.session.exec(statement)).all()


async def take(tx: Tx, ballots: Sequence[Sealed]) -> list[str | AppError]:
    """Put ballots into their boxes, in the order given; the same again gets the same receipt.

    Returns:
        for each its tracker, or why it was refused.
    """
    answers: dict[Sealed, str | AppError] = {}
    for vote_id in sorted({one.vote_id for one in ballots}):
        mine = [one for one in ballots if one.vote_id == vote_id]
        answers |= await _take_of(tx, vote_id, mine)
    return [answers[one] for one in ballots]


async def _take_of(
    tx: Tx, vote_id: UUID, ballots: Sequence[Sealed]
) -> dict[Sealed, str | AppError]:
    statement = select(Vote).where(Vote.id == vote_id).with_for_update(read=True)
    vote = (await tx.session.exec(statement)).one()
    refusal: AppError | None = None
    try:
        must_be_open(tx, vote)
    except WrongVoteState as closed:
        refusal = closed
    else:
        rows = [one._asdict() | {"agency_id": vote.agency_id} for one in ballots]
        postgresql = tx.session.get_bind().dialect.name == "postgresql"
        insert_new = postgresql_insert if postgresql else sqlite_insert
        inserted = insert_new(SealedBallot).on_conflict_do_nothing()
        await (await tx.session.connection()).execute(inserted, rows)
    held = await _trackers(tx, vote_id, [one.known_as for one in ballots])
    return {one: _answer(one, held.get(one.known_as), refusal) for one in ballots}


async def _trackers(tx: Tx, vote_id: UUID, credentials: Sequence[str]) -> dict[str, str]:
    statement = select(SealedBallot.known_as, SealedBallot.tracker).where(
        SealedBallot.vote_id == vote_id, col(SealedBallot.known_as).in_(credentials)
    )
    return dict((await tx.session.exec(statement)).all())


def _answer(one: Sealed, held: str | None, refusal: AppError | None) -> str | AppError:
    if held == one.tracker:
        return held
    if held is not None:
        return CredentialUsed()
    return refusal if refusal is not None else NoSuchCredential()


async def counted(tx: Tx, vote_id: UUID, rejected: Sequence[str], tally: tuple[str, str]) -> None:
    """Keep the encrypted sum of a closed box, and tell its trustees that they may open it."""
    vote = await tx.session.get_one(Vote, vote_id, with_for_update=True)
    ceremony = await queries.ceremony(tx, vote)
    box = ceremony.box
    if vote.state is not State.CLOSED or box.tally is not None:
        return
    box.rejected, (box.tally, box.sized_tally) = list(rejected), tally
    tx.session.add(box)
    cast = await queries.cast_count(tx, vote_id)
    told = BallotsListed(
        meeting_id=vote.meeting_id,
        by=box.registrar_id,
        vote_id=vote_id,
        ballots=cast - len(rejected),
        rejected=len(rejected),
        head=(await queries.counted(tx, vote, box)).head,
        told=tuple(sorted(one.official_id for one in ceremony.trustees)),
    )
    tx.emit(told)


async def seen(view: ReadTx, actor: Actor, vote: tuple[UUID, UUID]) -> Ceremony:
    """Return a vote of which the actor is a trustee; to guests there is none."""
    await _must_see(view, actor, *vote)
    ceremony = await queries.ceremony(view, await votes.vote(view, *vote))
    ceremony.mine(actor.id)
    return ceremony


async def closed(view: ReadTx, actor: Actor, vote: tuple[UUID, UUID]) -> Ceremony:
    """Return a vote whose sum waits for its trustees, of whom the actor is one."""
    ceremony = await seen(view, actor, vote)
    _must_be(ceremony.vote, State.CLOSED, State.TALLIED, State.PUBLISHED, move="decrypt")
    return ceremony


async def keep_factors(tx: Tx, actor: Actor, vote: tuple[UUID, UUID], factors: str) -> None:
    """Keep what a trustee decrypted of the sum; it was verified before."""
    ceremony = await _ceremony(tx, actor, vote)
    mine = ceremony.mine(actor.id)
    if mine.factors != factors:
        _must_be(ceremony.vote, State.CLOSED, move="decrypt")
        if mine.factors is not None:
            raise NotAccepted(why="decrypted otherwise before")
        mine.factors = factors
        tx.session.add(mine)
        tx.audit(actor, "meetings.decrypt_vote", vote[0], vote=str(vote[1]))


async def settle(tx: Tx, vote_id: UUID, outcome: str) -> None:
    """Judge the opened sum by the rule that was stored; once."""
    vote = await tx.session.get_one(Vote, vote_id, with_for_update=True)
    box = (await queries.ceremony(tx, vote)).box
    if vote.state is not State.CLOSED:
        return
    box.outcome = outcome
    tx.session.add(box)
    await tx.session.flush()
    whole = await queries.counted(tx, vote, box)
    await queries.add_result(tx, whole, box)
    counts = archive.counts_of(outcome)
    electorate = electorate_of(vote)
    meeting = await tx.session.get_one(Meeting, vote.meeting_id)
    took_part = sum(counts) if meeting.form is Form.BALLOT else electorate.present
    advance(tx, vote, Move.TALLY)
    vote.result = asdict(decide(counts, took_part, electorate, rule_of(vote)))
    vote.digest = whole.head


async def close(tx: Tx, vote: Vote) -> int:
    """Close a box; what is in it is verified and summed up afterwards.

    Returns:
        how many ballots are in it.
    """
    job = Job(
        kind=COUNT, key=str(vote.id), payload={"vote_id": str(vote.id)},
        next_at=tx.now, created_at=tx.now,
    )  # fmt: skip
    await enqueue_once(tx.session, job)
    return await queries.cast_count(tx, vote.id)


def must_not_reveal(vote: Vote, *, confirmed: bool) -> None:
    """Warn before a result is published from which single votes can be read."""
    why = reveals((vote.result or {}).get("counts", []))
    if why is not None and not confirmed:
        raise ResultReveals(why=why)


def _must_be(vote: Vote, *states: State, move: str) -> None:
    if vote.state not in states:
        raise WrongVoteState(state=vote.state, move=move)


async def _ceremony(tx: Tx, actor: Actor, named: tuple[UUID, UUID]) -> Ceremony:
    """Return a secret vote that nobody else changes until the transaction ends."""
    meeting_id, vote_id = named
    await _must_see(tx, actor, meeting_id, vote_id)
    await votes.vote(tx, meeting_id, vote_id)
    vote = await tx.session.get_one(Vote, vote_id, with_for_update=True, populate_existing=True)
    return await queries.ceremony(tx, vote)


async def _box(tx: Tx, vote_id: UUID) -> BallotBox:
    """Return a box that nobody else changes until the transaction ends."""
    vote = await tx.session.get_one(Vote, vote_id, with_for_update=True)
    box = (await queries.ceremony(tx, vote)).box
    tx.session.add(box)
    return box


async def _must_see(view: ReadTx, actor: Actor, meeting_id: UUID, vote_id: UUID) -> None:
    if (await seat(view, actor, meeting_id)).part is Part.GUEST:
        raise NotFound(id=str(vote_id))
