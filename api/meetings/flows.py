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
from core import idempotency, proofs
from core.actor import Actor
from core.db import Database, Tx
from core.errors import AppError, Malformed, Stale
from core.grouped import Grouped
from core.idempotency import StoredAnswer
from core.tokens import BadProof, Proof


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
    """Something said to a room, over its socket or over HTTP.

    Attributes:
        key: of its sender's own; the same has one effect and one answer.
        asked: what makes it the same when it comes again.
        proof: what has to be used up with it, if it came over HTTP.
    """

    actor: Actor
    meeting_id: UUID
    kind: str
    key: str
    said: BaseModel
    asked: bytes
    proof: Proof | None = None

    @property
    def name(self) -> tuple[UUID, str]:
        """What its answer is kept under."""
        return self.actor.id, self.key

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


_Answers = dict[tuple[UUID, str], Json | AppError]


class Commands:
    """What is said to rooms; ballots of one moment share a commit, whichever way they came."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._casts: Grouped[Spoken, Json | AppError] = Grouped(self._cast)

    async def do(self, actor: Actor, meeting_id: UUID, *, kind: str, key: UUID, data: Json) -> Json:
        """Do what a phone asks of a room; the same key has one effect and one answer."""
        spoken = _spoken(actor, meeting_id, kind, key, data)
        return await (self.cast(spoken) if kind == votes.CAST else _do(self._db, spoken))

    async def cast(self, ballot: Spoken) -> Json:
        """Cast a ballot by name; it is durable, and so is its answer, before this returns."""
        answer = await self._casts.put(ballot)
        if isinstance(answer, AppError):
            raise answer
        return answer

    async def _cast(self, spoken: Sequence[Spoken]) -> Sequence[Json | AppError]:
        try:
            return await self._cast_together(spoken)
        except IntegrityError:  # another node was faster with one of them
            return [await self._cast_alone(one) for one in spoken]

    async def _cast_together(self, spoken: Sequence[Spoken]) -> Sequence[Json | AppError]:
        async with self._db.begin() as tx:
            were_new = await _used_up(tx, spoken)
            heard = [one for one, was_new in zip(spoken, were_new, strict=True) if was_new]
            first = {one.name: one for one in reversed(heard)}
            answers = await _known(tx, list(first.values()))
            await self._cast_new(tx, [first[one] for one in first if one not in answers], answers)
        return [
            _answer_to(one, first, answers) if was_new else BadProof()
            for one, was_new in zip(spoken, were_new, strict=True)
        ]

    async def _cast_new(self, tx: Tx, new: Sequence[Spoken], answers: _Answers) -> None:
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


async def _used_up(tx: Tx, spoken: Sequence[Spoken]) -> list[bool]:
    """Use up the proofs that came over HTTP; say of which nobody had used one before."""
    brought = [one.proof for one in spoken if one.proof is not None]
    were_new = iter(await proofs.use_up_all(tx, brought))
    return [one.proof is None or next(were_new) for one in spoken]


async def _known(tx: Tx, spoken: Sequence[Spoken]) -> _Answers:
    """Return what is answered already."""
    named = [(one.actor.id, one.key, one.asked) for one in spoken]
    found = zip(spoken, await idempotency.recall_all(tx, named), strict=True)
    return {
        one.name: kept if isinstance(kept, AppError) else orjson.loads(kept.body)
        for one, kept in found
        if kept is not None
    }


def _answer_to(
    one: Spoken, first: dict[tuple[UUID, str], Spoken], answers: _Answers
) -> Json | AppError:
    is_same = one.asked == first[one.name].asked
    return answers[one.name] if is_same else idempotency.KeyReused()


async def command(
    db: Database, actor: Actor, meeting_id: UUID, *, kind: str, key: UUID, data: Json
) -> Json:
    """Do one command in a transaction of its own."""
    return await _do(db, _spoken(actor, meeting_id, kind, key, data))


async def _do(db: Database, spoken: Spoken) -> Json:
    actor, meeting_id = spoken.actor, spoken.meeting_id
    async with db.begin() as tx:
        if spoken.proof is not None:
            await proofs.use_up(tx, spoken.proof)
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
    said = _read(kind, data)
    asked = hashlib.sha256(f"{meeting_id} {kind} {said.model_dump_json()}".encode()).digest()
    return Spoken(actor, meeting_id, kind, f"cmd-{key}", said, asked)


def _read(kind: str, data: Json) -> BaseModel:
    try:
        return COMMANDS[kind].shape.model_validate(data)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise Malformed(where=f"d.{where}") from error
