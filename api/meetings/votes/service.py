"""Use-cases of votes: each function is one transaction's worth of work."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from api.documents.rules import must_not_be_secret
from api.meetings import queries as meetings
from api.meetings.errors import WrongTimes
from api.meetings.models import Meeting
from api.meetings.papers import queries as papers
from api.meetings.rules import Act, Form, Part, must_be_in
from api.meetings.seats import locked
from api.meetings.secrecy import service as secrecy
from api.meetings.secrecy.errors import WrongSecrecy
from api.meetings.secrecy.rules import Secrecy
from api.meetings.votes import queries
from api.meetings.votes.conduct import advance, conducted, freeze
from api.meetings.votes.errors import VoteStillOpen
from api.meetings.votes.events import (
    VoteAnnulled,
    VoteClosed,
    VoteDrafted,
    VoteOpened,
    VotePublished,
)
from api.meetings.votes.models import Vote
from api.meetings.votes.queries import ballots_of, electorate_of, rule_of
from api.meetings.votes.rules import (
    HELD_IN,
    Kind,
    Move,
    Question,
    State,
    digest_of,
    tally,
)
from core.actor import Actor
from core.clock import is_ahead
from core.db import Tx
from core.jobs import Job, enqueue_once

CLOSE = "meetings.vote_closes"


async def draft(
    tx: Tx, actor: Actor, meeting_id: UUID, asked: Question, plan: Secrecy | None = None
) -> Vote:
    """Prepare a vote (chair or secretary); a secret one names who keeps it so."""
    meeting = (await locked(tx, actor, meeting_id, Act.CONDUCT_VOTE)).meeting
    if (asked.kind is Kind.SECRET) is not (plan is not None):
        raise WrongSecrecy(why="kind")
    must_not_be_secret("", "", [asked.question, *asked.choices])
    if asked.closes_at is not None and not is_ahead(asked.closes_at, tx.now):
        raise WrongTimes
    if asked.item_id is not None:
        await papers.item(tx, meeting_id, asked.item_id)
    vote = Vote(
        meeting_id=meeting_id,
        agency_id=meeting.agency_id,
        item_id=asked.item_id,
        kind=asked.kind,
        question=asked.question,
        choices=list(asked.choices),
        rule=asdict(asked.rule),
        created_at=tx.now,
        closes_at=asked.closes_at,
        signed=asked.signed,
    )
    tx.session.add(vote)
    if plan is not None:
        await secrecy.begin(tx, vote, plan)
    tx.audit(actor, "meetings.draft_vote", meeting_id, vote=str(vote.id))
    tx.emit(VoteDrafted(meeting_id=meeting_id, by=actor.id, vote_id=vote.id))
    return vote


async def open_vote(tx: Tx, actor: Actor, meeting_id: UUID, vote_id: UUID) -> Vote:
    """Open a vote and freeze who may cast what: whoever is there now holds a mandate."""
    meeting, vote = await conducted(tx, actor, meeting_id, vote_id)
    must_be_in(meeting.state, *HELD_IN[meeting.form is Form.BALLOT], move="open_vote")
    if vote.kind is Kind.SECRET:
        mandates = await secrecy.ready(tx, vote)
    else:
        mandates = await freeze(tx, meeting, vote)
    advance(tx, vote, Move.OPEN)
    vote.opened_at = tx.now
    if vote.closes_at is not None:
        await enqueue_once(tx.session, _closing(tx, vote, vote.closes_at))
    tx.audit(actor, "meetings.open_vote", meeting_id, vote=str(vote_id))
    holders = {one.official_id for one in mandates} | {one.delegate_id for one in mandates} - {None}
    tx.emit(
        VoteOpened(
            meeting_id=meeting_id,
            by=actor.id,
            vote_id=vote_id,
            mandates=len(mandates),
            closes_at=vote.closes_at,
            told=tuple(sorted(one for one in holders if one is not None)),
        )
    )
    return vote


async def close_vote(tx: Tx, actor: Actor, meeting_id: UUID, vote_id: UUID) -> Vote:
    """Close a vote and count it; the result is told when it is published."""
    _, vote = await conducted(tx, actor, meeting_id, vote_id)
    await _close(tx, actor, vote)
    tx.audit(actor, "meetings.close_vote", meeting_id, vote=str(vote_id))
    return vote


async def close_by_time(tx: Tx, vote_id: UUID) -> None:
    """Close a vote whose time has come; one that was closed before stays as it is."""
    vote = await tx.session.get(Vote, vote_id, with_for_update=True)
    if vote is not None and vote.state is State.OPEN:
        everybody = await meetings.people(tx, vote.meeting_id)
        chair = next(one.official_id for one in everybody if one.part is Part.CHAIR)
        await _close(tx, Actor(chair, vote.agency_id), vote)


async def publish(
    tx: Tx, actor: Actor, meeting_id: UUID, vote_id: UUID, *, although_it_reveals: bool = False
) -> Vote:
    """Tell the result, and let everybody read the list."""
    _, vote = await conducted(tx, actor, meeting_id, vote_id)
    if vote.kind is Kind.SECRET and vote.state is State.TALLIED:
        secrecy.must_not_reveal(vote, confirmed=although_it_reveals)
    advance(tx, vote, Move.PUBLISH)
    result = vote.result or {}
    tx.audit(actor, "meetings.publish_vote", meeting_id, vote=str(vote_id))
    tx.emit(
        VotePublished(
            meeting_id=meeting_id,
            by=actor.id,
            vote_id=vote_id,
            counts=tuple(result["counts"]),
            quorum_met=result["quorum_met"],
            adopted=result["adopted"],
            digest=vote.digest or "",
        )
    )
    return vote


async def annul(tx: Tx, actor: Actor, meeting_id: UUID, vote_id: UUID) -> Vote:
    """Let a vote not count; its ballots are kept."""
    _, vote = await conducted(tx, actor, meeting_id, vote_id)
    advance(tx, vote, Move.ANNUL)
    vote.closed_at = vote.closed_at or tx.now
    tx.audit(actor, "meetings.annul_vote", meeting_id, vote=str(vote_id))
    tx.emit(VoteAnnulled(meeting_id=meeting_id, by=actor.id, vote_id=vote_id))
    return vote


async def must_all_be_closed(tx: Tx, meeting: Meeting) -> None:
    """Refuse to end a meeting in the middle of a vote."""
    if await queries.any_open(tx, meeting.id) is not None:
        raise VoteStillOpen


async def _close(tx: Tx, actor: Actor, vote: Vote) -> None:
    advance(tx, vote, Move.CLOSE)
    vote.closed_at = tx.now
    cast_ = await (secrecy.close if vote.kind is Kind.SECRET else _count)(tx, vote)
    tx.emit(VoteClosed(meeting_id=vote.meeting_id, by=actor.id, vote_id=vote.id, cast=cast_))


async def _count(tx: Tx, vote: Vote) -> int:
    meeting = await tx.session.get_one(Meeting, vote.meeting_id)
    ballots = ballots_of(await queries.listed(tx, vote.id))
    rule, electorate = rule_of(vote), electorate_of(vote)
    by_ballot = meeting.form is Form.BALLOT
    result = tally(ballots, len(vote.choices), electorate, rule, by_ballot=by_ballot)
    advance(tx, vote, Move.TALLY)
    vote.result = asdict(result)
    vote.digest = digest_of(ballots, electorate, rule)
    return len(ballots)


def _closing(tx: Tx, vote: Vote, closes_at: datetime) -> Job:
    return Job(
        kind=CLOSE,
        key=str(vote.id),
        payload={"vote_id": str(vote.id)},
        next_at=closes_at,
        created_at=tx.now,
    )
