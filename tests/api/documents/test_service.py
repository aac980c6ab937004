"""The life of a document through the use-cases: who may do what, and what it leaves behind."""

import asyncio
from uuid import UUID

import pytest
from sqlmodel import select

from api.documents import intake, queries, service
from api.documents.errors import (
    NotASignatory,
    NotRegistered,
    NotTheDrafter,
    NotTheSigner,
    NotYetRead,
    NumberNotOnPaper,
    SealerIsSigner,
    WrongState,
)
from api.documents.models import Document, DocumentReader
from api.documents.rules import Move, Purpose, State
from core.actor import Actor, Role
from core.audit import AuditRecord
from core.db import Database
from core.errors import Forbidden, NotFound, Stale
from core.streams import read_after
from tests.support.correspondence import content, outgoing, received
from tests.support.ministry import Ministry


async def happened(db: Database, document_id: UUID) -> list[str]:
    async with db.read() as view:
        entries = await read_after(view.session, f"document:{document_id}", 0)
        return [entry.name for entry in entries]


async def signed(db: Database, ministry: Ministry, *, reply_to: UUID | None = None) -> UUID:
    document_id = await outgoing(db, ministry, State.SUBMITTED)
    async with db.begin() as tx:
        document = await tx.session.get_one(Document, document_id)
        document.reply_to = reply_to
        await service.add_revision(tx, document, purpose=Purpose.DRAFTED, content=content("d"))
        await service.mark_signed(tx, document_id, content=content("s", texts=None))
    return document_id


async def test_a_document_goes_its_whole_way(db: Database, ministry: Ministry) -> None:
    clerk = ministry.clerk.actor
    incoming = await received(db, ministry)
    async with db.begin() as tx:
        await service.mark_directed(tx, ministry.leader.actor, incoming)
    document_id = await signed(db, ministry, reply_to=incoming)

    async with db.begin() as tx:
        await service.allot_number(tx, clerk, document_id)
        await service.keep_numbered(tx, clerk, document_id, content=content("n", texts=None))
    async with db.begin() as tx:
        await service.mark_sealed(tx, clerk, document_id, content=content("z", texts=None))
    async with db.begin() as tx:
        await service.issue(tx, clerk, document_id)

    assert (await happened(db, document_id))[-4:] == [
        "documents.signed",
        "documents.numbered",
        "documents.sealed",
        "documents.issued",
    ]
    assert (await happened(db, incoming))[-1] == "documents.resolved"
    async with db.read() as view:
        newest = await queries.latest_revision(view, document_id)
        assert (newest.purpose, newest.ordinal) == (Purpose.SEALED, 4)
        assert await queries.page_texts(view, newest.id) == ["Kính gửi các đơn vị"]


async def test_every_step_can_be_repeated(db: Database, ministry: Ministry) -> None:
    clerk = ministry.clerk.actor
    document_id = await signed(db, ministry)

    for _ in range(2):
        async with db.begin() as tx:
            await service.mark_signed(tx, document_id, content=content("s"))
    for _ in range(2):
        async with db.begin() as tx:
            await service.allot_number(tx, clerk, document_id)
            await service.keep_numbered(tx, clerk, document_id, content=content("n"))
    for _ in range(2):
        async with db.begin() as tx:
            await service.mark_sealed(tx, clerk, document_id, content=content("z"))

    assert await happened(db, document_id) == [
        "documents.signed",
        "documents.numbered",
        "documents.sealed",
    ]


async def test_the_seal_waits_for_the_number_on_paper(db: Database, ministry: Ministry) -> None:
    document_id = await signed(db, ministry)
    async with db.begin() as tx:
        await service.allot_number(tx, ministry.clerk.actor, document_id)

    with pytest.raises(NumberNotOnPaper):
        async with db.begin() as tx:
            await service.mark_sealed(tx, ministry.clerk.actor, document_id, content=content("z"))


async def test_an_unsigned_document_is_not_sealed(db: Database, ministry: Ministry) -> None:
    document_id = await outgoing(db, ministry, State.SUBMITTED)

    with pytest.raises(WrongState):
        async with db.read() as view:
            await service.must_be_sealable(view, ministry.clerk.actor, document_id)


async def test_who_signed_cannot_seal(db: Database, ministry: Ministry) -> None:
    document_id = await signed(db, ministry)
    both = Actor(
        ministry.leader.id, ministry.leader.agency_id, frozenset({Role.LEADER, Role.CLERK})
    )

    with pytest.raises(SealerIsSigner):
        async with db.read() as view:
            await service.must_be_sealable(view, both, document_id)


@pytest.mark.parametrize("who", ["leader", "officer", "secretary", "administrator"])
async def test_only_clerks_number_seal_and_issue(
    db: Database, ministry: Ministry, who: str
) -> None:
    actor = getattr(ministry, who).actor
    document_id = await signed(db, ministry)

    for step in (service.allot_number, service.issue, service.must_be_sealable):
        with pytest.raises(Forbidden):
            async with db.begin() as tx:
                await step(tx, actor, document_id)


