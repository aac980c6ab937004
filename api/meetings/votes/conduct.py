"""What every kind of vote is moved by: who conducts it, its state, and who holds a mandate."""

from dataclasses import asdict
from uuid import UUID

from sqlmodel import select

from api.meetings.attendance import queries as attendance
from api.meetings.attendance.rules import Voter, quorum
from api.meetings.models import Meeting
from api.meetings.rules import Act, Form
from api.meetings.seats import locked
from api.meetings.votes import queries
from api.meetings.votes.errors import WrongVoteState
from api.meetings.votes.models import Vote, VoteMandate
from api.meetings.votes.queries import rule_of
from api.meetings.votes.rules import Electorate, Move, State, after
from core.actor import Actor
from core.db import Tx
from core.errors import NotFound
from core.ids import new_id


def advance(tx: Tx, vote: Vote, move: Move) -> None:
    """Move a vote on, or refuse; the only place that changes its state."""
    vote.state = after(vote.state, move)
    tx.session.add(vote)


async def conducted(tx: Tx, actor: Actor, meeting_id: UUID, vote_id: UUID) -> tuple[Meeting, Vote]:
    """Return a vote that the actor conducts and nobody else changes until the transaction ends."""
    meeting = (await locked(tx, actor, meeting_id, Act.CONDUCT_VOTE)).meeting
    await queries.vote(tx, meeting_id, vote_id)
    vote = await tx.session.get_one(Vote, vote_id, with_for_update=True, populate_existing=True)
    return meeting, vote


async def shared(tx: Tx, meeting_id: UUID, vote_id: UUID) -> Vote:
    """Return a vote whose row those who cast share: whoever closes it waits for them."""
    statement = (
        select(Vote)
        .where(Vote.id == vote_id, Vote.meeting_id == meeting_id)
        .with_for_update(read=True)
    )
    vote = (await tx.session.exec(statement)).first()
    if vote is None:
        raise NotFound(id=str(vote_id))
    return vote


def must_be_open(tx: Tx, vote: Vote) -> None:
    """Refuse a ballot that comes before or after its time."""
    if vote.state is not State.OPEN or (vote.closes_at is not None and tx.now >= vote.closes_at):
        raise WrongVoteState(state=vote.state, move="cast")


async def freeze(tx: Tx, meeting: Meeting, vote: Vote) -> list[VoteMandate]:
    """Freeze who may cast what: one mandate for each principal who is there or stood in for."""
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
