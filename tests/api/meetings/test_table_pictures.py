"""Pages of the table over the room's socket: the same bytes, rights and log as over HTTP."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from api.demo.phone import Phone
from api.gate import TableAlbum
from api.meetings.models import PageRead, TableDocument
from api.meetings.papers import flows
from api.meetings.papers import service as papers
from api.meetings.papers.errors import Withdrawn
from api.meetings.papers.rules import PaperMove
from api.wiring import Engines
from core.db import Database
from core.errors import AppError, Malformed, NotFound
from realtime.pictures import Wanted
from tests.support.answers import rows
from tests.support.correspondence import letter
from tests.support.gatherings import in_session
from tests.support.ministry import Ministry, Person

As = Callable[[Person], Awaitable[Phone]]


@pytest.fixture
def album(engines: Engines) -> TableAlbum:
    return TableAlbum(engines.table)


async def meeting_of(engines: Engines, ministry: Ministry, folder: Path) -> tuple[UUID, UUID]:
    """Hold a meeting over a real file."""
    file = await engines.blobs.put_file(letter(folder))
    return await in_session(engines.db, ministry, pages=2, sha256=file.sha256)


def wanted(room: tuple[UUID, UUID], page: int = 0, **more: object) -> Wanted:
    return Wanted.model_validate({"document_id": room[1], "page": page, "width": 320} | more)


async def test_a_page_is_the_same_over_the_socket_as_over_http_and_is_written_down(
    engines: Engines, ministry: Ministry, as_: As, album: TableAlbum, tmp_path: Path
) -> None:
    room = await meeting_of(engines, ministry, tmp_path)
    path = f"/meetings/{room[0]}/documents/{room[1]}/pages/1?width=320"
    over_http = await (await as_(ministry.officer)).get(path)

    seen = await album.picture(ministry.officer.actor, f"room:{room[0]}", wanted(room, 1))
    known = wanted(room, 1, have=seen.etag)
    again = await album.picture(ministry.officer.actor, f"room:{room[0]}", known)

    assert (seen.etag, seen.data) == (over_http.headers["etag"], over_http.content)
    assert (again.etag, again.data) == (seen.etag, b"")
    (read,) = await rows(engines.db, PageRead)
    assert (read.page, read.official_id, read.times) == (1, ministry.officer.id, 3)


async def test_who_may_not_see_a_page_gets_none_and_nobody_after_a_withdrawal(
    db: Database, ministry: Ministry, album: TableAlbum
) -> None:
    room = await in_session(db, ministry)
    stream = f"room:{room[0]}"
    for person, where, code in (
        (ministry.stranger, stream, "not_found"),
        (ministry.clerk, stream, "not_found"),
        (ministry.officer, f"room:{uuid4()}", "not_found"),
        (ministry.officer, f"document:{room[1]}", "not_found"),
    ):
        with pytest.raises(AppError) as refusal:
            await album.picture(person.actor, where, wanted(room))
        assert refusal.value.code == code
    with pytest.raises(Malformed):
        await album.picture(ministry.officer.actor, stream, wanted(room, width=321))

    async with db.begin() as tx:
        leader = ministry.leader.actor
        await papers.move_paper(tx, leader, *room, PaperMove.WITHDRAW)

    with pytest.raises((Withdrawn, NotFound)):
        await album.picture(ministry.officer.actor, stream, wanted(room))
    assert await rows(db, PageRead) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_readers_name_is_drawn_once_for_each_reader_and_page(
    engines: Engines, ministry: Ministry, album: TableAlbum, tmp_path: Path
) -> None:
    room = await meeting_of(engines, ministry, tmp_path)
    stream = f"room:{room[0]}"
    async with engines.db.begin() as tx:
        row = await tx.session.get_one(TableDocument, room)
        row.restricted = True

    first = await album.picture(ministry.officer.actor, stream, wanted(room))
    kept = engines.table.marked.get(first.etag)
    again = await album.picture(ministry.officer.actor, stream, wanted(room))
    others = await album.picture(ministry.leader.actor, stream, wanted(room))

    assert kept == first.data == again.data
    assert (others.etag, others.data) != (first.etag, first.data)
    assert engines.table.marked.get(others.etag) == others.data


def test_the_album_and_http_give_pages_out_of_one_table(engines: Engines) -> None:
    album = engines.realtime.album
    assert isinstance(album, TableAlbum)
    assert album.table is engines.table
    assert isinstance(engines.table, flows.Table)