async def test_only_the_drafter_submits_and_to_a_leader(db: Database, ministry: Ministry) -> None:
    document_id = await outgoing(db, ministry, State.DRAFT)
    leader, officer = ministry.leader, ministry.officer

    with pytest.raises(NotTheDrafter):
        async with db.begin() as tx:
            await service.submit(tx, leader.actor, document_id, signer_id=leader.id)
    with pytest.raises(NotASignatory):
        async with db.begin() as tx:
            await service.submit(tx, officer.actor, document_id, signer_id=officer.id)
    async with db.begin() as tx:
        document = await service.submit(tx, officer.actor, document_id, signer_id=leader.id)

    assert document.state is State.SUBMITTED


async def test_a_returned_draft_keeps_the_opinion(db: Database, ministry: Ministry) -> None:
    document_id = await outgoing(db, ministry, State.SUBMITTED)

    with pytest.raises(NotTheSigner):
        async with db.begin() as tx:
            await service.send_back(tx, ministry.officer.actor, document_id, reason="Sửa Điều 2")
    async with db.begin() as tx:
        document = await service.send_back(
            tx, ministry.leader.actor, document_id, reason="Sửa Điều 2", version=1
        )

    assert (document.state, document.opinion, document.version) == (State.DRAFT, "Sửa Điều 2", 2)


async def test_an_older_version_is_stale(db: Database, ministry: Ministry) -> None:
    document_id = await outgoing(db, ministry, State.SUBMITTED)

    with pytest.raises(Stale):
        async with db.begin() as tx:
            await service.send_back(tx, ministry.leader.actor, document_id, reason="Sửa", version=7)


async def test_readers_are_officials_of_the_agency(db: Database, ministry: Ministry) -> None:
    document_id = await received(db, ministry)

    with pytest.raises(NotFound):
        async with db.begin() as tx:
            await service.let_read(tx, document_id, [ministry.stranger.id], "lead")
    async with db.begin() as tx:
        await service.let_read(tx, document_id, [ministry.officer.id, ministry.leader.id], "lead")
        await service.let_read(tx, document_id, [ministry.officer.id], "coordinator")

    async with db.read() as view:
        await queries.document(view, ministry.officer.actor, document_id)
        with pytest.raises(NotFound):
            await queries.document(view, ministry.colleague.actor, document_id)
        with pytest.raises(NotFound):
            await queries.document(view, ministry.administrator.actor, document_id)


async def test_a_reader_let_in_twice_at_once_is_one_reader(
    db: Database, ministry: Ministry
) -> None:
    document_id = await received(db, ministry)

    async def let(reason: str) -> None:
        async with db.begin() as tx:
            await service.let_read(tx, document_id, [ministry.officer.id], reason)

    await asyncio.gather(*(let(f"task {number}") for number in range(6)))

    async with db.read() as view:
        readers = select(DocumentReader).where(DocumentReader.official_id == ministry.officer.id)
        assert len((await view.session.exec(readers)).all()) == 1


async def test_a_scan_is_held_until_a_clerk_confirms_it(db: Database, ministry: Ministry) -> None:
    document_id = await received(db, ministry, scan=True)

    with pytest.raises(NotYetRead):
        async with db.begin() as tx:
            await service.mark_directed(tx, ministry.leader.actor, document_id)
    with pytest.raises(Forbidden):
        async with db.begin() as tx:
            await intake.confirm(tx, ministry.leader.actor, document_id, version=1)
    async with db.begin() as tx:
        document = await intake.confirm(tx, ministry.clerk.actor, document_id, version=1)
    async with db.begin() as tx:
        await service.mark_directed(tx, ministry.leader.actor, document_id)

    assert not document.held


async def test_directing_again_changes_nothing(db: Database, ministry: Ministry) -> None:
    document_id = await received(db, ministry)

    for _ in range(2):
        async with db.begin() as tx:
            await service.mark_directed(tx, ministry.leader.actor, document_id)
    for _ in range(2):
        async with db.begin() as tx:
            await service.mark_resolved(tx, ministry.clerk.actor, document_id)

    assert (await happened(db, document_id))[1:] == ["documents.directed", "documents.resolved"]


async def test_only_what_came_in_is_directed(db: Database, ministry: Ministry) -> None:
    document_id = await outgoing(db, ministry, State.SIGNED)

    with pytest.raises(NotRegistered):
        async with db.begin() as tx:
            await service.mark_directed(tx, ministry.leader.actor, document_id)


async def test_an_issued_document_never_moves_again(db: Database, ministry: Ministry) -> None:
    document_id = await outgoing(db, ministry, State.ISSUED)

    for move in Move:
        with pytest.raises(WrongState):
            async with db.begin() as tx:
                service.advance(tx, await tx.session.get_one(Document, document_id), move)


async def test_each_step_is_audited(db: Database, ministry: Ministry) -> None:
    document_id = await signed(db, ministry)
    async with db.begin() as tx:
        await service.allot_number(tx, ministry.clerk.actor, document_id)

    async with db.read() as view:
        records = select(AuditRecord).where(AuditRecord.object_id == str(document_id))
        written = {(one.action, one.actor_id) for one in (await view.session.exec(records)).all()}
    assert written == {
        ("documents.sign", ministry.leader.id),
        ("documents.number", ministry.clerk.id),
    }
