"""A session ends everywhere at once; replays and races gain nothing."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from uuid import UUID

import httpx2 as httpx
import pytest

from api.app import create_app
from api.demo.phone import Phone
from api.people import service
from api.wiring import Engines
from core import sessions
from core.audit import AuditRecord
from core.config import Settings
from core.db import Database
from core.door import Door
from core.errors import AppError
from core.idempotency import StoredAnswer
from core.memory import CACHED_FOR
from core.sessions import Device, RealtimeTicket, RefreshToken, SeenProof, TicketRefused
from core.streams import Fact
from tests.support.answers import kind, rows
from tests.support.clock import Clock
from tests.support.ministry import BASE_URL, PASSWORD, Ministry, Person

As = Callable[[Person], Awaitable[Phone]]


@pytest.fixture
async def other_node(engines: Engines) -> AsyncGenerator[httpx.AsyncClient]:
    """A second process on the same database: it shares no memory with the first."""
    app = create_app(replace(engines, door=Door(engines.settings, engines.db)), works=False)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as client:
        yield client


# --- the end of a session


async def test_logging_out_ends_every_token_at_once(
    ministry: Ministry, as_: As, db: Database
) -> None:
    phone = await as_(ministry.leader)
    ticket = await phone.ticket()
    await phone.get("/me")

    await phone.send("DELETE", "/sessions/current")

    assert kind(await phone.send("GET", "/me")) == "identity.session_ended"
    assert kind(await phone.refresh()) == "identity.refresh_refused"
    with pytest.raises(sessions.SessionEnded):
        async with db.begin() as tx:
            await sessions.redeem_ticket(tx, ticket)


async def test_logging_in_again_ends_the_session_before(ministry: Ministry, as_: As) -> None:
    phone = await as_(ministry.leader)
    before = phone.access_token
    await phone.log_in(ministry.leader.account, PASSWORD)
    await phone.get("/me")

    phone.access_token = before

    assert kind(await phone.send("GET", "/me")) == "identity.session_ended"


async def test_a_leaked_refresh_token_ends_the_session_and_the_owner_hears_of_it(
    clock: Clock, ministry: Ministry, as_: As, db: Database
) -> None:
    phone = await as_(ministry.leader)
    old = phone.refresh_token
    await phone.refresh()
    clock.tick(timedelta(seconds=11))
    phone.refresh_token = old

    await phone.refresh()

    clock.tick(CACHED_FOR)
    assert kind(await phone.send("GET", "/me")) == "identity.session_ended"
    ended = [fact.body for fact in await rows(db, Fact) if fact.name == "people.session_ended"]
    assert [(body["why"], body["device_id"]) for body in ended] == [
        ("refresh_reused", phone.device_id)
    ]
    other = (await (await as_(ministry.leader)).get("/inbox")).json()["items"]
    told = {item["kind"]: item["subject"] for item in other}
    assert told["people.session_ended"] is None  # the door is no place to read on


async def test_a_refresh_sent_twice_at_once_gives_the_same_successor(
    ministry: Ministry, as_: As, db: Database
) -> None:
    phone = await as_(ministry.leader)

    answers = await asyncio.gather(phone.refresh(), phone.refresh())

    assert [answer.status_code for answer in answers] == [HTTPStatus.OK] * 2
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1


async def test_a_refresh_token_is_worth_nothing_on_another_phone(
    phone: Phone, ministry: Ministry, as_: As
) -> None:
    owner = await as_(ministry.leader)
    phone.refresh_token = owner.refresh_token

    assert kind(await phone.refresh()) == "identity.refresh_refused"
    assert (await owner.refresh()).status_code == HTTPStatus.OK


async def test_a_refresh_token_ends_after_thirty_days(
    clock: Clock, ministry: Ministry, as_: As
) -> None:
    phone = await as_(ministry.leader)
    clock.tick(sessions.REFRESH_LIFETIME)

    assert kind(await phone.refresh()) == "identity.refresh_refused"


# --- proofs


async def test_a_proof_used_on_one_node_is_refused_on_the_other(
    http: httpx.AsyncClient, other_node: httpx.AsyncClient, ministry: Ministry, as_: As
) -> None:
    phone = await as_(ministry.leader)
    url = f"{BASE_URL}/realtime/tickets"
    headers = {
        "Authorization": f"DPoP {phone.access_token}",
        "DPoP": phone.proof("POST", url, access_token=phone.access_token),
    }
    assert (await http.post(url, headers=headers)).status_code == HTTPStatus.OK

    assert kind(await other_node.post(url, headers=headers)) == "identity.bad_proof"


async def test_a_recorded_change_is_not_answered_again_on_the_other_node(
    http: httpx.AsyncClient, other_node: httpx.AsyncClient, ministry: Ministry, as_: As
) -> None:
    """Its answer is kept for whoever asks again with a proof of their own, not for a replay."""
    phone = await as_(ministry.leader)
    url, body = f"{BASE_URL}/devices/addresses", {"kind": "recorded", "value": "phone-0001"}
    once = {"Authorization": f"DPoP {phone.access_token}", "Idempotency-Key": "recorded-once"}
    recorded, fresh = (
        once | {"DPoP": phone.proof("POST", url, access_token=phone.access_token)} for _ in range(2)
    )
    assert (await http.post(url, json=body, headers=recorded)).is_success

    replayed = await other_node.post(url, json=body, headers=recorded)
    again = await other_node.post(url, json=body, headers=fresh)

    assert kind(replayed) == "identity.bad_proof"
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (204, "true")


async def test_a_refused_change_leaves_nothing_behind_not_even_its_proof(
    ministry: Ministry, as_: As, db: Database
) -> None:
    phone = await as_(ministry.leader)
    before = len(await rows(db, SeenProof))

    await phone.send("POST", f"/devices/{UUID(int=1)}/revoke")

    assert len(await rows(db, SeenProof)) == before


async def test_two_proofs_at_once_prove_nothing(
    http: httpx.AsyncClient, ministry: Ministry, as_: As
) -> None:
    phone = await as_(ministry.leader)
    url = f"{BASE_URL}/me"
    proofs = [phone.proof("GET", url, access_token=phone.access_token) for _ in range(2)]
    headers = [("Authorization", f"DPoP {phone.access_token}"), *(("DPoP", p) for p in proofs)]

    assert kind(await http.get(url, headers=headers)) == "identity.bad_proof"


async def test_proofs_are_judged_by_the_address_that_phones_use(
    engines: Engines, clock: Clock, ministry: Ministry, as_: As
) -> None:
    known = await as_(ministry.leader)
    public = Settings(data=engines.settings.data)
    public.http.public_url = "https://office.example/api"
    behind = create_app(replace(engines, door=Door(public, engines.db)), works=False)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=behind)) as client:

        async def ask(seen_as: str) -> httpx.Response:
            proof = known.proof("GET", seen_as, access_token=known.access_token)
            headers = {"Authorization": f"DPoP {known.access_token}", "DPoP": proof}
            return await client.get("http://10.0.0.7:8000/me", headers=headers)

        assert (await ask("https://office.example/api/me")).status_code == HTTPStatus.OK
        assert kind(await ask("http://10.0.0.7:8000/me")) == "identity.bad_proof"


# --- tickets


async def test_a_ticket_lets_one_socket_in_once(ministry: Ministry, as_: As, db: Database) -> None:
    phone = await as_(ministry.leader)
    ticket = await phone.ticket()

    async with db.begin() as tx:
        admitted = await sessions.redeem_ticket(tx, ticket)

    assert (admitted.actor.id, str(admitted.actor.device_id)) == (
        ministry.leader.id, phone.device_id,
    )  # fmt: skip
    with pytest.raises(TicketRefused):
        async with db.begin() as tx:
            await sessions.redeem_ticket(tx, ticket)


async def test_a_ticket_used_by_many_at_once_lets_one_in(
    ministry: Ministry, as_: As, db: Database
) -> None:
    ticket = await (await as_(ministry.leader)).ticket()

    async def redeem() -> bool:
        try:
            async with db.begin() as tx:
                await sessions.redeem_ticket(tx, ticket)
        except AppError:
            return False
        return True

    assert sum(await asyncio.gather(*(redeem() for _ in range(8)))) == 1


async def test_a_ticket_lasts_thirty_seconds(
    clock: Clock, ministry: Ministry, as_: As, db: Database
) -> None:
    ticket = await (await as_(ministry.leader)).ticket()
    clock.tick(timedelta(seconds=30))

    with pytest.raises(TicketRefused):
        async with db.begin() as tx:
            await sessions.redeem_ticket(tx, ticket)


async def test_a_revoked_device_does_not_come_in_with_a_ticket_from_before(
    ministry: Ministry, as_: As, db: Database
) -> None:
    phone, administrator = await as_(ministry.officer), await as_(ministry.administrator)
    ticket = await phone.ticket()

    await administrator.post(f"/devices/{phone.device_id}/revoke")

    with pytest.raises(sessions.DeviceRevoked):
        async with db.begin() as tx:
            await sessions.redeem_ticket(tx, ticket)


async def test_no_secret_is_kept_in_clear(ministry: Ministry, as_: As, db: Database) -> None:
    phone = await as_(ministry.leader)
    ticket = await phone.ticket()
    await phone.refresh()

    kept = [
        row.model_dump_json()
        for table in (RefreshToken, RealtimeTicket, Device, SeenProof, Fact, AuditRecord)
        for row in await rows(db, table)
    ]

    assert await rows(db, StoredAnswer) == []
    for secret in (ticket, phone.access_token, phone.refresh_token, PASSWORD):
        assert not any(secret in row for row in kept)


# --- the console


async def console(http: httpx.AsyncClient, person: Person) -> dict[str, str]:
    body = {"account": person.account, "password": PASSWORD}
    token = (await http.post("/sessions/console", json=body)).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


async def test_a_console_opens_no_socket_and_has_no_session_to_end(
    http: httpx.AsyncClient, ministry: Ministry
) -> None:
    headers = await console(http, ministry.clerk)

    assert kind(await http.post("/realtime/tickets", headers=headers)) == "identity.device_needed"
    assert kind(await http.delete("/sessions/current", headers=headers)) == "identity.device_needed"


async def test_a_console_token_is_no_device_token(
    http: httpx.AsyncClient, phone: Phone, ministry: Ministry
) -> None:
    headers = await console(http, ministry.clerk)
    phone.access_token = headers["Authorization"].removeprefix("Bearer ")

    assert kind(await phone.send("GET", "/me")) == "identity.bad_token"


async def test_production_refuses_consoles_and_their_tokens(
    engines: Engines, http: httpx.AsyncClient, ministry: Ministry, tmp_path: Path
) -> None:
    headers = await console(http, ministry.clerk)
    strict = Door(Settings(env="production", data=tmp_path), engines.db)
    app = create_app(replace(engines, door=strict), works=False)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url=BASE_URL
    ) as production:
        body = {"account": ministry.clerk.account, "password": PASSWORD}

        refusal = await production.post("/sessions/console", json=body)

        assert kind(refusal) == "identity.no_console"
        assert kind(await production.get("/me", headers=headers)) == "identity.bad_token"


# --- everybody else


@pytest.mark.parametrize(
    "authorization",
    ["", "DPoP", "DPoP ", "Bearer x", "Basic dXNlcjpwYXNz", "DPoP x", "Bearer ü", "x" * 9000],
)
async def test_whoever_says_nothing_sensible_is_told_how_to_ask(
    http: httpx.AsyncClient, ministry: Ministry, authorization: str
) -> None:
    answer = await http.get("/me", headers={b"Authorization": authorization.encode()})

    assert (answer.status_code, kind(answer)) == (HTTPStatus.UNAUTHORIZED, "identity.bad_token")
    assert answer.headers["www-authenticate"].startswith("DPoP")


def test_every_401_names_the_scheme() -> None:
    def kinds(base: type[AppError]) -> list[type[AppError]]:
        return [base, *(deep for sub in base.__subclasses__() for deep in kinds(sub))]

    silent = {
        error.code for error in kinds(AppError)
        if error.status == HTTPStatus.UNAUTHORIZED and error.code.startswith("identity.")
        and "WWW-Authenticate" not in error.headers
    }  # fmt: skip

    assert silent == set()


async def test_the_audit_says_who_came_in_from_where(
    http: httpx.AsyncClient, ministry: Ministry, db: Database, clock: Clock
) -> None:
    phone = Phone(http, BASE_URL, clock=clock)
    waiting = await phone.log_in(ministry.officer.account, PASSWORD)
    async with db.begin() as tx:
        device_id = UUID(waiting.json()["facts"]["device_id"])
        await service.approve_device(tx, ministry.administrator.actor, device_id)
    await phone.log_in(ministry.officer.account, PASSWORD)
    await console(http, ministry.clerk)
    await phone.send("DELETE", "/sessions/current")

    said = [
        (record.actor_id, record.action, record.object_id, record.facts)
        for record in await rows(db, AuditRecord)
        if record.action != "people.device_approved"
    ]

    officer, clerk, device, here = (
        ministry.officer.id,
        ministry.clerk.id,
        phone.device_id,
        {"address": "127.0.0.1"},
    )
    assert said == [
        (officer, "people.logged_in", device, here | {"state": "pending"}),
        (officer, "people.logged_in", device, here | {"state": "approved"}),
        (clerk, "people.console_opened", str(clerk), here),
        (officer, "people.logged_out", device, {}),
    ]
