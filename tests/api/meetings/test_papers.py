"""Agenda and table: who may read what, when, and that nothing withdrawn is given out."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.demo.phone import Phone
from api.documents import quarantine
from api.documents import service as documents
from api.documents.models import Document
from api.gate import CapabilityGate
from api.meetings import service as meetings
from api.meetings.errors import NotYourPart
from api.meetings.models import PageRead
from api.meetings.papers import queries, service
from api.meetings.papers.errors import WrongAgenda, WrongPaperState
from api.meetings.papers.rules import (
    ItemMove,
    ItemState,
    PaperMove,
)
from api.meetings.plans import Laid, Line
from api.meetings.seats import seat
from core.db import Database
from tests.support.answers import rows
from tests.support.correspondence import letter, send_in
from tests.support.gatherings import TO_SESSION, called, in_session, paper
from tests.support.ministry import Ministry, Person

As = Callable[[Person], Awaitable[Phone]]


async def agenda(db: Database, ministry: Ministry, meeting_id: UUID, *lines: Line) -> list[UUID]:
    async with db.begin() as tx:
        await service.set_agenda(tx, ministry.secretary.actor, meeting_id, lines)
    async with db.read() as view:
        return [one.id for one in await queries.items(view, meeting_id)]


async def read_by(db: Database, person: Person, meeting_id: UUID) -> set[UUID]:
    async with db.read() as view:
        mine = await seat(view, person.actor, meeting_id)
        return {one.row.document_id for one in await queries.table(view, mine)}


async def lay(db: Database, person: Person, meeting_id: UUID, laid: Laid) -> None:
    async with db.begin() as tx:
        await service.lay(tx, person.actor, meeting_id, laid)


async def move_item(
    db: Database, person: Person, meeting_id: UUID, item_id: UUID, move: ItemMove
) -> None:
    async with db.begin() as tx:
        await service.move_item(tx, person.actor, meeting_id, item_id, move)


async def test_a_guest_sees_one_item_with_its_papers_and_only_while_it_is_dealt_with(
    db: Database, ministry: Ministry
) -> None:
    meeting_id = await called(db, ministry, *TO_SESSION)
    guest, chair = ministry.colleague, ministry.leader
    lines = Line("Quy hoạch", 30, guests=[guest.id]), Line("Nhân sự", 20)
    ours, other = await agenda(db, ministry, meeting_id, *lines)
    shown, hidden = await paper(db, ministry), await paper(db, ministry)
    await lay(db, chair, meeting_id, Laid(shown, ours))
    await lay(db, chair, meeting_id, Laid(hidden, other))
    async with db.read() as view:
        assert await queries.seen_items(view, await seat(view, guest.actor, meeting_id)) == []
    assert await read_by(db, guest, meeting_id) == set()

    await move_item(db, chair, meeting_id, ours, ItemMove.BEGIN)
    assert await read_by(db, guest, meeting_id) == {shown}
    await move_item(db, chair, meeting_id, other, ItemMove.BEGIN)

    assert await read_by(db, guest, meeting_id) == set()
    async with db.read() as view:
        states = [one.state for one in await queries.items(view, meeting_id)]
    assert states == [ItemState.CONCLUDED, ItemState.ACTIVE]


async def test_a_document_for_a_circle_is_nothing_to_the_others(
    db: Database, ministry: Ministry
) -> None:
    meeting_id, document_id = await called(db, ministry, *TO_SESSION), await paper(db, ministry)
    await lay(db, ministry.leader, meeting_id, Laid(document_id, circle=[]))

    assert await read_by(db, ministry.officer, meeting_id) == set()
    assert await read_by(db, ministry.secretary, meeting_id) == {document_id}


async def test_what_is_shown_on_a_paper_is_for_whoever_may_read_it_now(
    db: Database, ministry: Ministry
) -> None:
    meeting_id, gate = await called(db, ministry, *TO_SESSION), CapabilityGate(db)
    chair, guest = ministry.leader, ministry.colleague
    (ours,) = await agenda(db, ministry, meeting_id, Line("Quy hoạch", 30, guests=[guest.id]))
    for_all, closed = await paper(db, ministry), await paper(db, ministry)
    await lay(db, chair, meeting_id, Laid(for_all, ours))
    await lay(db, chair, meeting_id, Laid(closed, circle=[]))
    seen = []
    for move in (ItemMove.BEGIN, ItemMove.CONCLUDE):
        await move_item(db, chair, meeting_id, ours, move)
        seen.append(await gate.readers(f"room:{meeting_id}", for_all))

    prepare = {chair.id, ministry.secretary.id}
    everybody = prepare | {ministry.officer.id}
    assert seen == [everybody | {guest.id}, everybody]
    assert await gate.readers(f"room:{meeting_id}", closed) == prepare
    await move_paper(db, chair, meeting_id, for_all, PaperMove.WITHDRAW)
    for room, document_id in (
        (f"room:{meeting_id}", for_all),
        (f"room:{meeting_id}", await paper(db, ministry)),
        (f"room:{closed}", closed),
        ("room:nowhere", closed),
    ):
        assert await gate.readers(room, document_id) == frozenset()


async def test_what_a_reporter_proposes_is_seen_when_the_secretary_publishes_it(
    db: Database, ministry: Ministry
) -> None:
    meeting_id, document_id = await called(db, ministry, *TO_SESSION), await paper(db, ministry)
    reporter = ministry.officer
    (item,) = await agenda(db, ministry, meeting_id, Line("A", 5, reporter_id=reporter.id))
    await let_read(db, document_id, reporter)
    with pytest.raises(NotYourPart):
        await lay(db, reporter, meeting_id, Laid(document_id))

    await lay(db, reporter, meeting_id, Laid(document_id, item))
    assert await read_by(db, ministry.secretary, meeting_id) == {document_id}
    assert await read_by(db, ministry.colleague, meeting_id) == set()
    with pytest.raises(NotYourPart):
        await move_paper(db, reporter, meeting_id, document_id, PaperMove.PUBLISH)
    await move_paper(db, ministry.secretary, meeting_id, document_id, PaperMove.PUBLISH)

    assert await read_by(db, reporter, meeting_id) == {document_id}


async def let_read(db: Database, document_id: UUID, person: Person) -> None:

    async with db.begin() as tx:
        await documents.let_read(tx, document_id, [person.id], "test")


async def move_paper(
    db: Database, person: Person, meeting_id: UUID, document_id: UUID, move: PaperMove
) -> None:
    async with db.begin() as tx:
        await service.move_paper(tx, person.actor, meeting_id, document_id, move)


async def test_an_agenda_is_rewritten_around_the_items_that_stay(
    db: Database, ministry: Ministry
) -> None:
    meeting_id, document_id = await called(db, ministry, *TO_SESSION), await paper(db, ministry)
    one, two = await agenda(db, ministry, meeting_id, Line("Một", 5), Line("Hai", 5))
    await lay(db, ministry.leader, meeting_id, Laid(document_id, two))

    kept = await agenda(db, ministry, meeting_id, Line("Mới", 5), Line("Hai", 9, id=two, parent=0))

    assert kept[1] == two
    assert one not in kept
    async with db.read() as view:
        assert (await queries.item(view, meeting_id, two)).parent_id == kept[0]
    for lines in ([], [Line("A", 1, id=one)], [Line("A", 1, id=two), Line("B", 1, id=two)],
                  [Line("A", 1, id=two, guests=[ministry.officer.id])],
                  [Line("A", 1, id=two, reporter_id=ministry.clerk.id)]):  # fmt: skip
        with pytest.raises(WrongAgenda):
            await agenda(db, ministry, meeting_id, *lines)


async def seen(phone: Phone, meeting: Any, document: Any, **headers: str) -> Any:
    path = f"/meetings/{meeting}/documents/{document}/pages/0?width=320"
    return await phone.send("GET", path, headers=headers)


async def laid_for_real(
    db: Database, ministry: Ministry, as_: As, folder: Path, **laid: Any
) -> tuple[UUID, UUID]:
    sent = await send_in(await as_(ministry.clerk), ministry, letter(folder))
    document_id = UUID(sent.json()["id"])
    meeting_id = await called(db, ministry, *TO_SESSION)
    await lay(db, ministry.leader, meeting_id, Laid(document_id, **laid))
    return meeting_id, document_id


async def test_what_turns_out_to_be_secret_is_gone_from_the_table(
    db: Database, ministry: Ministry, as_: As, tmp_path: Path
) -> None:
    meeting_id, document_id = await laid_for_real(db, ministry, as_, tmp_path)
    officer = await as_(ministry.officer)
    assert (await seen(officer, meeting_id, document_id)).status_code == HTTPStatus.OK

    async with db.begin() as tx:
        document = await tx.session.get_one(Document, document_id)
        await quarantine.find(tx, document, page=0, level="mật")

    assert (await seen(officer, meeting_id, document_id)).status_code == HTTPStatus.NOT_FOUND


async def test_a_page_is_given_to_its_people_kept_by_their_phones_and_written_down(
    db: Database, ministry: Ministry, as_: As, tmp_path: Path
) -> None:
    meeting_id, document_id = await laid_for_real(db, ministry, as_, tmp_path)
    officer = await as_(ministry.officer)

    first = await seen(officer, meeting_id, document_id)
    again = await seen(officer, meeting_id, document_id, **{"If-None-Match": first.headers["etag"]})

    assert (first.status_code, first.content[:2]) == (HTTPStatus.OK, b"\xff\xd8")
    assert (again.status_code, again.content) == (HTTPStatus.NOT_MODIFIED, b"")
    (read,) = await rows(db, PageRead)
    assert (read.official_id, read.page, read.times) == (ministry.officer.id, 0, 2)
    for outsider in (ministry.colleague, ministry.stranger, ministry.administrator):
        refusal = await seen(await as_(outsider), meeting_id, document_id)
        assert refusal.status_code == HTTPStatus.NOT_FOUND
    progress = await (await as_(ministry.secretary)).get(f"/meetings/{meeting_id}/reading")
    assert [one["pages"] for one in progress.json()] == [1]
    assert (await officer.send("GET", f"/meetings/{meeting_id}/access-log")).status_code == 403


async def test_a_page_that_is_asked_for_many_times_at_once_is_counted_each_time(
    db: Database, ministry: Ministry
) -> None:
    room = await in_session(db, ministry)

    async def open_page() -> None:
        async with db.begin() as tx:
            await service.open_page(tx, ministry.officer.actor, *room, 0)

    await asyncio.gather(*(open_page() for _ in range(4)))

    (read,) = await rows(db, PageRead)
    assert read.times == 4
    assert read.first_at <= read.last_at


async def test_nothing_is_given_out_after_a_withdrawal_not_even_that_it_is_unchanged(
    db: Database, ministry: Ministry, as_: As, tmp_path: Path
) -> None:
    meeting_id, document_id = await laid_for_real(db, ministry, as_, tmp_path)
    officer = await as_(ministry.officer)
    etag = (await seen(officer, meeting_id, document_id)).headers["etag"]
    async with db.begin() as tx:
        await meetings.turn_page(
            tx, ministry.leader.actor, meeting_id, document_id=document_id, page=0
        )

    await (await as_(ministry.secretary)).post(
        f"/meetings/{meeting_id}/documents/{document_id}/withdraw"
    )

    for headers in ({}, {"If-None-Match": etag}):
        refusal = await seen(officer, meeting_id, document_id, **headers)
        assert (refusal.status_code, refusal.json()["type"]) == (410, "meetings.withdrawn")
        assert b"\xff\xd8" not in refusal.content
    shown = (await officer.get(f"/meetings/{meeting_id}")).json()
    assert (shown["shown_document_id"], shown["table"][0]["state"]) == (None, "withdrawn")


async def test_a_restricted_page_bears_its_readers_name_and_no_others(
    db: Database, ministry: Ministry, as_: As, tmp_path: Path
) -> None:
    meeting_id, document_id = await laid_for_real(db, ministry, as_, tmp_path, restricted=True)
    readers = [await as_(one) for one in (ministry.officer, ministry.secretary)]

    pictures = [await seen(reader, meeting_id, document_id) for reader in readers]

    assert len({one.content for one in pictures}) == 2
    assert len({one.headers["etag"] for one in pictures}) == 2
    kept = await seen(readers[0], meeting_id, document_id, **{
        "If-None-Match": pictures[1].headers["etag"]})  # fmt: skip
    assert kept.content == pictures[0].content


async def test_a_newer_revision_lies_there_only_when_it_is_laid_there(
    db: Database, ministry: Ministry
) -> None:
    meeting_id, document_id = await in_session(db, ministry)

    await move_paper(db, ministry.leader, meeting_id, document_id, PaperMove.RENEW)

    with pytest.raises(WrongPaperState):
        await move_paper(db, ministry.leader, meeting_id, document_id, PaperMove.PUBLISH)
