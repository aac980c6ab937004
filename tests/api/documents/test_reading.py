"""Who may read a document, and what reading it shows and leaves."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2 as httpx
import pytest
from sqlmodel import select

from api.demo.phone import Phone
from api.documents import service
from api.documents.events import DocumentDrafted
from api.documents.models import Document
from api.documents.rules import State
from api.wiring import Engines
from core.audit import AuditRecord
from core.db import Database
from core.ids import new_id
from tests.support.clock import Clock
from tests.support.correspondence import outgoing, received, send_in
from tests.support.ministry import Ministry, Person
from tests.support.pdfs import size_of

As = Callable[[Person], Awaitable[Phone]]
READS = ("", "/file", "/pages/0", "/trace")


async def statuses(phone: Phone, document_id: str) -> list[int]:
    return [
        (await phone.send("GET", f"/documents/{document_id}{read}")).status_code for read in READS
    ]


@pytest.fixture
async def document(clerk: Phone, ministry: Ministry, pdf: Path) -> dict[str, Any]:
    told: dict[str, Any] = (await send_in(clerk, ministry, pdf)).json()
    return told


async def test_only_readers_of_the_agency_see_it(
    document: dict[str, Any], clerk: Phone, leader: Phone, officer: Phone, stranger: Phone
) -> None:
    seen, unseen = [HTTPStatus.OK] * 4, [HTTPStatus.NOT_FOUND] * 4

    assert await statuses(clerk, document["id"]) == seen
    assert await statuses(leader, document["id"]) == seen
    assert await statuses(officer, document["id"]) == unseen
    assert await statuses(stranger, document["id"]) == unseen
    assert await statuses(clerk, str(new_id())) == unseen


async def test_whom_it_is_let_to_may_read_it(
    document: dict[str, Any], db: Database, officer: Phone, ministry: Ministry
) -> None:
    async with db.begin() as tx:
        await service.let_read(tx, UUID(document["id"]), [ministry.officer.id], "lead")

    assert await statuses(officer, document["id"]) == [HTTPStatus.OK] * 4


async def test_a_foreign_document_cannot_be_changed_either(
    document: dict[str, Any], stranger: Phone
) -> None:
    bodies = {"confirm": {"version": 1}, "return": {"version": 1, "reason": "Sửa Điều 2"}}

    answers = [
        await stranger.send("POST", f"/documents/{document['id']}/{act}", json=body)
        for act, body in bodies.items()
    ]

    assert [answer.status_code for answer in answers] == [HTTPStatus.NOT_FOUND] * 2


async def test_every_read_is_written_down(
    document: dict[str, Any], db: Database, leader: Phone, ministry: Ministry
) -> None:
    await statuses(leader, document["id"])

    async with db.read() as view:
        records = select(AuditRecord).where(
            AuditRecord.object_id == document["id"], AuditRecord.actor_id == ministry.leader.id
        )
        found = (await view.session.exec(records)).all()
    assert {record.action for record in found} == {
        "documents.read",
        "documents.read_file",
        "documents.read_page",
        "documents.read_trace",
    }
    assert {str(record.device_id) for record in found} == {leader.device_id}


async def test_the_file_comes_as_it_is_and_is_not_kept_on_the_way(
    document: dict[str, Any], leader: Phone, pdf: Path
) -> None:
    answer = await leader.get(f"/documents/{document['id']}/file")

    assert answer.content == pdf.read_bytes()
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["etag"] == f'"{sha256(pdf.read_bytes()).hexdigest()}"'
    assert answer.headers["content-disposition"] == f'attachment; filename="{document["id"]}.pdf"'


@pytest.mark.parametrize("width", [320, 1080, 1620])
async def test_a_page_is_a_picture_of_the_width_asked_for(
    document: dict[str, Any], leader: Phone, width: int
) -> None:
    answer = await leader.get(f"/documents/{document['id']}/pages/1?width={width}")

    assert answer.headers["content-type"] == "image/jpeg"
    assert size_of(answer.content)[0] == width


async def test_a_page_of_a_named_file_may_be_kept_and_any_other_is_asked_for_again(
    document: dict[str, Any], leader: Phone
) -> None:
    page = f"/documents/{document['id']}/pages/0"

    named = await leader.get(page, params={"file": document["file"]["sha256"]})
    other = await leader.get(page, params={"file": "0" * 64})

    assert named.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert other.headers["cache-control"] == "private, no-cache"
    assert named.headers["etag"] == other.headers["etag"]


async def test_a_picture_that_the_phone_has_is_not_sent_again(
    document: dict[str, Any], leader: Phone, officer: Phone
) -> None:
    page = f"/documents/{document['id']}/pages/0"
    known = {"If-None-Match": (await leader.get(page)).headers["etag"]}

    again = await leader.send("GET", page, headers=known)
    foreign = await officer.send("GET", page, headers=known)

    assert (again.status_code, again.content) == (HTTPStatus.NOT_MODIFIED, b"")
    assert foreign.status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("read", ["/file", "/pages/0?width=320"])
async def test_a_range_gives_its_bytes(document: dict[str, Any], leader: Phone, read: str) -> None:
    path = f"/documents/{document['id']}{read}"
    all_of_it = (await leader.get(path)).content

    part = await leader.send("GET", path, headers={"Range": "bytes=10-19"})
    end = await leader.send("GET", path, headers={"Range": "bytes=-7"})
    beyond = await leader.send("GET", path, headers={"Range": "bytes=99999999-"})

    assert (part.status_code, part.content) == (HTTPStatus.PARTIAL_CONTENT, all_of_it[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(all_of_it)}"
    assert end.content == all_of_it[-7:]
    assert beyond.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE


async def test_a_page_is_drawn_once(
    document: dict[str, Any], engines: Engines, leader: Phone
) -> None:
    first = await leader.get(f"/documents/{document['id']}/pages/0")
    await engines.sandbox.close()
    drawn = list((engines.settings.data / "blobs").rglob("*"))

    again = await leader.get(f"/documents/{document['id']}/pages/0")

    assert again.content == first.content
    assert list((engines.settings.data / "blobs").rglob("*")) == drawn
    assert list((engines.settings.data / "desk").iterdir()) == []


async def test_a_whole_room_at_once_sees_the_same_picture(
    document: dict[str, Any], leader: Phone
) -> None:
    asked = (leader.get(f"/documents/{document['id']}/pages/1?width=320") for _ in range(12))

    answers = await asyncio.gather(*asked)

    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize(
    ("page", "status", "code"),
    [
        ("2", HTTPStatus.NOT_FOUND, "documents.no_such_page"),
        ("-1", HTTPStatus.UNPROCESSABLE_ENTITY, "malformed"),
        ("0?width=481", HTTPStatus.UNPROCESSABLE_ENTITY, "malformed"),
    ],
)
async def test_a_page_that_is_not_there(
    document: dict[str, Any], leader: Phone, page: str, status: int, code: str
) -> None:
    answer = await leader.send("GET", f"/documents/{document['id']}/pages/{page}")

    assert (answer.status_code, answer.json()["type"]) == (status, code)


async def test_a_list_is_walked_without_gap_or_twin(
    db: Database, clerk: Phone, ministry: Ministry, clock: Clock
) -> None:
    ids = []
    for number in range(7):
        clock.tick(timedelta(seconds=number % 2))  # some came in the same moment
        ids.append(str(await received(db, ministry)))

    page = (await clerk.get("/documents?limit=3")).json()
    walked = page["items"]
    while page["next_cursor"]:
        page = (await clerk.get(f"/documents?limit=3&cursor={page['next_cursor']}")).json()
        walked += page["items"]

    assert sorted(item["id"] for item in walked) == sorted(ids)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("direction=incoming", 1),
        ("direction=outgoing", 0),
        ("state=registered", 1),
        ("state=directed", 0),
    ],
)
async def test_a_list_is_narrowed(
    document: dict[str, Any], leader: Phone, query: str, count: int
) -> None:
    page = (await leader.get(f"/documents?{query}")).json()

    assert len(page["items"]) == count


async def test_a_list_shows_only_what_may_be_read(
    document: dict[str, Any], officer: Phone, stranger: Phone
) -> None:
    for phone in (officer, stranger):
        assert (await phone.get("/documents")).json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("cursor", ["x", "%00", "MjAyNi0wMS0wNQ==", "8J+YgA=="])
async def test_a_cursor_that_we_did_not_give_is_malformed(clerk: Phone, cursor: str) -> None:
    answer = await clerk.send("GET", f"/documents?cursor={cursor}")

    assert (answer.status_code, answer.json()["type"]) == (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "malformed",
    )


async def test_the_trace_tells_who_did_what_and_when(
    document: dict[str, Any], db: Database, leader: Phone, ministry: Ministry, clock: Clock
) -> None:
    clock.tick(timedelta(minutes=2))
    async with db.begin() as tx:
        await service.mark_directed(tx, ministry.leader.actor, UUID(document["id"]))

    lines = (await leader.get(f"/documents/{document['id']}/trace")).json()

    assert [line["position"] for line in lines] == [1, 2]
    assert [line["name"] for line in lines] == ["documents.registered", "documents.directed"]
    assert [line["who"]["full_name"] for line in lines] == [
        ministry.clerk.full_name,
        ministry.leader.full_name,
    ]
    assert lines[0]["at"] == "2026-01-05T08:00:00Z"
    assert lines[1]["at_in_vietnam"] == "2026-01-05T15:02:00+07:00"
    leader_name = ministry.leader.full_name
    assert lines[0]["sentence_vi"] == f"Văn thư đăng ký văn bản đến, số đến 1, trình {leader_name}."
    assert lines[0]["sentence_en"] == (
        f"The clerk registered the incoming document, arrival number 1, for {leader_name}."
    )


async def test_an_unknown_document_gets_a_problem(clerk: Phone) -> None:
    answer: httpx.Response = await clerk.send("GET", "/documents/no-id")

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_trace_of_an_answer_holds_no_more_than_its_reader_may_read(
    document: dict[str, Any], db: Database, as_: As, ministry: Ministry
) -> None:
    answer_id = await outgoing(db, ministry, State.DRAFT)
    async with db.begin() as tx:
        answer = await tx.session.get_one(Document, answer_id)
        answer.reply_to = UUID(document["id"])
        by, asked = ministry.officer.id, answer.reply_to
        tx.emit(DocumentDrafted(document_id=answer_id, by=by, reply_to=asked))
    officer, clerk = await as_(ministry.officer), await as_(ministry.clerk)

    for phone, names in (
        (officer, ["documents.drafted"]),
        (clerk, ["documents.drafted", "documents.registered"]),
    ):
        lines = (await phone.get(f"/documents/{answer_id}/trace")).json()
        assert sorted(line["name"] for line in lines) == names
