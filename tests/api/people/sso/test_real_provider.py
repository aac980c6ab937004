"""Signing in at a real OpenID provider, and being signed out by it."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2 as httpx
import pytest

from api.demo.phone import Phone
from api.people.sso.models import Identity, SignIn, SsoSession
from core.audit import AuditRecord
from core.clock import utc_now
from core.db import Database
from core.streams import Fact
from tests.support.answers import kind, rows
from tests.support.ministry import BASE_URL, Ministry, Person
from tests.support.oidc.real import Browser
from tests.support.serving import Served

As = Callable[[Person], Awaitable[Phone]]
BEGIN, COMPLETE = "/sessions/single-sign-on", "/sessions/single-sign-on/complete"
SUBJECT = "anh.tq@ministry"

pytestmark = [
    pytest.mark.engines,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@pytest.fixture
def phone(http: httpx.AsyncClient) -> Phone:
    return Phone(http, BASE_URL, clock=utc_now)


async def begin(phone: Phone) -> str:
    answer = await phone._ask("POST", BEGIN, json={"device_name": "my phone"})
    assert answer.status_code == HTTPStatus.OK, answer.text
    return str(answer.json()["authorization_url"])


async def complete(phone: Phone, back: Mapping[str, str | None]) -> Any:
    answer = await phone._ask("POST", COMPLETE, json=back)
    if answer.status_code == HTTPStatus.OK:
        phone._keep(answer.json())
    return answer


async def sign_in(phone: Phone, browser: Browser, name: str = SUBJECT) -> Any:
    return await complete(phone, await browser.sign_in(await begin(phone), name))


@pytest.fixture
async def linked(ministry: Ministry, as_: As) -> Phone:
    """An administrator's phone; the leader is known to the provider."""
    administrator = await as_(ministry.administrator)
    path = f"/officials/{ministry.leader.id}/single-sign-on"
    await administrator.post(path, json={"subject": SUBJECT})
    return administrator


async def approve(administrator: Phone, waiting: Any) -> None:
    await administrator.post(f"/devices/{waiting.json()['facts']['device_id']}/approve")


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"], indirect=True)
async def test_an_official_signs_in_and_the_device_is_bound_as_ever(
    office: Served, ministry: Ministry, phone: Phone, browser: Browser, linked: Phone, db: Database
) -> None:
    waiting = await sign_in(phone, browser)
    assert kind(waiting) == "identity.device_pending"
    await approve(linked, waiting)

    answer = await sign_in(phone, browser)

    assert answer.status_code == HTTPStatus.OK
    assert answer.json()["token_type"] == "DPoP"
    assert answer.headers["cache-control"] == "no-store"
    assert (await phone.get("/me")).json()["full_name"] == ministry.leader.full_name
    assert (await phone.refresh()).status_code == HTTPStatus.OK
    (came,) = await rows(db, SsoSession)
    assert (came.subject, came.provider_session is not None) == (SUBJECT, True)
    mine = [one for one in await rows(db, AuditRecord) if one.actor_id == ministry.leader.id]
    seen = [one.facts for one in mine if one.action == "people.logged_in"]
    assert seen == [{"address": "127.0.0.1", "state": state} for state in ("pending", "approved")]


@pytest.mark.parametrize("secret", [""], indirect=True)
async def test_a_public_client_signs_in_by_pkce_alone(
    office: Served, phone: Phone, browser: Browser, linked: Phone
) -> None:
    assert kind(await sign_in(phone, browser)) == "identity.device_pending"


async def test_the_browser_carries_a_fresh_challenge_and_nothing_of_ours(
    office: Served, phone: Phone, db: Database
) -> None:
    first = parse_qs(urlsplit(await begin(phone)).query)
    second = parse_qs(urlsplit(await begin(phone)).query)

    assert first["code_challenge_method"] == ["S256"]
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]
    kept = [row.model_dump_json() for row in await rows(db, SignIn)]
    assert not any(first[name][0] in row for name in ("state", "nonce") for row in kept)


async def test_an_answer_works_once(
    office: Served, phone: Phone, browser: Browser, linked: Phone
) -> None:
    back = await browser.sign_in(await begin(phone), SUBJECT)
    assert kind(await complete(phone, back)) == "identity.device_pending"

    assert kind(await complete(phone, back)) == "identity.sign_in_refused"


