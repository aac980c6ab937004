"""What phones do over the room's socket: commands, each with one effect however often it comes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

import orjson
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import IntegrityError

from api.meetings import service, showing
from api.meetings.commands import Command, Json
from api.meetings.floor import commands as floor
from api.meetings.notes import commands as notes
from api.meetings.schemas import HandOver, TurnPage
from api.meetings.votes import commands as votes
from api.meetings.votes.schemas import CastCommand
from core import idempotency
from core.actor import Actor
from core.db import Database, Tx
from core.errors import AppError, Malformed, Stale
from core.grouped import Grouped
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


@dataclass(frozen=True, slots=True)
class Spoken:
    """One command as it came."""

    actor: Actor
    meeting_id: UUID
    kind: str
    key: str
    said: BaseModel

    @property
    def name(self) -> tuple[UUID, str]:
        """What its answer is kept under."""
        return self.actor.id, self.key

    @property
    def asked(self) -> bytes:
        """What makes it the same when it comes again."""
        what = f"{self.meeting_id} {self.kind} {self.said.model_dump_json()}"
        return hashlib.sha256(what.encode()).digest()

    def answered(self, answer: Json, now: datetime) -> StoredAnswer:
        """Return its answer as it is kept."""
        return StoredAnswer(
            actor_id=self.actor.id,
            key=self.key,
            request=self.asked,
            status=200,
            media_type="application/json",
            body=orjson.dumps(answer),
            at=now,
        )


class Commands:
    """What sockets say to rooms; ballots of one moment share a commit."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._casts: Grouped[Spoken, Json | AppError] = Grouped(self._cast)

    async def do(self, actor: Actor, meeting_id: UUID, *, kind: str, key: UUID, data: Json) -> Json:
        """Do what a phone asks of a room; the same key has one effect and one answer."""
        if kind != votes.CAST:
            return await command(self._db, actor, meeting_id, kind=kind, key=key, data=data)
        answer = await self._casts.put(_spoken(actor, meeting_id, kind, key, data))
        if isinstance(answer, AppError):
            raise answer
        return answer

    async def _cast(self, spoken: Sequence[Spoken]) -> Sequence[Json | AppError]:
        try:
            return await self._cast_together(spoken)
        except IntegrityError:  # another node was faster with one of them
            return [await self._cast_alone(one) for one in spoken]

    async def _cast_together(self, spoken: Sequence[Spoken]) -> Sequence[Json | AppError]:
        first = {one.name: one for one in reversed(spoken)}
        async with self._db.begin() as tx:
            named = [(one.actor.id, one.key, one.asked) for one in first.values()]
            known = await idempotency.recall_all(tx, named)
            answers: dict[tuple[UUID, str], Json | AppError] = {}
            for one, kept in zip(first.values(), known, strict=True):
                if kept is not None:
                    answers[one.name] = (
                        kept if isinstance(kept, AppError) else orjson.loads(kept.body)
                    )
            await self._cast_new(tx, [first[one] for one in first if one not in answers], answers)
        return [
            answers[one.name] if one.asked == first[one.name].asked else idempotency.KeyReused()
            for one in spoken
        ]

    async def _cast_new(
        self, tx: Tx, new: Sequence[Spoken], answers: dict[tuple[UUID, str], Json | AppError]
    ) -> None:
        for meeting_id in {one.meeting_id for one in new}:
            mine = [one for one in new if one.meeting_id == meeting_id]
            said = [(one.actor, cast(CastCommand, one.said)) for one in mine]
            told = await votes.cast_all(tx, meeting_id, said)
            answers |= {one.name: answer for one, answer in zip(mine, told, strict=True)}
        kept = [
            one.answered(answer, tx.now)
            for one in new
            if not isinstance(answer := answers[one.name], AppError)
        ]
        await idempotency.remember_all(tx, kept)

    async def _cast_alone(self, one: Spoken) -> Json | AppError:
        try:
            return await _do(self._db, one)
        except AppError as refusal:
            return refusal
        except IntegrityError:
            return Stale()


async def command(
    db: Database, actor: Actor, meeting_id: UUID, *, kind: str, key: UUID, data: Json
) -> Json:
    """Do one command in a transaction of its own."""
    return await _do(db, _spoken(actor, meeting_id, kind, key, data))


async def _do(db: Database, spoken: Spoken) -> Json:
    actor, meeting_id = spoken.actor, spoken.meeting_id
    async with db.begin() as tx:
        kept = await idempotency.recall(tx, actor.id, spoken.key, spoken.asked)
        if kept is not None:
            answer: Json = orjson.loads(kept.body)
            return answer
        answer = await COMMANDS[spoken.kind].do(tx, actor, meeting_id, spoken.said)
        await idempotency.remember(tx, spoken.answered(answer, tx.now))
        return answer


async def snapshot(db: Database, actor: Actor, meeting_id: UUID) -> Json:
    """Return what the room shows now."""
    async with db.read() as view:
        return (await showing.whole(view, actor, meeting_id)).model_dump(mode="json")


def _spoken(actor: Actor, meeting_id: UUID, kind: str, key: UUID, data: Json) -> Spoken:
    return Spoken(actor, meeting_id, kind, f"cmd-{key}", _read(kind, data))


def _read(kind: str, data: Json) -> BaseModel:
    try:
        return COMMANDS[kind].shape.model_validate(data)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise Malformed(where=f"d.{where}") from error
