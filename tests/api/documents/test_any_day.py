"""Whatever anybody tries in whatever order, what must never be false is never false."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from api.documents import service
from api.documents.models import Document, RegisterEntry
from api.documents.rules import Purpose, State
from core.actor import Actor
from core.audit import AuditRecord
from core.db import Database, Tx
from core.errors import AppError
from tests.support.correspondence import content, outgoing
from tests.support.ministry import Ministry

Act = Callable[[Tx, Actor, UUID], Awaitable[object]]
PEOPLE = ("leader", "clerk", "secretary", "officer", "colleague", "administrator", "stranger")
NUMBERED = {State.NUMBERED, State.SEALED, State.ISSUED}


async def submit(tx: Tx, actor: Actor, document_id: UUID) -> None:
    document = await tx.session.get_one(Document, document_id)
    signer_id = document.signer_id or actor.id
    await service.submit(tx, actor, document_id, signer_id=signer_id)


async def send_back(tx: Tx, actor: Actor, document_id: UUID) -> None:
    await service.send_back(tx, actor, document_id, reason="Sửa Điều 2")


async def sign(tx: Tx, _: Actor, document_id: UUID) -> None:
    await service.mark_signed(tx, document_id, content=content("s", texts=None))


async def keep_numbered(tx: Tx, actor: Actor, document_id: UUID) -> None:
    await service.keep_numbered(tx, actor, document_id, content=content("n", texts=None))


async def seal(tx: Tx, actor: Actor, document_id: UUID) -> None:
    await service.mark_sealed(tx, actor, document_id, content=content("z", texts=None))


ACTS: tuple[Act, ...] = (
    submit, send_back, sign, service.allot_number, keep_numbered, seal, service.issue,
)  # fmt: skip
#: Mostly the right person does the right thing, or nothing would ever get far.
RIGHT = (
    ("officer", submit), ("leader", sign), ("clerk", service.allot_number),
    ("clerk", keep_numbered), ("clerk", seal), ("clerk", service.issue),
)  # fmt: skip
ANY_STEP = st.sampled_from(RIGHT) | st.tuples(st.sampled_from(PEOPLE), st.sampled_from(ACTS))


async def draft(db: Database, ministry: Ministry) -> UUID:
    document_id = await outgoing(db, ministry, State.DRAFT)
    async with db.begin() as tx:
        document = await tx.session.get_one(Document, document_id)
        await service.add_revision(tx, document, purpose=Purpose.DRAFTED, content=content("d"))
    return document_id


async def must_hold(db: Database, document_id: UUID) -> None:
    async with db.read() as view:
        document = await view.session.get_one(Document, document_id)
        records = select(AuditRecord).where(AuditRecord.object_id == str(document_id))
        done = {one.action: one.actor_id for one in (await view.session.exec(records)).all()}
        entries = select(RegisterEntry).order_by(col(RegisterEntry.number))
        given_out = [(e.number, e.document_id) for e in (await view.session.exec(entries)).all()]
    assert [number for number, _ in given_out] == list(range(1, len(given_out) + 1))
    assert (document.state in NUMBERED) == ((document.number, document.id) in given_out)
    if document.state in {State.SEALED, State.ISSUED}:
        assert done["documents.sign"] == document.signer_id
        assert done["documents.seal"] != document.signer_id
    if document.state is State.ISSUED:
        assert {"documents.number", "documents.seal", "documents.issue"} <= set(done)


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(ANY_STEP, min_size=6, max_size=20), in_order=st.booleans())
async def test_no_day_breaks_the_rules(
    db: Database, ministry: Ministry, steps: list[tuple[str, Act]], *, in_order: bool
) -> None:
    document_id = await draft(db, ministry)
    whole = [*RIGHT, *steps] if in_order else steps

    for who, act in whole:
        with suppress(AppError):
            async with db.begin() as tx:
                await act(tx, getattr(ministry, who).actor, document_id)
        await must_hold(db, document_id)
