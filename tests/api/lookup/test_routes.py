"""The search over HTTP: what phones send and get."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import httpx2 as httpx

from api.demo.phone import Phone
from tests.api.lookup.conftest import Library, Paper
from tests.support.ministry import Person

As = Callable[[Person], Awaitable[Phone]]
PAPER = Paper(
    "Phòng, chống thiên tai", number=187, symbol="QĐ-TTg", pages=("Bìa.", "Tu bổ đê điều.")
)


async def ask(phone: Phone, **params: str) -> Any:
    query = str(httpx.QueryParams(params))
    return await phone.send("GET", f"/lookup?{query}")


async def test_a_phone_gets_documents_with_snippets(library: Library, as_: As) -> None:
    await library.receive(PAPER)
    phone = await as_(library.ministry.leader)

    answer = (await ask(phone, q="tu bo de dieu")).json()

    (item,) = answer["items"]
    assert (answer["found"], answer["cursor"]) == (1, None)
    assert item["id"] == str(PAPER.id)
    assert (item["number"], item["symbol"], item["issuer"]) == (187, "QĐ-TTg", PAPER.issuer)
    assert (item["issued_on"], item["text_state"]) == ("2026-01-04", "read")
    assert item["snippet"] == {
        "page": 1,
        "confidence": None,
        "text": "Tu bổ đê điều",
        "highlights": [[0, 2], [3, 5], [6, 8], [9, 13]],
    }


async def test_nobody_searches_without_saying_who_they_are(http: httpx.AsyncClient) -> None:
    refusal = await http.get("/lookup?q=x")

    assert refusal.status_code == HTTPStatus.UNAUTHORIZED


MISSHAPEN: tuple[dict[str, str], ...] = (
    {},
    {"q": "x", "limit": "0"},
    {"q": "x", "limit": "51"},
    {"q": "x", "cursor": "?"},
)


async def test_what_has_not_the_documented_shape_is_refused(library: Library, as_: As) -> None:
    phone = await as_(library.ministry.leader)

    for params in MISSHAPEN:
        refusal = await ask(phone, **params)
        assert refusal.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert refusal.json()["type"] == "malformed"


async def test_bytes_that_are_no_words_get_an_answer(library: Library, as_: As) -> None:
    phone = await as_(library.ministry.leader)

    for raw in ("", "%00", "%ff%fe", "%ED%A0%80", "%22%28%2A", "x" * 1000, "%F0%9F%99%82"):
        answer = await phone.send("GET", f"/lookup?q={raw}")
        assert answer.status_code == HTTPStatus.OK
        assert answer.json()["items"] == []
