"""Who acts for a leader reads and signs for them, within the scope and the time, and no longer."""

from datetime import timedelta
from uuid import UUID

import pytest

from api.demo.phone import Phone
from api.documents import queries, service
from api.documents.competence import must_still_be_competent
from api.documents.errors import NotASignatory
from api.documents.models import Document, DocumentReader
from api.documents.rules import State
from api.people.acting import Scope
from api.people.models import Official
from core.db import Database
from core.errors import NotFound
from tests.api.documents.test_drafting import write
from tests.support.clock import Clock
from tests.support.correspondence import outgoing, received
from tests.support.delegations import delegated, taken_back
from tests.support.ministry import Ministry, Person


async def may_read(db: Database, person: Person, document_id: UUID) -> bool:
    async with db.read() as view:
        try:
            await queries.document(view, person.actor, document_id)
        except NotFound:
            return False
    return True


async def let_for(db: Database, ministry: Ministry, reason: str) -> UUID:
    """Let the leader read a document for one reason alone."""
    document_id = await received(db, ministry)
    async with db.begin() as tx:
        let = await tx.session.get_one(DocumentReader, (document_id, ministry.leader.id))
        let.reason = reason
    return document_id


@pytest.mark.parametrize("scope", Scope)
async def test_a_deputy_reads_what_the_leader_may_within_the_scope(
    db: Database, ministry: Ministry, scope: Scope
) -> None:
    papers = {reason: await let_for(db, ministry, reason) for reason in ("presented", "minutes")}
    papers["to_sign"] = await outgoing(db, ministry, State.SUBMITTED)
    await delegated(db, ministry, ministry.colleague, scope)

    read = {why for why, paper in papers.items() if await may_read(db, ministry.colleague, paper)}

    assert read == {
        Scope.TASKS: {"presented"},
        Scope.MEETINGS: {"minutes"},
        Scope.SIGN: {"to_sign"},
        Scope.ALL: set(papers),
    }[scope]  # fmt: skip


async def test_what_a_deputy_reads_ends_with_the_delegation(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    paper, colleague = await received(db, ministry), ministry.colleague
    day = timedelta(days=1)
    await delegated(db, ministry, colleague, since=clock() + day, until=clock() + 2 * day)

    read = []
    for _ in range(3):
        read.append(await may_read(db, colleague, paper))
        clock.tick(day)

    assert read == [False, True, False]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_paper_names_the_right_in_which_a_deputy_signs(
    db: Database, ministry: Ministry, officer: Phone
) -> None:
    async with db.begin() as tx:
        leader = await tx.session.get_one(Official, ministry.leader.id)
        deputy = await tx.session.get_one(Official, ministry.colleague.id)
        leader.position, deputy.position = "Bộ trưởng", "Thứ trưởng"
    await delegated(db, ministry, ministry.colleague, Scope.SIGN)

    drafted = await write(officer, ministry, None, signer_id=str(ministry.colleague.id))

    told = drafted.json()
    async with db.read() as view:
        file = await queries.latest_revision(view, UUID(told["id"]))
        text = "\n".join(await queries.page_texts(view, file.id))
    assert told["on_behalf_of"] == str(ministry.leader.id)
    assert text.index("KT. BỘ TRƯỞNG") < text.index("THỨ TRƯỞNG\n") < text.index("Võ Thị Sen")
    assert "BỘ TRƯỞNG BỘ TÀI NGUYÊN VÀ MÔI TRƯỜNG" in text


async def test_a_draft_goes_to_a_deputy_only_while_they_may_sign(
    db: Database, ministry: Ministry
) -> None:
    given = await delegated(db, ministry, ministry.colleague, Scope.SIGN, types=["report"])
    decision = await outgoing(db, ministry, State.DRAFT)
    report = await outgoing(db, ministry, State.DRAFT, type_code="report")

    async def submit(document_id: UUID) -> Document:
        async with db.begin() as tx:
            signer_id = ministry.colleague.id
            return await service.submit(
                tx, ministry.officer.actor, document_id, signer_id=signer_id
            )

    with pytest.raises(NotASignatory):
        await submit(decision)
    submitted = await submit(report)
    await taken_back(db, ministry, given)
    with pytest.raises(NotASignatory):
        await submit(await outgoing(db, ministry, State.DRAFT, type_code="report"))

    assert (submitted.signer_id, submitted.on_behalf_of) == (
        ministry.colleague.id, ministry.leader.id,
    )  # fmt: skip
    async with db.read() as view:
        with pytest.raises(NotASignatory):
            await must_still_be_competent(view, submitted)


async def test_nobody_signs_in_another_right_than_the_paper_names(
    db: Database, ministry: Ministry
) -> None:
    document_id = await outgoing(db, ministry, State.SUBMITTED)
    async with db.begin() as tx:
        document = await tx.session.get_one(Document, document_id)
        await must_still_be_competent(tx, document)
        document.on_behalf_of = ministry.clerk.id

    async with db.read() as view:
        document = await view.session.get_one(Document, document_id)
        with pytest.raises(NotASignatory):
            await must_still_be_competent(view, document)
