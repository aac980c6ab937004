"""Votes over HTTP."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import ActorDep, Once, ReadTxDep, WriteTxDep
from api.documents.errors import Secret
from api.meetings.deps import ASKED
from api.meetings.errors import NotYourPart, WrongState, WrongTimes
from api.meetings.seats import seat
from api.meetings.secrecy.errors import ResultReveals, WrongSecrecy
from api.meetings.votes import casting, service, showing
from api.meetings.votes.errors import (
    AlreadyCast,
    NoMandate,
    NoSuchChoice,
    NotThisKind,
    WrongVoteState,
)
from api.meetings.votes.rules import Mark
from api.meetings.votes.schemas import Cast, DraftVote, PublishedOut, Receipt, VoteOut
from api.problems import problems

router = APIRouter(prefix="/meetings/{meeting_id}/votes", tags=["meetings"], route_class=Once)
_STEP = problems(NotYourPart, WrongState, WrongVoteState, *ASKED)


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    responses=problems(NotYourPart, WrongSecrecy, WrongTimes, Secret, *ASKED),
)
async def draft_vote(meeting_id: UUID, body: DraftVote, actor: ActorDep, tx: WriteTxDep) -> VoteOut:
    """Put a question to the vote (chair or secretary); it opens later."""
    vote = await service.draft(tx, actor, meeting_id, body.asked(), body.plan())
    await tx.session.flush()
    return await showing.one(tx, vote, actor.id)


@router.get("/{vote_id}", responses=problems(*ASKED))
async def read_vote(meeting_id: UUID, vote_id: UUID, actor: ActorDep, view: ReadTxDep) -> VoteOut:
    """See a vote; how it stands is told to nobody before it is published."""
    return await showing.of(view, await seat(view, actor, meeting_id), vote_id)


@router.post("/{vote_id}/open", responses=_STEP)
async def open_vote(meeting_id: UUID, vote_id: UUID, actor: ActorDep, tx: WriteTxDep) -> VoteOut:
    """Open a vote (chair or secretary): who may cast what is frozen now."""
    vote = await service.open_vote(tx, actor, meeting_id, vote_id)
    await tx.session.flush()
    return await showing.one(tx, vote, actor.id)


@router.post(
    "/{vote_id}/ballots",
    responses=problems(
        *(NotYourPart, NoMandate, NoSuchChoice, AlreadyCast, NotThisKind, WrongVoteState),
        *(Secret, *ASKED),
    ),
)
async def cast_ballot(
    meeting_id: UUID, vote_id: UUID, body: Cast, actor: ActorDep, tx: WriteTxDep
) -> Receipt:
    """Cast my ballot, or that of whom I stand in for; the same again gets the same receipt."""
    mark = Mark(body.choice, body.principal_id, body.words)
    ballot = await casting.cast(tx, actor, meeting_id, vote_id, mark)
    return Receipt.model_validate(ballot, from_attributes=True)


@router.post("/{vote_id}/close", responses=_STEP)
async def close_vote(meeting_id: UUID, vote_id: UUID, actor: ActorDep, tx: WriteTxDep) -> VoteOut:
    """Close a vote and count it (chair or secretary)."""
    vote = await service.close_vote(tx, actor, meeting_id, vote_id)
    await tx.session.flush()
    return await showing.one(tx, vote, actor.id)


@router.post(
    "/{vote_id}/publish",
    responses=problems(NotYourPart, WrongVoteState, ResultReveals, *ASKED),
)
async def publish_vote(
    meeting_id: UUID,
    vote_id: UUID,
    actor: ActorDep,
    tx: WriteTxDep,
    *,
    although_it_reveals: Annotated[bool, Query(description="after a warning")] = False,
) -> VoteOut:
    """Tell the result, and let everybody read the list (chair or secretary)."""
    vote = await service.publish(
        tx, actor, meeting_id, vote_id, although_it_reveals=although_it_reveals
    )
    await tx.session.flush()
    return await showing.one(tx, vote, actor.id)


@router.post("/{vote_id}/annul", responses=_STEP)
async def annul_vote(meeting_id: UUID, vote_id: UUID, actor: ActorDep, tx: WriteTxDep) -> VoteOut:
    """Let a vote not count (chair or secretary); its ballots are kept."""
    vote = await service.annul(tx, actor, meeting_id, vote_id)
    await tx.session.flush()
    return await showing.one(tx, vote, actor.id)


@router.get("/{vote_id}/list", responses=problems(WrongVoteState, *ASKED))
async def read_ballots(
    meeting_id: UUID, vote_id: UUID, actor: ActorDep, view: ReadTxDep
) -> PublishedOut:
    """Read everything a published result was computed from, to count it again."""
    return await showing.published(view, await seat(view, actor, meeting_id), vote_id)
