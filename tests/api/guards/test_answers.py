"""Every answer is safe to show: its headers, its id, its size, and who may ask from where."""

import json
import re
from base64 import b64encode
from collections.abc import AsyncGenerator, Awaitable, Callable
from hashlib import sha256
from http import HTTPStatus

import httpx2 as httpx
import pytest
from fastapi import FastAPI
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from api.app import create_app
from api.demo.phone import Phone
from api.wiring import Engines
from realtime.endpoint import SERVER_OPTIONS
from tests.support.ministry import Ministry, Person
from tests.support.serving import Served, served

As = Callable[[Person], Awaitable[Phone]]
DESK = "https://desk.example"


def client_of(app: FastAPI, url: str = "http://testserver") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=url)


@pytest.mark.parametrize(
    "path", ["/health/live", "/me", "/tasks", "/no/such/path", "/trust", "/verify"]
)
async def test_every_answer_and_every_refusal_is_safe(http: httpx.AsyncClient, path: str) -> None:
    headers = (await http.get(path)).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["Cache-Control"] == "no-store"
    assert re.fullmatch("[0-9a-f]{16}", headers["X-Request-Id"])
    assert "Strict-Transport-Security" not in headers


async def test_behind_https_browsers_are_told_to_stay_there(engines: Engines, app: FastAPI) -> None:
    async with client_of(app, "https://office.example") as client:
        by_scheme = await client.get("/health/live")
    engines.settings.http.public_url = "https://office.example"
    async with client_of(create_app(engines, works=False)) as client:
        by_setting = await client.get("/health/live")

    for answer in (by_scheme, by_setting):
        assert answer.headers["Strict-Transport-Security"] == "max-age=63072000"


async def test_a_fault_of_ours_is_told_under_the_id_of_its_request(app: FastAPI) -> None:
    @app.get("/fault")
    async def fault() -> None:
        raise RuntimeError("Trần Quốc Ánh")

    async with client_of(app) as client:
        answer = await client.get("/fault")

    assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.json()["facts"] == {"correlation": answer.headers["X-Request-Id"]}
    assert "Ánh" not in answer.text


async def test_the_api_page_works_from_our_own_server_alone(http: httpx.AsyncClient) -> None:
    page = await http.get("/docs")
    policy = page.headers["Content-Security-Policy"]
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    inline = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)

    assert len(loaded) == 3
    for path in loaded:
        assert (await http.get(path)).status_code == HTTPStatus.OK
    assert inline
    for script in inline:
        assert f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" in policy
    assert "unsafe-inline" not in policy.partition("style-src")[0]
    assert re.findall(r"https?:", policy) == []


async def test_large_answers_in_json_are_packed_where_that_is_asked_for(
    ministry: Ministry, as_: As, http: httpx.AsyncClient
) -> None:
    packed = await http.get("/openapi.json", headers={"Accept-Encoding": "gzip"})
    plain = await http.get("/openapi.json", headers={"Accept-Encoding": "identity"})
    small = await (await as_(ministry.officer)).send("GET", "/me")

    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.json() == plain.json()
    assert int(packed.headers["Content-Length"]) * 5 < int(plain.headers["Content-Length"])
    assert "Content-Encoding" not in plain.headers
    assert "Content-Encoding" not in small.headers


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/v/a%00b", "path"),
        ("/verdicts/%00", "path"),
        ("/lookup?q=a&issuer=%00", "query"),
        ("/lookup?q=%00&%00", "query"),
    ],
)
async def test_nothing_has_a_name_with_a_nul_in_it(
    http: httpx.AsyncClient, path: str, where: str
) -> None:
    """PostgreSQL would make a fault of ours of it."""
    answer = await http.get(path)

    assert (answer.status_code, answer.json()["facts"]) == (422, {"where": where, "why": "nul"})


@pytest.mark.parametrize("condition", ["If-Match", "If-Unmodified-Since"])
async def test_a_change_under_a_condition_that_nobody_keeps_is_refused(
    http: httpx.AsyncClient, ministry: Ministry, as_: As, condition: str
) -> None:
    """Whoever writes it means to change only what they have read; `version` in the body does it."""
    phone = await as_(ministry.officer)

    change = await phone.send("DELETE", "/inbox/quiet-hours", headers={condition: '"1"'})
    read = await phone.send("GET", "/me", headers={condition: '"1"'})

    assert (change.status_code, change.json()["type"]) == (412, "no_conditions")
    assert change.headers["X-Content-Type-Options"] == "nosniff"
    assert read.status_code == HTTPStatus.OK


