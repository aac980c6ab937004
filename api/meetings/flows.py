"""What phones do over the room's socket: commands, each with one effect however often it comes."""

import hashlib
from uuid import UUID

import orjson
from pydantic import BaseModel, ValidationError

from api.meetings import service, showing
from api.meetings.commands import Command, Json
from api.meetings.floor import commands as floor
from api.meetings.notes import commands as notes
from api.meetings.schemas import HandOver, TurnPage
from api.meetings.votes import commands as votes
from core import idempotency
from core.actor import Actor
from core.db import Database, Tx
from core.errors import Malformed
from core.idempotency import StoredAnswer


async def _turn_page(tx: Tx, actor: Actor, meeting_id: UUID, said: TurnPage) -> Json:
    document_id, page = said.document_id, said.page
    await service.turn_page(tx, actor, meeting_id, document_id=document_id, page=page)
    return {"page": page}


async def _hand_over(tx: Tx, actor: Actor, meeting_id: UUID, said: HandOver) -> Json:
    await service.hand_over(tx, actor, meeting_id, said.official_id)
    return {"presenter_id": str(said.official_id)}


#: Every kind of command that a room knows.
COMMANDS: dict[str, Command] = {
    "page.turn": Command(TurnPage, _turn_page),
    "presenter.hand": Command(HandOver, _hand_over),
    **floor.COMMANDS,
    **votes.COMMANDS,
    **notes.COMMANDS,
}


async def command(
    db: Database, actor: Actor, meeting_id: UUID, *, kind: str, key: UUID, data: Json
) -> Json:
    """Do what a phone asks of the room; the same key has one effect and one answer."""
    said = _read(kind, data)
    asked = hashlib.sha256(f"{meeting_id} {kind} {said.model_dump_json()}".encode()).digest()
    async with db.begin() as tx:
        kept = await idempotency.recall(tx, actor.id, f"cmd-{key}", asked)
        if kept is not None:
            answer: Json = orjson.loads(kept.body)
            return answer
        answer = await COMMANDS[kind].do(tx, actor, meeting_id, said)
        stored = StoredAnswer(
            actor_id=actor.id,
            key=f"cmd-{key}",
            request=asked,
            status=200,
            media_type="application/json",
            body=orjson.dumps(answer),
            at=tx.now,
        )
        await idempotency.remember(tx, stored)
        return answer


async def snapshot(db: Database, actor: Actor, meeting_id: UUID) -> Json:
    """Return what the room shows now."""
    async with db.read() as view:
        return (await showing.whole(view, actor, meeting_id)).model_dump(mode="json")


def _read(kind: str, data: Json) -> BaseModel:
    try:
        return COMMANDS[kind].shape.model_validate(data)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise Malformed(where=f"d.{where}") from error
