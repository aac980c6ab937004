"""What may be read of votes: nothing of how one stands before it is published."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, or_, select

from api.meetings.votes.models import Vote, VoteBallot, VoteMandate
from api.meetings.votes.rules import Ballot, Base, Electorate, Rule, State
from core.db import ReadTx
from core.errors import NotFound


async def votes(view: ReadTx, meeting_id: UUID) -> Sequence[Vote]:
    """List the votes of a meeting, the oldest first."""
    statement = select(Vote).where(Vote.meeting_id == meeting_id)
    return (await view.session.exec(statement.order_by(col(Vote.created_at), col(Vote.id)))).all()


async def vote(view: ReadTx, meeting_id: UUID, vote_id: UUID) -> Vote:
    """Return a vote of a meeting."""
    found = await view.session.get(Vote, vote_id)
    if found is None or found.meeting_id != meeting_id:
        raise NotFound(id=str(vote_id))
    return found


async def any_open(view: ReadTx, meeting_id: UUID) -> UUID | None:
    """Return a vote that is open."""
    statement = select(Vote.id).where(Vote.meeting_id == meeting_id, Vote.state == State.OPEN)
    return (await view.session.exec(statement.limit(1))).first()


async def my_mandates(view: ReadTx, vote_id: UUID, official_id: UUID) -> Sequence[VoteMandate]:
    """List the mandates that somebody may cast: their own, and those they stand in for."""
    own = (col(VoteMandate.official_id) == official_id) & col(VoteMandate.principal_present)
    statement = select(VoteMandate).where(
        VoteMandate.vote_id == vote_id, or_(own, col(VoteMandate.delegate_id) == official_id)
    )
    return (await view.session.exec(statement.order_by(col(VoteMandate.official_id)))).all()


async def mandates_of(
    view: ReadTx, vote_id: UUID, principals: Collection[UUID]
) -> dict[UUID, VoteMandate]:
    """Return the mandates of some principals, by principal."""
    statement = select(VoteMandate).where(
        VoteMandate.vote_id == vote_id, col(VoteMandate.official_id).in_(principals)
    )
    return {one.official_id: one for one in (await view.session.exec(statement)).all()}


async def cast_for(
    view: ReadTx, vote_id: UUID, mandates: Collection[UUID]
) -> dict[UUID, VoteBallot]:
    """Return the ballots that were cast for some mandates, by mandate."""
    statement = select(VoteBallot).where(
        VoteBallot.vote_id == vote_id, col(VoteBallot.mandate_id).in_(mandates)
    )
    return {one.mandate_id: one for one in (await view.session.exec(statement)).all()}


async def cast_count(view: ReadTx, vote_id: UUID) -> int:
    """Count the ballots."""
    statement = select(func.count()).where(VoteBallot.vote_id == vote_id)
    return (await view.session.exec(statement)).one()


async def listed(view: ReadTx, vote_id: UUID) -> Sequence[tuple[VoteBallot, VoteMandate]]:
    """List every ballot with its mandate, by the mandates' ids."""
    statement = (
        select(VoteBallot, VoteMandate)
        .join(VoteMandate, col(VoteMandate.id) == col(VoteBallot.mandate_id))
        .where(VoteBallot.vote_id == vote_id)
        .order_by(col(VoteBallot.mandate_id))
    )
    return (await view.session.exec(statement)).all()


def ballots_of(rows: Sequence[tuple[VoteBallot, VoteMandate]]) -> list[Ballot]:
    """Return the list as it is counted."""
    return [Ballot(mandate.id, ballot.choice, mandate.weight) for ballot, mandate in rows]


def rule_of(vote: Vote) -> Rule:
    """Return the rule that was stored."""
    return Rule(**(vote.rule | {"base": Base(vote.rule["base"])}))


def electorate_of(vote: Vote) -> Electorate:
    """Return the electorate that was frozen."""
    frozen = vote.electorate or {}
    return Electorate(**{one.name: frozen.get(one.name, 0) for one in fields(Electorate)})
