"""The Idempotency-Key store: one answer for 24 hours."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from core import idempotency
from core.db import Database
from core.idempotency import BadKey, KeyReused, StoredAnswer, fingerprint, must_be_a_key
from tests.support.clock import Clock

ACTOR = UUID(int=7)
ASKED = fingerprint("POST", "/tasks?", b"{}")


def an_answer(db: Database, body: bytes = b"first") -> StoredAnswer:
    return StoredAnswer(
        actor_id=ACTOR, key="key-0001", request=ASKED, status=201, media_type="application/json",
        body=body, at=db.clock(),
    )  # fmt: skip


async def keep(db: Database, body: bytes = b"first") -> None:
    async with db.begin() as tx:
        await idempotency.remember(tx, an_answer(db, body))


async def recalled(db: Database, asked: bytes = ASKED) -> bytes | None:
    async with db.read() as view:
        kept = await idempotency.recall(view, ACTOR, "key-0001", asked)
    return kept.body if kept else None


async def test_an_answer_is_recalled_for_the_same_request(db: Database) -> None:
    await keep(db)

    assert await recalled(db) == b"first"


async def test_a_key_of_another_request_is_refused(db: Database) -> None:
    await keep(db)

    with pytest.raises(KeyReused):
        await recalled(db, fingerprint("POST", "/tasks?", b"[]"))


async def test_the_slower_of_two_equal_requests_does_not_overwrite_the_answer(
    db: Database,
) -> None:
    await keep(db)

    with pytest.raises(IntegrityError):
        await keep(db, b"second")

    assert await recalled(db) == b"first"


async def test_after_a_day_a_key_is_free_again(db: Database, clock: Clock) -> None:
    await keep(db)
    clock.tick(timedelta(hours=24))
    assert await recalled(db) is None

    await keep(db, b"second")

    assert await recalled(db) == b"second"


async def test_old_answers_are_forgotten(db: Database, clock: Clock) -> None:
    await keep(db)
    clock.tick(timedelta(hours=24, seconds=1))

    async with db.begin() as tx:
        await idempotency.forget_old(tx)

    async with db.read() as view:
        assert await view.session.get(StoredAnswer, (ACTOR, "key-0001")) is None


@pytest.mark.parametrize("key", ["", "short", "x" * 129, "đồng-hồ-1", "has\ttab-1"])
def test_odd_keys_are_refused(key: str) -> None:
    with pytest.raises(BadKey):
        must_be_a_key(key)


def test_requests_differ_by_method_path_and_body() -> None:
    others = {
        fingerprint("PUT", "/tasks?", b"{}"),
        fingerprint("POST", "/tasks?a", b"{}"),
        fingerprint("POST", "/tasks?", b"{ }"),
    }

    assert ASKED not in others
    assert len(others) == 3


async def test_what_names_something_that_is_gone_is_not_answered_again(db: Database) -> None:
    gone, stays = UUID(int=1), UUID(int=2)
    await keep(db, f'{{"title":"Về việc","id":"{stays}"}}'.encode())

    async with db.begin() as tx:
        await idempotency.forget_about(tx, gone)
    assert await recalled(db) is not None

    async with db.begin() as tx:
        await idempotency.forget_about(tx, stays)
    assert await recalled(db) is None
