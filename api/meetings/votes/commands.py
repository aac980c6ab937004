"""What phones do about votes over the room's socket."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from api.meetings.commands import Command, Json
from api.meetings.votes import casting, service
from api.meetings.votes.models import VoteBallot
from api.meetings.votes.rules import Mark
from api.meetings.votes.schemas import CastCommand, OneVote, PublishCommand, Receipt
from core.actor import Actor
from core.db import Tx
from core.errors import AppError

_DO: dict[str, Callable[..., Awaitable[Any]]] = {
    "vote.open": service.open_vote,
    "vote.close": service.close_vote,
    "vote.annul": service.annul,
}


async def _cast(tx: Tx, actor: Actor, meeting_id: UUID, said: CastCommand) -> Json:
    ballot = await casting.cast(tx, actor, meeting_id, said.vote_id, _mark(said))
    return _receipt(ballot)


async def cast_all(
    tx: Tx, meeting_id: UUID, said: Sequence[tuple[Actor, CastCommand]]
) -> list[Json | AppError]:
    """Cast what many say in a moment; each is answered for itself."""
    answers: dict[int, Json | AppError] = {}
    for vote_id in {one.vote_id for _, one in said}:
        mine = [place for place, (_, one) in enumerate(said) if one.vote_id == vote_id]
        marks = [casting.Said(said[place][0], _mark(said[place][1])) for place in mine]
        ballots = await casting.cast_all(tx, meeting_id, vote_id, marks)
        for place, one in zip(mine, ballots, strict=True):
            answers[place] = one if isinstance(one, AppError) else _receipt(one)
    return [answers[place] for place in range(len(said))]


def _mark(said: CastCommand) -> Mark:
    return Mark(said.choice, said.principal_id, said.words)


def _receipt(ballot: VoteBallot) -> Json:
    return Receipt.model_validate(ballot, from_attributes=True).model_dump(mode="json")


async def _move(
    do: Callable[..., Awaitable[Any]], tx: Tx, actor: Actor, meeting_id: UUID, said: OneVote
) -> Json:
    vote = await do(tx, actor, meeting_id, said.vote_id)
    return {"vote_id": str(said.vote_id), "state": vote.state}


async def _publish(tx: Tx, actor: Actor, meeting_id: UUID, said: PublishCommand) -> Json:
    vote = await service.publish(
        tx, actor, meeting_id, said.vote_id, although_it_reveals=said.although_it_reveals
    )
    return {"vote_id": str(said.vote_id), "state": vote.state}


#: The one kind of command that many say at the same moment.
CAST = "vote.cast"
COMMANDS = {
    CAST: Command(CastCommand, _cast),
    "vote.publish": Command(PublishCommand, _publish),
} | {kind: Command(OneVote, partial(_move, do)) for kind, do in _DO.items()}
