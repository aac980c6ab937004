"""Only an approved device of an official may speak, and only with its own key."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

import httpx2 as httpx
import pytest

from api.demo.phone import Phone
from api.people import service
from api.people.errors import TooManyDevices
from api.people.rules import MOST_DEVICES
from core.db import Database
from core.devices import DeviceState
from core.sessions import Device, RefreshToken
from core.tokens import Proof
from tests.support.answers import rows
from tests.support.clock import Clock
from tests.support.ministry import BASE_URL, PASSWORD, Ministry, Person

As = Callable[[Person], Awaitable[Phone]]


def new_phone(http: httpx.AsyncClient, clock: Clock) -> Phone:
    return Phone(http, BASE_URL, clock=clock)


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"]


async def test_a_new_device_waits_for_an_administrator(
    http: httpx.AsyncClient, clock: Clock, ministry: Ministry, as_: As
) -> None:
    phone = new_phone(http, clock)

    refusal = await phone.log_in(ministry.officer.account, PASSWORD)

    assert code(refusal) == (HTTPStatus.FORBIDDEN, "identity.device_pending")
    administrator = await as_(ministry.administrator)
    device_id = refusal.json()["facts"]["device_id"]
    await administrator.post(f"/devices/{device_id}/approve")
    assert (await phone.log_in(ministry.officer.account, PASSWORD)).status_code == HTTPStatus.OK


async def test_an_approved_phone_says_who_it_is(ministry: Ministry, as_: As) -> None:
    phone = await as_(ministry.leader)

    me = (await phone.get("/me")).json()

    assert (me["full_name"], me["roles"]) == (ministry.leader.full_name, ["leader"])


async def test_nobody_but_an_administrator_approves(
    http: httpx.AsyncClient, clock: Clock, ministry: Ministry, as_: As
) -> None:
    waiting = await new_phone(http, clock).log_in(ministry.officer.account, PASSWORD)
    device_id = waiting.json()["facts"]["device_id"]
    leader = await as_(ministry.leader)

    refusal = await leader.send("POST", f"/devices/{device_id}/approve")

    assert code(refusal) == (HTTPStatus.FORBIDDEN, "forbidden")


async def test_nobody_approves_a_device_of_their_own(
    http: httpx.AsyncClient, clock: Clock, ministry: Ministry, as_: As
) -> None:
    administrator = await as_(ministry.administrator)
    second = await new_phone(http, clock).log_in(ministry.administrator.account, PASSWORD)

    refusal = await administrator.send(
        "POST", f"/devices/{second.json()['facts']['device_id']}/approve"
    )

    assert code(refusal) == (HTTPStatus.FORBIDDEN, "identity.own_device")


async def test_an_approval_does_not_undo_a_revocation_beside_it(
    http: httpx.AsyncClient, clock: Clock, ministry: Ministry, db: Database
) -> None:
    waiting = await new_phone(http, clock).log_in(ministry.officer.account, PASSWORD)
    device_id = UUID(waiting.json()["facts"]["device_id"])

    async def revoke() -> None:
        async with db.begin() as tx:
            await service.revoke_device(tx, ministry.officer.actor, device_id)

    async with db.begin() as tx:
        await service.approve_device(tx, ministry.administrator.actor, device_id)
        revoking = asyncio.create_task(revoke())
        early, _ = await asyncio.wait([revoking], timeout=0.2)
    await revoking

    (device,) = await rows(db, Device)
    assert (early, device.state) == (set(), DeviceState.REVOKED)


async def test_keys_registered_side_by_side_find_no_more_room_than_there_is(
    ministry: Ministry, db: Database
) -> None:
    async def register(number: int) -> None:
        proof = Proof(f"thumbprint {number}", {}, f"{number}")
        async with db.begin() as tx:
            await service.enter_device(tx, ministry.officer.actor, name="phone", proof=proof)

    keys = range(MOST_DEVICES + 5)
    ended = await asyncio.gather(*map(register, keys), return_exceptions=True)

    assert sum(isinstance(one, TooManyDevices) for one in ended) == 5
    assert len(await rows(db, Device)) == MOST_DEVICES


async def test_a_device_of_another_agency_is_not_there(ministry: Ministry, as_: As) -> None:
    stranger = await as_(ministry.stranger)
    administrator = await as_(ministry.administrator)

    refusal = await administrator.send("POST", f"/devices/{stranger.device_id}/revoke")

    assert code(refusal) == (HTTPStatus.NOT_FOUND, "not_found")


async def test_a_revoked_device_is_refused_at_once(ministry: Ministry, as_: As) -> None:
    phone = await as_(ministry.officer)
    administrator = await as_(ministry.administrator)
    await phone.get("/me")

    await administrator.post(f"/devices/{phone.device_id}/revoke")

    assert code(await phone.send("GET", "/me")) == (
        HTTPStatus.UNAUTHORIZED, "identity.device_revoked",
    )  # fmt: skip
    assert (await phone.refresh()).status_code == HTTPStatus.UNAUTHORIZED


async def test_a_stolen_token_is_worth_nothing_without_the_key(
    http: httpx.AsyncClient, clock: Clock, ministry: Ministry, as_: As
) -> None:
    thief = new_phone(http, clock)
    thief.access_token = (await as_(ministry.leader)).access_token

    assert code(await thief.send("GET", "/me")) == (HTTPStatus.UNAUTHORIZED, "identity.bad_proof")


async def test_a_bound_token_is_no_bearer_token(
    http: httpx.AsyncClient, ministry: Ministry, as_: As
) -> None:
    token = (await as_(ministry.leader)).access_token

    refusal = await http.get("/me", headers={"Authorization": f"Bearer {token}"})

    assert code(refusal) == (HTTPStatus.UNAUTHORIZED, "identity.bad_token")
    assert refusal.headers["www-authenticate"].startswith("DPoP")


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_replayed_proof_is_refused(
    http: httpx.AsyncClient, ministry: Ministry, as_: As, method: str
) -> None:
    phone = await as_(ministry.leader)
    path = "/me" if method == "GET" else "/realtime/tickets"
    url = f"{BASE_URL}{path}"
    headers = {
        "Authorization": f"DPoP {phone.access_token}",
        "DPoP": phone.proof(method, url, access_token=phone.access_token),
    }
    assert (await http.request(method, url, headers=headers)).status_code == HTTPStatus.OK

    again = await http.request(method, url, headers=headers)

    assert code(again) == (HTTPStatus.UNAUTHORIZED, "identity.bad_proof")


async def test_an_expired_token_is_refused_until_it_is_refreshed(
    clock: Clock, ministry: Ministry, as_: As
) -> None:
    phone = await as_(ministry.leader)
    clock.tick(timedelta(minutes=5))
    assert (await phone.send("GET", "/me")).status_code == HTTPStatus.UNAUTHORIZED

    await phone.refresh()

    await phone.get("/me")


async def test_a_lost_answer_to_a_refresh_is_given_again(ministry: Ministry, as_: As) -> None:
    phone = await as_(ministry.leader)
    old = phone.refresh_token
    first = (await phone.refresh()).json()["refresh_token"]
    phone.refresh_token = old

    assert (await phone.refresh()).json()["refresh_token"] == first


async def test_a_refresh_token_reused_later_ends_the_whole_family(
    clock: Clock, ministry: Ministry, as_: As
) -> None:
    phone = await as_(ministry.leader)
    old = phone.refresh_token
    await phone.refresh()
    newest = phone.refresh_token
    clock.tick(timedelta(seconds=11))
    phone.refresh_token = old
    assert code(await phone.refresh()) == (HTTPStatus.UNAUTHORIZED, "identity.refresh_refused")

    phone.refresh_token = newest

    assert code(await phone.refresh()) == (HTTPStatus.UNAUTHORIZED, "identity.refresh_refused")


async def test_refresh_tokens_are_kept_as_hashes_only(
    db: Database, ministry: Ministry, as_: As
) -> None:
    phone = await as_(ministry.leader)

    async with db.read() as view:
        assert await view.session.get(RefreshToken, phone.refresh_token) is None


async def test_after_five_wrong_tries_the_right_password_is_refused_for_a_while(
    http: httpx.AsyncClient, clock: Clock, ministry: Ministry
) -> None:
    phone = new_phone(http, clock)
    for _ in range(5):
        wrong = await phone.log_in(ministry.officer.account, "wrong")
        assert code(wrong) == (HTTPStatus.UNAUTHORIZED, "identity.wrong_password")

    refusal = await phone.log_in(ministry.officer.account, PASSWORD)

    assert code(refusal) == (HTTPStatus.TOO_MANY_REQUESTS, "identity.locked_out")
    clock.tick(timedelta(minutes=1))
    later = await phone.log_in(ministry.officer.account, PASSWORD)
    assert code(later) == (HTTPStatus.FORBIDDEN, "identity.device_pending")


async def test_an_unknown_account_and_a_wrong_password_look_alike(
    http: httpx.AsyncClient, clock: Clock, ministry: Ministry
) -> None:
    phone = new_phone(http, clock)

    unknown = await phone.log_in("nobody", PASSWORD)
    wrong = await phone.log_in(ministry.officer.account, "wrong")

    assert unknown.json() == wrong.json()


async def test_a_console_session_works_with_curl(
    http: httpx.AsyncClient, ministry: Ministry
) -> None:
    body = {"account": ministry.clerk.account, "password": PASSWORD}
    token = (await http.post("/sessions/console", json=body)).json()["access_token"]

    me = await http.get("/me", headers={"Authorization": f"Bearer {token}"})

    assert me.json()["full_name"] == ministry.clerk.full_name


async def test_a_repeated_request_with_the_same_key_has_one_effect_and_one_answer(
    http: httpx.AsyncClient, clock: Clock, ministry: Ministry, as_: As
) -> None:
    waiting = await new_phone(http, clock).log_in(ministry.officer.account, PASSWORD)
    path = f"/devices/{waiting.json()['facts']['device_id']}/approve"
    administrator = await as_(ministry.administrator)
    headers = {"Idempotency-Key": "the-same-key-1"}

    first = await administrator.post(path, headers=dict(headers))
    again = await administrator.post(path, headers=dict(headers))

    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"


async def test_a_key_used_for_another_request_is_refused(
    http: httpx.AsyncClient, clock: Clock, ministry: Ministry, as_: As
) -> None:
    waiting = await new_phone(http, clock).log_in(ministry.officer.account, PASSWORD)
    path = f"/devices/{waiting.json()['facts']['device_id']}/approve"
    administrator = await as_(ministry.administrator)
    headers = {"Idempotency-Key": "the-same-key-2"}
    await administrator.post(path, headers=dict(headers))

    refusal = await administrator.send("POST", f"{path}?x=1", headers=dict(headers))

    assert code(refusal) == (HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency.key_reused")
