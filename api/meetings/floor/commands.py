"""What phones do about the floor over the room's socket."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from api.meetings.commands import Command, Json
from api.meetings.floor import service
from api.meetings.floor.rules import Move
from api.meetings.floor.schemas import AskFloor, Extend, OneTurn
from core.actor import Actor
from core.db import Tx


async def _ask(tx: Tx, actor: Actor, meeting_id: UUID, said: AskFloor) -> Json:
    turn = await service.ask(tx, actor, meeting_id, said.kind)
    return {"turn_id": str(turn.id), "state": turn.state, "place": turn.place}


async def _move(move: Move, tx: Tx, actor: Actor, meeting_id: UUID, said: OneTurn) -> Json:
    turn = await service.move(tx, actor, meeting_id, said.turn_id, move)
    return {"turn_id": str(turn.id), "state": turn.state}


async def _extend(tx: Tx, actor: Actor, meeting_id: UUID, said: Extend) -> Json:
    more = timedelta(seconds=said.seconds)
    turn = await service.extend(tx, actor, meeting_id, said.turn_id, more)
    return {"turn_id": str(turn.id), "budget_ms": turn.budget_ms}


#: Time itself makes the last one.
_MADE_BY_PEOPLE = tuple(move for move in Move if move is not Move.EXPIRE)
_MOVES: dict[Move, Callable[..., Awaitable[Any]]] = {
    move: partial(_move, move) for move in _MADE_BY_PEOPLE
}
COMMANDS = {
    "floor.ask": Command(AskFloor, _ask),
    "floor.extend": Command(Extend, _extend),
} | {f"floor.{move}": Command(OneTurn, do) for move, do in _MOVES.items()}
