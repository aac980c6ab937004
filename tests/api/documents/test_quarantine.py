"""A paper and its answers have the same pages: they go, and come back, together."""

from uuid import UUID

import pytest

from api.documents import drafting, quarantine, queries
from api.documents.contents import Draft
from api.documents.errors import Secret
from api.documents.events import DocumentQuarantined
from api.documents.models import Document, Quarantine
from core.actor import Actor
from core.db import Database
from core.errors import NotFound
from core.ids import new_id
from core.streams import Fact
from tests.support.answers import rows
from tests.support.correspondence import content, received
from tests.support.ministry import Ministry


async def answered(db: Database, ministry: Ministry, source: UUID) -> UUID:
    draft = Draft(
        "decision", "Về việc trả lời", ("Đồng ý.",), ("Như trên",), ministry.leader.id,
        reply_to=source,
    )  # fmt: skip
    async with db.begin() as tx:
        actor = ministry.leader.actor
        return (await drafting.keep(tx, actor, new_id(), draft=draft, content=content("b"))).id


@pytest.fixture
async def family(db: Database, ministry: Ministry) -> list[UUID]:
    """A paper and two answers."""
    source = await received(db, ministry)
    return [source, *[await answered(db, ministry, source) for _ in range(2)]]


async def find(db: Database, document_id: UUID) -> None:
    async with db.begin() as tx:
        document = await tx.session.get_one(Document, document_id)
        await quarantine.find(tx, document, page=0, level="mật")


async def release(db: Database, document_id: UUID, *actors: Actor) -> None:
    for actor in actors:
        async with db.begin() as tx:
            await quarantine.release(tx, actor, document_id)


async def there(db: Database, ministry: Ministry, ids: list[UUID]) -> list[bool]:
    found = []
    for document_id in ids:
        async with db.read() as view:
            try:
                await queries.document(view, ministry.clerk.actor, document_id)
            except NotFound:
                found.append(False)
            else:
                found.append(True)
    return found


@pytest.mark.parametrize("stamped", range(3))
async def test_wherever_the_stamp_is_found_all_that_has_its_pages_goes(
    db: Database, ministry: Ministry, family: list[UUID], stamped: int
) -> None:
    others = [one for one in family if one != family[stamped]]

    await find(db, family[stamped])

    assert await there(db, ministry, family) == [False] * 3
    async with db.read() as view:
        ((listed, _),) = await quarantine.listed(view, ministry.leader.actor)
        beside = await quarantine.taken_with(view, [listed])
    assert listed.document_id == family[stamped]
    assert beside == {family[stamped]: sorted(others)}
    told = [one for one in await rows(db, Fact) if one.name == DocumentQuarantined.name]
    assert {UUID(one.body["document_id"]) for one in told} == set(family)
    by_id = {UUID(one.body["document_id"]): one.body["tells"] for one in told}
    assert by_id[family[stamped]] == [str(ministry.clerk.id)]
    assert all(by_id[one] == [str(ministry.leader.id)] for one in others)

    await release(db, family[stamped], ministry.clerk.actor, ministry.leader.actor)

    assert await there(db, ministry, family) == [True] * 3


async def test_a_false_alarm_is_none_on_the_other_papers_with_the_same_page(
    db: Database, ministry: Ministry, family: list[UUID]
) -> None:
    await find(db, family[0])
    await release(db, family[0], ministry.clerk.actor, ministry.leader.actor)

    async with db.read() as view:
        known = [
            await quarantine.was_released(view, await view.session.get_one(Document, one))
            for one in [*family, await received(db, ministry)]
        ]

    assert known == [True, True, True, False]


async def test_other_papers_stay_where_they_are(
    db: Database, ministry: Ministry, family: list[UUID]
) -> None:
    other = await received(db, ministry)
    answer = await answered(db, ministry, other)

    await find(db, family[1])

    assert await there(db, ministry, [other, answer]) == [True, True]
    assert [one.document_id for one in await rows(db, Quarantine)] == [family[1]]


async def test_what_is_gone_is_neither_answered_nor_taken_in_again(
    db: Database, ministry: Ministry, family: list[UUID]
) -> None:
    await find(db, family[0])

    with pytest.raises(NotFound):
        await answered(db, ministry, family[0])
    with pytest.raises(Secret):
        await received(db, ministry)


async def test_what_is_gone_is_no_lookalike_of_what_comes_in(
    db: Database, ministry: Ministry, family: list[UUID]
) -> None:
    other = await received(db, ministry)
    await find(db, family[0])

    async with db.read() as view:
        document = await view.session.get_one(Document, other)
        file = await queries.latest_revision(view, other)
        assert await queries.lookalikes(view, document, file.sha256) == []
