"""What phones do about votes over the room's socket."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import UUID

from api.meetings.commands import Command, Json
from api.meetings.votes import service
from api.meetings.votes.rules import Mark
from api.meetings.votes.schemas import CastCommand, OneVote, PublishCommand
from core.actor import Actor
from core.db import Tx

_DO: dict[str, Callable[..., Awaitable[Any]]] = {
    "vote.open": service.open_vote,
    "vote.close": service.close_vote,
    "vote.annul": service.annul,
}


async def _cast(tx: Tx, actor: Actor, meeting_id: UUID, said: CastCommand) -> Json:
    mark = Mark(said.choice, said.principal_id, said.words)
    ballot = await service.cast(tx, actor, meeting_id, said.vote_id, mark)
    return {"mandate_id": str(ballot.mandate_id), "choice": ballot.choice}


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


COMMANDS = {
    "vote.cast": Command(CastCommand, _cast),
    "vote.publish": Command(PublishCommand, _publish),
} | {kind: Command(OneVote, partial(_move, do)) for kind, do in _DO.items()}
