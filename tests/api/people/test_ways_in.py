"""The settings choose how officials log in; what a provider ends, ends once."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import httpx2 as httpx
import pytest

from api.app import create_app
from api.demo.phone import Phone
from api.people.sso import service
from api.people.sso.flows import Tools
from api.people.sso.provider import Provider
from api.people.sso.rules import LOGOUT_EVENT, Identity
from api.wiring import Engines
from core.access import SingleSignOn
from core.config import Settings
from core.db import Database
from core.door import Door
from core.sessions import Device
from tests.support.answers import kind, rows
from tests.support.clock import Clock
from tests.support.ministry import BASE_URL, PASSWORD, Ministry, Person
from tests.support.oidc.claims import CLIENT, ISSUER
from tests.support.oidc.liar import SETTINGS, Liar, signed

As = Callable[[Person], Awaitable[Phone]]
LOGOUT_PATH = "/sessions/single-sign-on/logout"


@pytest.fixture
def liar() -> Liar:
    return Liar()


@pytest.fixture
async def with_provider(
    engines: Engines, clock: Clock, liar: Liar
) -> AsyncGenerator[httpx.AsyncClient]:
    """The same office with an identity provider, and passwords closed."""
    settings = Settings(data=engines.settings.data, single_sign_on=SETTINGS)
    tools = Tools(Provider(SETTINGS, clock, liar.transport), b"secret")
    app = create_app(
        replace(engines, door=Door(settings, engines.db), single_sign_on=tools), works=False
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        yield client


async def test_local_accounts_are_the_default(http: httpx.AsyncClient, phone: Phone) -> None:
    ways = (await http.get("/sessions/ways")).json()

    refusal = await phone._ask("POST", "/sessions/single-sign-on", json={})

    assert ways == {"local_accounts": True, "single_sign_on": None}
    assert (refusal.status_code, kind(refusal)) == (
        HTTPStatus.NOT_FOUND, "identity.no_single_sign_on",
    )  # fmt: skip


async def test_a_provider_closes_local_accounts_unless_the_settings_keep_them(
    with_provider: httpx.AsyncClient, ministry: Ministry, clock: Clock
) -> None:
    phone = Phone(with_provider, BASE_URL, clock=clock)
    body = {"account": ministry.leader.account, "password": PASSWORD}

    refusals = [
        await phone.log_in(ministry.leader.account, PASSWORD),
        await with_provider.post("/sessions/console", json=body),
    ]

    assert [kind(refusal) for refusal in refusals] == ["identity.no_local_accounts"] * 2
    ways = (await with_provider.get("/sessions/ways")).json()
    assert ways == {"local_accounts": False, "single_sign_on": ISSUER}
    kept = SingleSignOn(**SETTINGS.model_dump() | {"local_accounts": True})
    assert Settings(single_sign_on=kept).single_sign_on.local_accounts


def logout_token(clock: Clock, **changes: Any) -> str:
    now = int(clock.now.timestamp())
    claims = {
        "iss": ISSUER, "aud": CLIENT, "sub": "anh.tq", "iat": now, "exp": now + 120,
        "jti": "once", "events": {LOGOUT_EVENT: {}},
    }  # fmt: skip
    return signed(claims | changes, typ="logout+jwt")


async def came_from_the_provider(db: Database, phone: Phone) -> None:
    async with db.begin() as tx:
        devices = [d for d in await rows(db, Device) if str(d.id) == phone.device_id]
        service.note_session(tx, devices[0], Identity(ISSUER, "anh.tq", "session-1"))


@pytest.mark.parametrize("whose", [{}, {"sid": "session-1"}, {"sid": "session-1", "sub": None}])
async def test_a_logout_token_ends_what_it_names_and_counts_once(
    with_provider: httpx.AsyncClient, ministry: Ministry, as_: As, clock: Clock, db: Database,
    whose: dict[str, Any],
) -> None:  # fmt: skip
    phone = await as_(ministry.leader)
    await came_from_the_provider(db, phone)
    form = {"logout_token": logout_token(clock, **whose)}

    first = await with_provider.post(LOGOUT_PATH, data=form)
    again = await with_provider.post(LOGOUT_PATH, data=form)

    assert (first.status_code, first.headers["cache-control"]) == (HTTPStatus.OK, "no-store")
    assert (again.status_code, kind(again)) == (
        HTTPStatus.BAD_REQUEST, "identity.bad_logout_token",
    )  # fmt: skip
    assert kind(await phone.refresh()) == "identity.refresh_refused"


@pytest.mark.parametrize("whose", [{"sub": "somebody"}, {"sid": "session-2"}])
async def test_a_logout_token_of_somebody_else_ends_nothing(
    with_provider: httpx.AsyncClient, ministry: Ministry, as_: As, clock: Clock, db: Database,
    whose: dict[str, Any],
) -> None:  # fmt: skip
    phone = await as_(ministry.leader)
    await came_from_the_provider(db, phone)

    await with_provider.post(LOGOUT_PATH, data={"logout_token": logout_token(clock, **whose)})

    assert (await phone.refresh()).status_code == HTTPStatus.OK


async def test_a_session_that_began_anew_is_not_ended_by_an_old_ones_logout(
    with_provider: httpx.AsyncClient, ministry: Ministry, as_: As, clock: Clock, db: Database
) -> None:
    phone = await as_(ministry.leader)
    await came_from_the_provider(db, phone)
    await phone.log_in(ministry.leader.account, PASSWORD)

    await with_provider.post(LOGOUT_PATH, data={"logout_token": logout_token(clock)})

    assert (await phone.refresh()).status_code == HTTPStatus.OK


@pytest.mark.parametrize("form", [{}, {"logout_token": ""}, {"logout_token": "x" * 9000}])
async def test_a_logout_without_a_sensible_token_is_refused(
    with_provider: httpx.AsyncClient, form: dict[str, str]
) -> None:
    answer = await with_provider.post(LOGOUT_PATH, data=form)

    assert kind(answer) in {"malformed", "identity.bad_logout_token"}
