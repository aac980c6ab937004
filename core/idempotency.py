"""The Idempotency-Key store: the same key gives one effect and the same answer for 24 hours."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, tuple_
from sqlmodel import Field, SQLModel, col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.db import ReadTx, Tx
from core.errors import AppError

KEPT_FOR = timedelta(hours=24)
KEY_LENGTHS = range(8, 129)


class KeyReused(AppError):
    """This Idempotency-Key was used for another request."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "idempotency.key_reused"


class InProgress(AppError):
    """The same request is being answered right now; ask again with the same key."""

    status = HTTPStatus.CONFLICT
    code = "idempotency.in_progress"


class BadKey(AppError):
    """An Idempotency-Key must be 8 to 128 printable ASCII characters."""

    code = "idempotency.bad_key"


class StoredAnswer(SQLModel, table=True):
    """What was answered to an actor's key."""

    __tablename__: ClassVar[str] = "stored_answer"

    actor_id: UUID = Field(primary_key=True)
    key: str = Field(primary_key=True, max_length=128)
    request: bytes
    status: int
    media_type: str = Field(max_length=80)
    body: bytes
    at: datetime = Field(index=True)


def fingerprint(method: str, path: str, body: bytes) -> bytes:
    """Return what makes two requests the same: SHA-256 over method, path with query and body."""
    return hashlib.sha256(b"\x00".join((method.encode(), path.encode(), body))).digest()


def must_be_a_key(key: str) -> None:
    """Refuse keys that are too short to be unique or too odd to be stored."""
    if not (len(key) in KEY_LENGTHS and key.isascii() and key.isprintable()):
        raise BadKey


async def recall(view: ReadTx, actor_id: UUID, key: str, request: bytes) -> StoredAnswer | None:
    """Return the stored answer, or refuse the key when it belongs to another request."""
    kept = await _get(view.session, actor_id, key)
    if kept is None or kept.at + KEPT_FOR <= view.now:
        return None
    if kept.request != request:
        raise KeyReused
    return kept


async def recall_all(
    view: ReadTx, asked: Sequence[tuple[UUID, str, bytes]]
) -> list[StoredAnswer | KeyReused | None]:
    """Return for each actor, key and request what `recall` would, at the cost of one."""
    mine = tuple_(col(StoredAnswer.actor_id), col(StoredAnswer.key))
    named = mine.in_([(actor_id, key) for actor_id, key, _ in asked])
    found = (await view.session.exec(select(StoredAnswer).where(named))).all()
    live = {(one.actor_id, one.key): one for one in found if one.at + KEPT_FOR > view.now}
    answers: list[StoredAnswer | KeyReused | None] = []
    for actor_id, key, request in asked:
        kept = live.get((actor_id, key))
        is_other = kept is not None and kept.request != request
        answers.append(KeyReused() if is_other else kept)
    return answers


async def remember(tx: Tx, answer: StoredAnswer) -> None:
    """Keep the answer with the change that it tells of.

    A live answer under the same key means that another request was faster: the insert then fails
    with an `IntegrityError`, and this change with it.
    """
    await remember_all(tx, [answer])


async def remember_all(tx: Tx, answers: Sequence[StoredAnswer]) -> None:
    """Keep many answers, each as `remember` does."""
    mine = tuple_(col(StoredAnswer.actor_id), col(StoredAnswer.key))
    named = mine.in_([(one.actor_id, one.key) for one in answers])
    expired = col(StoredAnswer.at) <= tx.now - KEPT_FOR
    await tx.session.exec(delete(StoredAnswer).where(named, expired))
    tx.session.add_all(answers)


async def forget_about(tx: Tx, id_: UUID) -> None:
    """Drop every answer that names something which nobody may be told of any more."""
    await tx.session.flush()
    await tx.session.exec(delete(StoredAnswer).where(_names(tx.session, str(id_))))


def _names(session: AsyncSession, id_: str) -> ColumnElement[bool]:
    """Return the condition that an answer's bytes hold an id; the engines search bytes apart."""
    if session.get_bind().dialect.name == "postgresql":
        return func.strpos(func.encode(col(StoredAnswer.body), "escape"), id_) > 0
    return func.instr(col(StoredAnswer.body), id_.encode()) > 0


async def forget_old(tx: Tx) -> None:
    """Drop what has been kept long enough."""
    await tx.session.exec(delete(StoredAnswer).where(col(StoredAnswer.at) < tx.now - KEPT_FOR))


async def _get(session: AsyncSession, actor_id: UUID, key: str) -> StoredAnswer | None:
    return await session.get(StoredAnswer, (actor_id, key))