async def test_an_answer_is_worth_nothing_on_another_device(
    office: Served, http: httpx.AsyncClient, phone: Phone, browser: Browser, linked: Phone
) -> None:
    back = await browser.sign_in(await begin(phone), SUBJECT)
    thief = Phone(http, BASE_URL, clock=utc_now)

    assert kind(await complete(thief, back)) == "identity.sign_in_refused"


async def test_a_code_of_another_sign_in_is_refused(
    office: Served, phone: Phone, browser: Browser, linked: Phone
) -> None:
    """PKCE and the nonce bind a code to the sign-in that it was given for."""
    mine = await browser.sign_in(await begin(phone), SUBJECT)
    other = await browser.sign_in(await begin(phone), SUBJECT)

    refusal = await complete(phone, mine | {"code": other["code"]})

    assert kind(refusal) == "identity.provider_refused"


async def test_an_answer_of_another_issuer_is_refused(
    office: Served, phone: Phone, browser: Browser, linked: Phone
) -> None:
    """RFC 9207: one provider must not answer for another."""
    for issuer in ("https://evil.example", None):
        back: dict[str, str | None] = {**await browser.sign_in(await begin(phone), SUBJECT)}
        assert kind(await complete(phone, back | {"iss": issuer})) == "identity.provider_refused"


async def test_whom_nobody_linked_is_told_so(
    office: Served, phone: Phone, browser: Browser
) -> None:
    refusal = await sign_in(phone, browser, "stranger")

    assert (refusal.status_code, kind(refusal)) == (HTTPStatus.FORBIDDEN, "identity.not_linked")
    assert refusal.json()["facts"] == {"subject": "stranger"}


async def test_signing_out_at_the_provider_ends_the_session_here(
    office: Served, phone: Phone, browser: Browser, linked: Phone, db: Database
) -> None:
    await approve(linked, await sign_in(phone, browser))
    await sign_in(phone, browser)
    await phone.get("/me")

    await browser.sign_out()

    assert kind(await phone.send("GET", "/me")) == "identity.session_ended"
    assert kind(await phone.refresh()) == "identity.refresh_refused"
    ended = [f.body for f in await rows(db, Fact) if f.name == "people.session_ended"]
    assert [(body["why"], body["device_id"]) for body in ended] == [
        ("signed_out_elsewhere", phone.device_id)
    ]
    assert await rows(db, SsoSession) == []


async def test_signing_out_elsewhere_leaves_other_sessions_alone(
    office: Served, provider: Any, http: httpx.AsyncClient, phone: Phone, browser: Browser,
    linked: Phone,
) -> None:  # fmt: skip
    second, elsewhere = Phone(http, BASE_URL, clock=utc_now), Browser(provider.issuer)
    for device, window in ((phone, browser), (second, elsewhere)):
        await approve(linked, await sign_in(device, window))
        await sign_in(device, window)

    await elsewhere.sign_out()

    await elsewhere.close()
    assert kind(await second.send("GET", "/me")) == "identity.session_ended"
    await phone.get("/me")


async def test_links_are_an_administrators_matter_and_audited(
    office: Served, ministry: Ministry, as_: As, linked: Phone, db: Database
) -> None:
    path = f"/officials/{ministry.officer.id}/single-sign-on"
    leader = await as_(ministry.leader)
    stranger = f"/officials/{ministry.stranger.id}/single-sign-on"

    refusals = [
        kind(await leader.send("POST", path, json={"subject": "x"})),
        kind(await linked.send("POST", path, json={"subject": SUBJECT})),
        kind(await linked.send("POST", stranger, json={"subject": "x"})),
    ]
    await linked.post(f"/officials/{ministry.leader.id}/single-sign-on", json={"subject": SUBJECT})
    await linked.post(f"/officials/{ministry.leader.id}/single-sign-on/remove")

    assert refusals == ["forbidden", "identity.identity_taken", "not_found"]
    assert await rows(db, Identity) == []
    audited = [r.action for r in await rows(db, AuditRecord) if "identity" in r.action]
    assert audited == ["people.identity_linked", "people.identity_unlinked"]
