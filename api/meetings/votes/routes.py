"""Votes over HTTP."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from api.deps import ActorDep, BesideDep, Once, ReadTxDep, WriteTxDep
from api.documents.errors import Secret
from api.meetings.deps import ASKED
from api.meetings.errors import NotYourPart, WrongState, WrongTimes
from api.meetings.flows import Commands, Spoken
from api.meetings.seats import seat
from api.meetings.secrecy.errors import ResultReveals, WrongSecrecy
from api.meetings.votes import casting, service, showing
from api.meetings.votes.commands import CAST
from api.meetings.votes.errors import (
    AlreadyCast,
    NoMandate,
    NoSuchChoice,
    NotThisKind,
    SignatureNeeded,
    WrongVoteState,
)
from api.meetings.votes.rules import Mark
from api.meetings.votes.schemas import Cast, CastCommand, DraftVote, PublishedOut, Receipt, VoteOut
from api.people.errors import LockedOut
from api.people.factors.deps import StepUpDep
from api.people.factors.errors import StepUpNeeded, WrongFactor
from api.problems import answer_with, problems
from core.ids import new_id
from core.nonces import UseNonce


async def _rooms(request: Request) -> Commands:
    rooms: Commands = request.app.state.engines.rooms
    return rooms


RoomsDep = Annotated[Commands, Depends(_rooms)]
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
        *(SignatureNeeded, Secret, *ASKED),
    ),
)
async def cast_ballot(
    meeting_id: UUID, vote_id: UUID, body: Cast, actor: ActorDep, beside: BesideDep, rooms: RoomsDep
) -> Receipt:
    """Cast my ballot, or that of whom I stand in for; the same again gets the same receipt."""
    said = CastCommand(vote_id=vote_id, **body.model_dump())
    key = beside.key or str(new_id())
    ballot = Spoken(actor, meeting_id, CAST, key, said, beside.asked, beside.proof)
    return Receipt.model_validate(await rooms.cast(ballot))


@router.post(
    "/{vote_id}/signed-ballots",
    responses=answer_with(HTTPStatus.OK, UseNonce.described)
    | problems(
        NotYourPart, NoMandate, NoSuchChoice, AlreadyCast, NotThisKind, WrongVoteState,
        UseNonce, StepUpNeeded, WrongFactor, LockedOut, Secret, *ASKED,
    ),
)  # fmt: skip
async def cast_signed_ballot(
    meeting_id: UUID, vote_id: UUID, body: Cast, actor: ActorDep, step_up: StepUpDep, tx: WriteTxDep
) -> Receipt:
    """Cast a ballot that my device signs, in a vote that asks for it.

    The device's proof holds a claim `challenge`: base64url(SHA-256("ballot" || vote id ||
    SHA-256(text) || nonce)), with the id as 16 bytes and the nonce of the same proof; the text is
    JSON without blanks, its names in order: choice, choices, principal_id (mine if I stand for
    nobody), question, vote_id, words. Who has a passkey or an authenticator app also shows it in
    the header `Step-Up`.
    """
    mark = Mark(body.choice, body.principal_id, body.words)
    ballot = await casting.cast_signed(tx, actor, meeting_id, vote_id, mark, step_up=step_up)
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
