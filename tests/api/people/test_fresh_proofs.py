"""Refreshing and signing want a proof made just now: it holds the server's newest nonce."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

import httpx2 as httpx
import pytest

from api.app import create_app
from api.demo.phone import Phone
from api.wiring import Engines
from core.door import Door
from core.nonces import SLOT, SLOTS_KEPT
from tests.support.answers import kind
from tests.support.clock import Clock
from tests.support.ministry import BASE_URL, Ministry, Person

As = Callable[[Person], Awaitable[Phone]]
REQUEST = UUID(int=1)
WANT_A_NONCE = [
    "/sessions/refresh",
    f"/signature-requests/{REQUEST}/sign",
    f"/signature-requests/{REQUEST}/decline",
    f"/documents/{REQUEST}/seal",
]


async def send_once(client: httpx.AsyncClient, phone: Phone, path: str) -> httpx.Response:
    """Send what a phone would, but take a refusal for an answer."""
    url = f"{BASE_URL}{path}"
    refreshes = path == "/sessions/refresh"
    token = None if refreshes else phone.access_token
    headers = {"DPoP": phone.proof("POST", url, access_token=token)}
    if token is not None:
        headers["Authorization"] = f"DPoP {token}"
    body = {"refresh_token": phone.refresh_token} if refreshes else {"reason": "Chưa rõ."}
    return await client.post(url, headers=headers, json=body)


@pytest.mark.parametrize("path", WANT_A_NONCE)
async def test_a_proof_without_a_nonce_is_told_which_one_to_use(
    http: httpx.AsyncClient, ministry: Ministry, as_: As, path: str
) -> None:
    phone = await as_(ministry.leader)
    phone.nonce = ""

    refusal = await send_once(http, phone, path)

    assert (refusal.status_code, kind(refusal)) == (
        HTTPStatus.UNAUTHORIZED, "identity.use_dpop_nonce",
    )  # fmt: skip
    assert 'error="use_dpop_nonce"' in refusal.headers["www-authenticate"]
    phone.nonce = refusal.headers["dpop-nonce"]
    again = await send_once(http, phone, path)
    assert "use_dpop_nonce" not in again.headers.get("www-authenticate", "")


@pytest.mark.parametrize("path", WANT_A_NONCE)
async def test_an_old_nonce_is_refused(
    http: httpx.AsyncClient, ministry: Ministry, as_: As, clock: Clock, path: str
) -> None:
    phone = await as_(ministry.leader)
    await phone.refresh()
    clock.tick(SLOTS_KEPT * SLOT)

    assert kind(await send_once(http, phone, path)) == "identity.use_dpop_nonce"


async def test_every_answer_to_a_fresh_proof_brings_the_next_nonce(
    http: httpx.AsyncClient, ministry: Ministry, as_: As, clock: Clock
) -> None:
    phone = await as_(ministry.leader)
    await phone.refresh()
    before = phone.nonce
    clock.tick(SLOT)

    answer = await send_once(http, phone, "/sessions/refresh")

    assert answer.status_code == HTTPStatus.OK
    assert answer.headers["dpop-nonce"] != before


async def test_a_nonce_of_one_node_is_good_on_another(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    phone = await as_(ministry.leader)
    await phone.refresh()
    other = create_app(replace(engines, door=Door(engines.settings, engines.db)), works=False)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=other)) as client:
        answer = await send_once(client, phone, "/sessions/refresh")

    assert answer.status_code == HTTPStatus.OK


async def test_a_phone_learns_the_nonce_and_keeps_it(ministry: Ministry, as_: As) -> None:
    phone = await as_(ministry.leader)
    assert phone.nonce == ""

    assert (await phone.refresh()).status_code == HTTPStatus.OK

    assert phone.nonce


async def test_other_requests_need_no_nonce_and_do_not_mind_an_old_one(
    ministry: Ministry, as_: As, clock: Clock
) -> None:
    phone = await as_(ministry.leader)
    await phone.get("/me")
    phone.nonce = "from-long-ago"
    clock.tick(timedelta(minutes=4))

    await phone.get("/me")
