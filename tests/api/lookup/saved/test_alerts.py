"""An official is told once, under the rights of the moment, of what answers a search they keep."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, delete

from api import background
from api.demo.phone import Phone
from api.documents import intake, quarantine
from api.documents.events import DocumentConfirmed
from api.documents.models import Document, DocumentReader
from api.lookup import flows
from api.lookup.filters import Filters, Mine
from api.lookup.saved import flows as saved_flows
from api.lookup.saved import service
from api.lookup.saved.models import SavedSearch, SearchAlert
from api.lookup.saved.service import Wish
from core.ids import derived
from core.jobs import Job
from core.streams import Fact, StreamEntry
from push.models import Notification, PushMessage
from push.rules import HEAD_START, State
from tests.api.lookup.conftest import Library, Paper
from tests.support.answers import rows
from tests.support.clock import Clock
from tests.support.ministry import Person
from tests.support.pushing import give_phone

As = Callable[[Person], Awaitable[Phone]]
KIND = "lookup.answered"
DYKES = Paper("Tu bổ đê điều trước mùa lũ", 14, "KH-UBND", type_code="plan")
FOREST = Paper("Bảo vệ rừng đầu nguồn", 9, "CT-TTg", type_code="directive")


async def keep(library: Library, person: Person, query: str = "tu bo de dieu", **wish: Any) -> UUID:
    search_id = derived("saved", str(person.id), query, repr(wish))
    values: dict[str, Any] = {"name": query, "query": query, "filters": Filters()} | wish
    async with library.engines.db.begin() as tx:
        asked = Wish(**values)
        await service.keep(tx, person.actor, search_id, asked)
    return search_id


async def told(library: Library, person: Person) -> list[str]:
    found = await rows(library.engines.db, Notification)
    return [one.subject for one in found if one.official_id == person.id and one.kind == KIND]


def of(paper: Paper) -> str:
    return f"document:{paper.id}"


async def test_whoever_may_read_what_answers_is_told_once(library: Library) -> None:
    people = library.ministry
    for person in (people.leader, people.officer, people.stranger):
        await keep(library, person)

    await library.receive(DYKES, FOREST)
    fact = {"fact": "again", "body": {"document_id": str(DYKES.id)}}
    await flows.follow(library.engines.db, library.engines.index, fact)
    await library.work()

    assert await told(library, people.leader) == [of(DYKES)]
    assert await told(library, people.officer) == await told(library, people.stranger) == []


async def test_two_searches_of_one_official_ring_once_and_both_remember(library: Library) -> None:
    leader = library.ministry.leader
    searches = {await keep(library, leader), await keep(library, leader, "mua lu")}

    await library.receive(DYKES)

    assert await told(library, leader) == [of(DYKES)]
    alerts = await rows(library.engines.db, SearchAlert)
    assert {one.search_id for one in alerts} == searches
    (fact,) = [one for one in await rows(library.engines.db, Fact) if one.name == KIND]
    assert set(fact.body["search_ids"]) == {str(one) for one in searches}


async def test_nobody_else_hears_what_an_official_looks_for(library: Library) -> None:
    await keep(library, library.ministry.leader)

    await library.receive(DYKES)

    (fact,) = [one for one in await rows(library.engines.db, Fact) if one.name == KIND]
    streams = [
        one.stream for one in await rows(library.engines.db, StreamEntry) if one.fact_id == fact.id
    ]
    assert streams == [f"user:{library.ministry.leader.id}"]


async def test_who_entered_a_document_need_not_be_told_of_it(library: Library) -> None:
    await keep(library, library.ministry.clerk)

    await library.receive(DYKES)

    assert await told(library, library.ministry.clerk) == []
    assert len(await rows(library.engines.db, SearchAlert)) == 1


async def test_a_right_that_comes_later_is_told_of_then(library: Library) -> None:
    officer = library.ministry.officer
    await keep(library, officer)
    await library.receive(DYKES)
    assert await told(library, officer) == []

    await library.let_read(officer, DYKES)
    await saved_flows.watch(library.engines.db, {"body": {"document_id": str(DYKES.id)}})

    assert await told(library, officer) == [of(DYKES)]


async def test_what_is_held_is_told_of_when_a_clerk_has_confirmed_it(library: Library) -> None:
    leader = library.ministry.leader
    await keep(library, leader)
    await library.receive(DYKES, works=False)
    await hold(library, held=True)
    await library.work()
    assert await told(library, leader) == []

    async with library.engines.db.begin() as tx:
        document = await tx.session.get_one(Document, DYKES.id)
        await intake.confirm(tx, library.ministry.clerk.actor, DYKES.id, version=document.version)
    await library.work()

    assert DocumentConfirmed.name in {one.name for one in await rows(library.engines.db, Fact)}
    assert await told(library, leader) == [of(DYKES)]


async def hold(library: Library, *, held: bool) -> None:
    async with library.engines.db.begin() as tx:
        (await tx.session.get_one(Document, DYKES.id)).held = held


async def withdraw(library: Library) -> None:
    async with library.engines.db.begin() as tx:
        secret = await tx.session.get_one(Document, DYKES.id)
        await quarantine.find(tx, secret, page=0, level="mật")


async def test_nothing_is_told_of_what_was_withdrawn(library: Library) -> None:
    leader = library.ministry.leader
    await keep(library, leader)
    await library.receive(DYKES, works=False)

    await withdraw(library)
    await library.work()

    assert await told(library, leader) == []
    assert await rows(library.engines.db, SearchAlert) == []


@pytest.mark.parametrize("ends", ["withdrawn", "right", "neither"])
async def test_a_phone_rings_only_while_its_official_may_read(
    library: Library, clock: Clock, ends: str
) -> None:
    leader, engines = library.ministry.leader, library.engines
    await give_phone(engines.db, leader, "phone-leader")
    await keep(library, leader)
    await library.receive(DYKES)
    if ends == "withdrawn":
        await withdraw(library)
    if ends == "right":
        async with engines.db.begin() as tx:
            mine = col(DocumentReader.official_id) == leader.id
            await tx.session.exec(delete(DocumentReader).where(mine))

    clock.tick(HEAD_START)
    await background.dispatcher(engines).run_due()

    notified = await rows(engines.db, Notification)
    (ours,) = [one.id for one in notified if one.kind == KIND]
    (message,) = [one for one in await rows(engines.db, PushMessage) if one.notification_id == ours]
    assert message.state is (State.SENT if ends == "neither" else State.SUPPRESSED)


async def test_filters_of_ones_own_tasks_and_roles_hold_for_alerts_too(library: Library) -> None:
    people = library.ministry

    await keep(library, people.leader, "", filters=Filters(mine=Mine.PRESENTED, type_code="plan"))
    await keep(library, people.clerk, "", filters=Filters(mine=Mine.PRESENTED))

    await library.receive(DYKES, FOREST)

    assert await told(library, people.leader) == [of(DYKES)]
    assert await told(library, people.clerk) == []


async def test_without_saved_searches_no_work_is_asked_for(library: Library) -> None:
    await library.receive(DYKES)

    assert not [one for one in await rows(library.engines.db, Job) if one.kind == flows.WATCH]


async def test_an_older_analysis_is_worked_out_anew(library: Library) -> None:
    search_id = await keep(library, library.ministry.leader)
    async with library.engines.db.begin() as tx:
        old = await tx.session.get_one(SavedSearch, search_id)
        kept, old.made_by, old.watched = old.watched, "0.0", json.dumps({"terms": {}, "least": 1})

    await saved_flows.catch_up(library.engines.db)

    (renewed,) = await rows(library.engines.db, SavedSearch)
    assert (renewed.watched, renewed.made_by) != (old.watched, "0.0")
    assert renewed.watched == kept