async def test_an_allowed_page_may_send_every_header_of_the_contract(
    engines: Engines, app: FastAPI
) -> None:
    engines.settings.http.origins = [DESK]
    paths = app.openapi()["paths"].values()
    said = [one for path in paths for operation in path.values()
            for one in operation.get("parameters", [])]  # fmt: skip
    asked = {one["name"].lower() for one in said if one["in"] == "header"} | {"dpop"}
    preflight = {
        "Origin": DESK,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": ",".join(sorted(asked)),
    }

    async with client_of(create_app(engines, works=False)) as client:
        answer = await client.options("/sessions", headers=preflight)

    assert "step-up" in asked
    assert answer.status_code == HTTPStatus.OK


async def test_no_page_may_call_the_api_unless_it_is_allowed(
    engines: Engines, app: FastAPI
) -> None:
    preflight = {
        "Origin": DESK,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,dpop,content-type",
    }
    async with client_of(app) as client:
        closed = await client.options("/sessions", headers=preflight)
    engines.settings.http.origins = [DESK]
    async with client_of(create_app(engines, works=False)) as client:
        opened = await client.options("/sessions", headers=preflight)
        foreign = await client.options("/sessions", headers=preflight | {"Origin": "https://x.y"})
        refused = await client.get("/me", headers={"Origin": DESK})

    assert "Access-Control-Allow-Origin" not in closed.headers
    assert opened.headers["Access-Control-Allow-Origin"] == DESK
    assert "DPoP" in opened.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in opened.headers
    assert "Access-Control-Allow-Origin" not in foreign.headers
    assert "DPoP-Nonce" in refused.headers["Access-Control-Expose-Headers"]


async def test_only_our_own_names_are_answered_for_if_any_are_set(engines: Engines) -> None:
    engines.settings.http.hosts = ["office.example", "[::1]"]
    app = create_app(engines, works=False)

    async def ask(host: str) -> httpx.Response:
        async with client_of(app) as client:
            return await client.get("/health/live", headers={"Host": host})

    for ours in ("office.example", "Office.Example:8000", "[::1]:8000"):
        assert (await ask(ours)).status_code == HTTPStatus.OK
    for other in ("evil.example", "office.example.evil.example", "", "office.example:x"):
        refusal = await ask(other)
        assert refusal.status_code == HTTPStatus.MISDIRECTED_REQUEST
        assert refusal.json()["type"] == "unknown_host"


@pytest.fixture
async def office(engines: Engines) -> AsyncGenerator[Served]:
    engines.settings.http.origins = [DESK]
    engines.settings.http.sockets_per_address = 2
    async with served(create_app(engines, works=False), **SERVER_OPTIONS) as office:
        yield office


async def test_a_foreign_page_gets_no_socket_and_an_app_does(office: Served) -> None:
    url = f"ws://127.0.0.1:{office.port}/realtime"

    for allowed in (None, DESK, office.url):
        async with connect(url, origin=allowed, proxy=None):  # type: ignore[arg-type]
            pass
    for foreign in ("https://evil.example", "null"):
        with pytest.raises(InvalidStatus) as refused:
            await connect(url, origin=foreign, proxy=None)  # type: ignore[arg-type]
        assert refused.value.response.status_code == HTTPStatus.FORBIDDEN
        assert json.loads(refused.value.response.body or b"")["type"] == "foreign_page"


async def test_an_address_has_a_limited_number_of_sockets(office: Served) -> None:
    url = f"ws://127.0.0.1:{office.port}/realtime"
    first, second = await connect(url, proxy=None), await connect(url, proxy=None)

    with pytest.raises(InvalidStatus) as refused:
        await connect(url, proxy=None)
    await first.close()
    third = await connect(url, proxy=None)

    assert refused.value.response.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert refused.value.response.headers["Retry-After"] == "30"
    await third.close()
    await second.close()
