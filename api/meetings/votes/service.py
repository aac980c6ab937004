"""Use-cases of votes: each function is one transaction's worth of work."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlmodel import select

from api.documents.rules import must_not_be_secret
from api.meetings import queries as meetings
from api.meetings.attendance import queries as attendance
from api.meetings.attendance.rules import Voter, quorum
from api.meetings.errors import WrongTimes
from api.meetings.models import Meeting
from api.meetings.papers import queries as papers
from api.meetings.rules import Act, Form, Part, must_be_in
from api.meetings.seats import locked, seat
from api.meetings.votes import queries
from api.meetings.votes.errors import (
    AlreadyCast,
    NoMandate,
    NotThisKind,
    VoteStillOpen,
    WrongVoteState,
)
from api.meetings.votes.events import (
    VoteAnnulled,
    VoteClosed,
    VoteDrafted,
    VoteOpened,
    VotePublished,
)
from api.meetings.votes.models import Vote, VoteBallot, VoteMandate
from api.meetings.votes.queries import ballots_of, electorate_of, rule_of
from api.meetings.votes.rules import (
    HELD,
    HELD_IN,
    Electorate,
    Mark,
    Move,
    Question,
    State,
    after,
    digest_of,
    must_be_a_choice,
    tally,
)
from core.actor import Actor
from core.clock import is_ahead
from core.db import Tx
from core.errors import NotFound
from core.ids import new_id
from core.jobs import Job, enqueue_once

CLOSE = "meetings.vote_closes"


async def draft(tx: Tx, actor: Actor, meeting_id: UUID, asked: Question) -> Vote:
    """Prepare a vote (chair or secretary)."""
    meeting = (await locked(tx, actor, meeting_id, Act.CONDUCT_VOTE)).meeting
    if asked.kind not in HELD:
        raise NotThisKind(kind=asked.kind)
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
    )
    tx.session.add(vote)
    tx.audit(actor, "meetings.draft_vote", meeting_id, vote=str(vote.id))
    tx.emit(VoteDrafted(meeting_id=meeting_id, by=actor.id, vote_id=vote.id))
    return vote


async def open_vote(tx: Tx, actor: Actor, meeting_id: UUID, vote_id: UUID) -> Vote:
    """Open a vote and freeze who may cast what: whoever is there now holds a mandate."""
    meeting, vote = await _conducted(tx, actor, meeting_id, vote_id)
    must_be_in(meeting.state, *HELD_IN[meeting.form is Form.BALLOT], move="open_vote")
    _advance(tx, vote, Move.OPEN)
    vote.opened_at = tx.now
    mandates = await _freeze(tx, meeting, vote)
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


async def cast(tx: Tx, actor: Actor, meeting_id: UUID, vote_id: UUID, mark: Mark) -> VoteBallot:
    """Cast a ballot for one's own mandate, or for a principal's; the same again changes nothing.

    The meeting is not locked: a whole hall votes at once. The vote's row is shared among those who
    cast, and whoever closes it waits for them.
    """
    await seat(tx, actor, meeting_id, Act.VOTE)
    vote = await _shared(tx, meeting_id, vote_id)
    must_be_a_choice(mark.choice, len(vote.choices))
    must_not_be_secret("", "", [mark.words or ""])
    mandate = await _mandate(tx, actor, vote_id, mark.principal_id or actor.id)
    known = await tx.session.get(VoteBallot, (vote_id, mandate.id))
    if known is not None:
        if (known.choice, known.words, known.cast_by) != (mark.choice, mark.words, actor.id):
            raise AlreadyCast
        return known
    _must_be_open(tx, vote)
    ballot = VoteBallot(
        vote_id=vote_id,
        mandate_id=mandate.id,
        agency_id=vote.agency_id,
        choice=mark.choice,
        words=mark.words,
        cast_by=actor.id,
        cast_at=tx.now,
    )
    tx.session.add(ballot)
    tx.audit(actor, "meetings.cast_vote", meeting_id, vote=str(vote_id), mandate=str(mandate.id))
    await tx.session.flush()
    return ballot


async def close_vote(tx: Tx, actor: Actor, meeting_id: UUID, vote_id: UUID) -> Vote:
    """Close a vote and count it; the result is told when it is published."""
    _, vote = await _conducted(tx, actor, meeting_id, vote_id)
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


async def publish(tx: Tx, actor: Actor, meeting_id: UUID, vote_id: UUID) -> Vote:
    """Tell the result, and let everybody read the list."""
    _, vote = await _conducted(tx, actor, meeting_id, vote_id)
    _advance(tx, vote, Move.PUBLISH)
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
    _, vote = await _conducted(tx, actor, meeting_id, vote_id)
    _advance(tx, vote, Move.ANNUL)
    vote.closed_at = vote.closed_at or tx.now
    tx.audit(actor, "meetings.annul_vote", meeting_id, vote=str(vote_id))
    tx.emit(VoteAnnulled(meeting_id=meeting_id, by=actor.id, vote_id=vote_id))
    return vote


async def must_all_be_closed(tx: Tx, meeting: Meeting) -> None:
    """Refuse to end a meeting in the middle of a vote."""
    if await queries.any_open(tx, meeting.id) is not None:
        raise VoteStillOpen


def _advance(tx: Tx, vote: Vote, move: Move) -> None:
    """Move a vote on, or refuse; the only place that changes its state."""
    vote.state = after(vote.state, move)
    tx.session.add(vote)


async def _close(tx: Tx, actor: Actor, vote: Vote) -> None:
    _advance(tx, vote, Move.CLOSE)
    vote.closed_at = tx.now
    meeting = await tx.session.get_one(Meeting, vote.meeting_id)
    ballots = ballots_of(await queries.listed(tx, vote.id))
    rule, electorate = rule_of(vote), electorate_of(vote)
    by_ballot = meeting.form is Form.BALLOT
    result = tally(ballots, len(vote.choices), electorate, rule, by_ballot=by_ballot)
    _advance(tx, vote, Move.TALLY)
    vote.result = asdict(result)
    vote.digest = digest_of(ballots, electorate, rule)
    cast_ = len(ballots)
    tx.emit(VoteClosed(meeting_id=vote.meeting_id, by=actor.id, vote_id=vote.id, cast=cast_))


async def _freeze(tx: Tx, meeting: Meeting, vote: Vote) -> list[VoteMandate]:
    voters = await attendance.voters(tx, meeting.id)
    here = await attendance.here(tx, meeting.id)
    if meeting.form is Form.BALLOT:  # whoever is asked in writing needs to be nowhere
        here = {one.official_id for one in voters} | {
            one.delegate_id for one in voters if one.delegate_id is not None
        }
    counted = quorum(voters, here, percent=rule_of(vote).quorum_percent)
    vote.electorate = asdict(
        Electorate(
            counted.entitled, counted.present, counted.weight_entitled, counted.weight_present
        )
    )
    mandates = [_mandate_of(vote, one, here) for one in voters]
    held = [one for one in mandates if one.principal_present or one.delegate_id is not None]
    tx.session.add(vote)
    await tx.session.flush()
    tx.session.add_all(held)
    await tx.session.flush()
    return held


def _mandate_of(vote: Vote, voter: Voter, here: set[UUID]) -> VoteMandate:
    delegate_is_here = voter.delegate_id is not None and voter.delegate_id in here
    return VoteMandate(
        id=new_id(),
        vote_id=vote.id,
        agency_id=vote.agency_id,
        official_id=voter.official_id,
        weight=voter.weight,
        principal_present=voter.official_id in here,
        delegate_id=voter.delegate_id if delegate_is_here else None,
    )


async def _conducted(tx: Tx, actor: Actor, meeting_id: UUID, vote_id: UUID) -> tuple[Meeting, Vote]:
    meeting = (await locked(tx, actor, meeting_id, Act.CONDUCT_VOTE)).meeting
    await queries.vote(tx, meeting_id, vote_id)
    vote = await tx.session.get_one(Vote, vote_id, with_for_update=True, populate_existing=True)
    return meeting, vote


async def _shared(tx: Tx, meeting_id: UUID, vote_id: UUID) -> Vote:
    statement = (
        select(Vote)
        .where(Vote.id == vote_id, Vote.meeting_id == meeting_id)
        .with_for_update(read=True)
    )
    vote = (await tx.session.exec(statement)).first()
    if vote is None:
        raise NotFound(id=str(vote_id))
    return vote


async def _mandate(tx: Tx, actor: Actor, vote_id: UUID, principal_id: UUID) -> VoteMandate:
    mine = await queries.my_mandates(tx, vote_id, actor.id)
    found = next((one for one in mine if one.official_id == principal_id), None)
    if found is None:
        raise NoMandate
    return found


def _must_be_open(tx: Tx, vote: Vote) -> None:
    if vote.state is not State.OPEN or (vote.closes_at is not None and tx.now >= vote.closes_at):
        raise WrongVoteState(state=vote.state, move="cast")


def _closing(tx: Tx, vote: Vote, closes_at: datetime) -> Job:
    return Job(
        kind=CLOSE,
        key=str(vote.id),
        payload={"vote_id": str(vote.id)},
        next_at=closes_at,
        created_at=tx.now,
    )
