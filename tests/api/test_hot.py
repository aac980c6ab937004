"""Hot reads go past the framework, not past the door, the refusals or the contract."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import httpx2 as httpx
import pytest
from fastapi import APIRouter, FastAPI, Response
from fastapi.routing import iter_route_contexts

from api.demo.phone import Phone
from api.deps import ActorDep
from api.hot import Hot, answers_of
from tests.support.ministry import Ministry, Person

As = Callable[[Person], Awaitable[Phone]]


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"]


async def test_nobody_reads_without_a_token(http: httpx.AsyncClient) -> None:
    refusal = await http.get("/tasks")

    assert code(refusal) == (HTTPStatus.UNAUTHORIZED, "identity.bad_token")
    assert "DPoP" in refusal.headers["www-authenticate"]
    assert refusal.headers["content-type"] == "application/problem+json"


async def test_the_same_proof_does_not_read_twice(
    http: httpx.AsyncClient, ministry: Ministry, as_: As
) -> None:
    phone = await as_(ministry.officer)
    url = "http://testserver/tasks"
    proof = phone.proof("GET", url, access_token=phone.access_token)
    headers = {"Authorization": f"DPoP {phone.access_token}", "DPoP": proof}

    first = await http.get(url, headers=headers)
    again = await http.get(url, headers=headers)

    assert first.status_code == HTTPStatus.OK
    assert code(again) == (HTTPStatus.UNAUTHORIZED, "identity.bad_proof")


@pytest.mark.parametrize(
    "proved", ["http://testserver/inbox", "http://elsewhere/tasks", "http://testserver/tasks/1"]
)
async def test_a_proof_for_another_address_reads_nothing(
    http: httpx.AsyncClient, ministry: Ministry, as_: As, proved: str
) -> None:
    phone = await as_(ministry.officer)
    proof = phone.proof("GET", proved, access_token=phone.access_token)
    headers = {"Authorization": f"DPoP {phone.access_token}", "DPoP": proof}

    refusal = await http.get("http://testserver/tasks", headers=headers)

    assert code(refusal) == (HTTPStatus.UNAUTHORIZED, "identity.bad_proof")


@pytest.mark.parametrize(
    ("query", "where"),
    [("limit=0", "query.limit"), ("limit=x", "query.limit"), ("closed=7", "query.closed")],
)
async def test_a_malformed_question_is_refused_as_everywhere(
    ministry: Ministry, as_: As, query: str, where: str
) -> None:
    phone = await as_(ministry.officer)

    refusal = await phone.send("GET", f"/tasks?{query}")

    assert code(refusal) == (HTTPStatus.UNPROCESSABLE_ENTITY, "malformed")
    assert refusal.json()["facts"]["where"] == where


async def test_other_methods_and_paths_pass_on(http: httpx.AsyncClient) -> None:
    unknown, method = await http.get("/tasks/"), await http.patch("/tasks")

    assert (unknown.status_code, method.status_code) == (
        HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.METHOD_NOT_ALLOWED,
    )  # fmt: skip


def test_every_hot_read_is_in_the_contract_and_in_the_lane(app: FastAPI) -> None:
    hot = {
        str(found.path)
        for found in iter_route_contexts(app.routes)
        if isinstance(found.original_route, Hot)
    }

    assert {"/tasks", "/inbox"} <= hot
    assert hot == set(answers_of(app))
    assert all("get" in app.openapi()["paths"][path] for path in hot)


def test_a_route_of_another_shape_is_not_hot() -> None:
    async def read(actor: ActorDep) -> Response:
        return Response(str(actor))

    with pytest.raises(TypeError, match="a hot read takes"):
        APIRouter(route_class=Hot).get("/hot")(read)
