"""Saved searches over HTTP: kept, listed, replaced, dropped; nobody's but one's own."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

import pytest

from api.demo.phone import Phone
from api.lookup.filters import Filters
from api.lookup.saved import service
from api.lookup.saved.rules import MOST_SAVED
from api.lookup.saved.service import Wish
from tests.api.lookup.conftest import Library, Paper
from tests.support.answers import kind
from tests.support.ministry import Person

As = Callable[[Person], Awaitable[Phone]]
DYKES = Paper("Tu bổ đê điều trước mùa lũ", 14, "KH-UBND", type_code="plan")
WISH = {"name": "Đê điều", "q": "tu bo de dieu", "filters": {"type_code": "plan"},
        "sort": "newest", "columns": ["number", "title"]}  # fmt: skip


async def put(phone: Phone, search_id: UUID, **changed: Any) -> Any:
    return await phone.send("PUT", f"/lookup/saved/{search_id}", json=WISH | changed)


async def listed(phone: Phone) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await phone.get("/lookup/saved")).json()
    return found


async def test_a_search_is_kept_once_however_often_it_is_sent(library: Library, as_: As) -> None:
    phone, search_id = await as_(library.ministry.leader), uuid4()

    await put(phone, search_id)
    kept = (await put(phone, search_id)).json()
    await put(phone, search_id, name="Đê")

    (one,) = await listed(phone)
    assert (one["name"], kept["name"], kept["alerts"]) == ("Đê", "Đê điều", True)
    assert {name: one[name] for name in ("q", "sort", "columns")} == {
        name: WISH[name] for name in ("q", "sort", "columns")
    }
    assert one["filters"]["type_code"] == "plan"


async def test_what_a_search_has_found_is_listed_with_it(library: Library, as_: As) -> None:
    phone, search_id = await as_(library.ministry.leader), uuid4()
    await put(phone, search_id)

    await library.receive(DYKES)

    (one,) = await listed(phone)
    found = (await phone.get(f"/lookup/saved/{search_id}/documents")).json()["items"]
    assert one["found"] == 1
    assert [(paper["id"], paper["number"]) for paper in found] == [(str(DYKES.id), "14/KH-UBND")]
    inbox = (await phone.get("/inbox")).json()["items"]
    assert {(one["kind"], one["subject"]) for one in inbox} >= {
        ("lookup.answered", f"document:{DYKES.id}")
    }


async def test_another_question_has_found_nothing_yet(library: Library, as_: As) -> None:
    phone, search_id = await as_(library.ministry.leader), uuid4()
    await put(phone, search_id)
    await library.receive(DYKES)

    renamed = (await put(phone, search_id, name="Đê", sort="oldest")).json()
    asked_anew = (await put(phone, search_id, q="bao ve rung")).json()

    assert (renamed["found"], asked_anew["found"]) == (1, 0)


async def test_what_is_dropped_tells_of_nothing_more(library: Library, as_: As) -> None:
    phone, search_id = await as_(library.ministry.leader), uuid4()
    await put(phone, search_id)

    for _ in range(2):
        answer = await phone.send("DELETE", f"/lookup/saved/{search_id}")
        assert answer.status_code == HTTPStatus.NO_CONTENT
    await library.receive(DYKES)

    assert await listed(phone) == []
    inbox = (await phone.get("/inbox")).json()["items"]
    assert "lookup.answered" not in {one["kind"] for one in inbox}


async def test_foreign_searches_are_not_there(library: Library, as_: As) -> None:
    owner, other = await as_(library.ministry.leader), await as_(library.ministry.clerk)
    search_id = uuid4()
    await put(owner, search_id)

    replaced = await put(other, search_id, name="mine")
    read = await other.send("GET", f"/lookup/saved/{search_id}/documents")
    dropped = await other.send("DELETE", f"/lookup/saved/{search_id}")

    refused = {one.status_code for one in (replaced, read, dropped)}
    assert refused == {HTTPStatus.NOT_FOUND}
    assert await listed(other) == []
    assert [one["name"] for one in await listed(owner)] == [WISH["name"]]


MISSHAPEN: tuple[tuple[dict[str, Any], str], ...] = (
    ({"q": "", "filters": {}}, "lookup.asks_nothing"),
    ({"q": "🙂 ()", "filters": {}}, "lookup.asks_nothing"),
    ({"name": ""}, "malformed"),
    ({"q": "x" * 2001}, "malformed"),
    ({"q": "a\x00"}, "malformed"),
    ({"filters": {"colour": "red"}}, "malformed"),
    ({"filters": {"issuer": "a\x00"}}, "malformed"),
    ({"columns": ["salary"]}, "malformed"),
)


@pytest.mark.parametrize(("changed", "code"), MISSHAPEN)
async def test_what_asks_nothing_or_is_misshapen_is_refused(
    library: Library, as_: As, changed: dict[str, Any], code: str
) -> None:
    refusal = await put(await as_(library.ministry.leader), uuid4(), **changed)

    assert refusal.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert kind(refusal) == code


LONG: tuple[dict[str, Any], ...] = (
    {"q": "1/" + "a" * 1900},
    {"q": "số 7 " + "qđ " * 600},
    {"q": "x" * 2000},
    {"q": "", "filters": {"issuer": "ﷺ" * 200}},
    {"q": "", "filters": {"signer": "ﷺ" * 200}},
)


async def test_the_longest_words_and_names_can_be_kept(library: Library, as_: As) -> None:
    phone = await as_(library.ministry.leader)

    for changed in LONG:
        answer = await put(phone, uuid4(), **changed)
        assert answer.status_code == HTTPStatus.OK, changed

    await library.receive(replace(DYKES, issuer="ﷺ" * 200))
    told = {one["found"]: one["filters"]["issuer"] for one in await listed(phone)}
    assert told[1] == "ﷺ" * 200


async def test_what_is_sent_several_times_at_once_is_done_once(library: Library, as_: As) -> None:
    phone, search_id = await as_(library.ministry.leader), uuid4()

    kept = await asyncio.gather(*(put(phone, search_id) for _ in range(4)))
    there_were = len(await listed(phone))
    path = f"/lookup/saved/{search_id}"
    dropped = await asyncio.gather(*(phone.send("DELETE", path) for _ in range(4)))

    assert {one.status_code for one in kept} == {HTTPStatus.OK}
    assert {one.status_code for one in dropped} == {HTTPStatus.NO_CONTENT}
    assert (there_were, await listed(phone)) == (1, [])


async def test_nobody_keeps_more_than_the_most(library: Library, as_: As) -> None:
    leader, ids = library.ministry.leader, [uuid4() for _ in range(MOST_SAVED)]
    async with library.engines.db.begin() as tx:
        for search_id in ids:
            wish = Wish(name="Đê", query="đê", filters=Filters())
            await service.keep(tx, leader.actor, search_id, wish)
    phone = await as_(leader)

    refusal = await put(phone, uuid4())

    assert (refusal.status_code, kind(refusal)) == (HTTPStatus.CONFLICT, "lookup.too_many_saved")
    assert (await put(phone, ids[0], name="again")).status_code == HTTPStatus.OK
