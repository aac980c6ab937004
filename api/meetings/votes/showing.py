"""Votes as somebody of the meeting sees them."""

from uuid import UUID

from api.meetings.rules import Part
from api.meetings.seats import Seat
from api.meetings.secrecy import queries as secrecy_queries
from api.meetings.secrecy import showing as secrecy
from api.meetings.votes import queries
from api.meetings.votes.errors import WrongVoteState
from api.meetings.votes.models import Vote
from api.meetings.votes.rules import Kind, State
from api.meetings.votes.schemas import BallotOut, PublishedOut, VoteOut
from core.db import ReadTx
from core.errors import NotFound


async def votes(view: ReadTx, mine: Seat) -> list[VoteOut]:
    """List the votes; guests see none."""
    if mine.part is Part.GUEST:
        return []
    found = await queries.votes(view, mine.meeting.id)
    return [await one(view, vote, mine.mine.official_id) for vote in found]


async def of(view: ReadTx, mine: Seat, vote_id: UUID) -> VoteOut:
    """Return a vote; to guests there is none."""
    if mine.part is Part.GUEST:
        raise NotFound(id=str(vote_id))
    vote = await queries.vote(view, mine.meeting.id, vote_id)
    return await one(view, vote, mine.mine.official_id)


async def one(view: ReadTx, vote: Vote, official_id: UUID) -> VoteOut:
    """Return a vote as one official sees it."""
    mandates = await queries.my_mandates(view, vote.id, official_id)
    is_out = vote.state is State.PUBLISHED
    is_secret = vote.kind is Kind.SECRET
    counted = secrecy_queries if is_secret else queries
    return VoteOut(
        id=vote.id,
        kind=vote.kind,
        item_id=vote.item_id,
        question=vote.question,
        choices=vote.choices,
        rule=vote.rule,
        state=vote.state,
        opened_at=vote.opened_at,
        closes_at=vote.closes_at,
        closed_at=vote.closed_at,
        signed=vote.signed,
        cast=await counted.cast_count(view, vote.id),
        electorate=vote.electorate,
        mine=[mandate.official_id for mandate in mandates],
        result=vote.result if is_out else None,
        digest=vote.digest if is_out else None,
        secret=await secrecy.secret(view, vote) if is_secret else None,
    )


async def published(view: ReadTx, mine: Seat, vote_id: UUID) -> PublishedOut:
    """Return the list of a published vote."""
    vote = await queries.vote(view, mine.meeting.id, vote_id)
    if vote.state is not State.PUBLISHED or mine.part is Part.GUEST:
        raise WrongVoteState(state=vote.state, move="read_list")
    box = await secrecy_queries.box(view, vote_id)
    return PublishedOut(
        choices=vote.choices,
        rule=vote.rule,
        electorate=vote.electorate or {},
        ballots=[
            BallotOut(
                mandate_id=mandate.id,
                official_id=mandate.official_id,
                weight=mandate.weight,
                choice=ballot.choice,
                words=ballot.words,
                cast_by=ballot.cast_by,
                evidence=ballot.evidence,
            )
            for ballot, mandate in await queries.listed(view, vote_id)
        ],
        result=vote.result or {},
        digest=vote.digest or "",
        box=box.uuid if box is not None else None,
    )
