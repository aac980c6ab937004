"""Whoever has a second factor shows it to log in; the password alone opens nothing."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus

import httpx2 as httpx

from api.demo.phone import Phone
from core.audit import AuditRecord
from core.db import Database
from core.nonces import SLOT, SLOTS_KEPT
from tests.support.answers import kind, rows
from tests.support.clock import Clock
from tests.support.factors import add_app, add_passkey
from tests.support.ministry import BASE_URL, PASSWORD, Ministry, Person

As = Callable[[Person], Awaitable[Phone]]
NEEDED = "identity.insufficient_user_authentication"


async def test_the_password_alone_is_told_what_else_to_show(
    ministry: Ministry, as_: As, clock: Clock
) -> None:
    phone = await as_(ministry.leader)
    app, _ = await add_app(phone, clock, ministry.leader.id)
    await add_passkey(phone, ministry.leader.id, show=app.show)

    refusal = await phone.log_in(ministry.leader.account, PASSWORD)

    assert (refusal.status_code, kind(refusal)) == (HTTPStatus.UNAUTHORIZED, NEEDED)
    asked = refusal.headers["www-authenticate"]
    assert 'acr_values="passkey totp recovery-code"' in asked
    assert 'max_age="120"' in asked
    assert refusal.headers["dpop-nonce"] == refusal.json()["facts"]["nonce"]


async def test_a_code_lets_in_once(ministry: Ministry, as_: As, clock: Clock) -> None:
    phone = await as_(ministry.leader)
    app, _ = await add_app(phone, clock, ministry.leader.id)
    code = app.code()

    first = await phone.log_in(ministry.leader.account, PASSWORD, show=lambda _: f"totp {code}")
    again = await phone.log_in(ministry.leader.account, PASSWORD, show=lambda _: f"totp {code}")

    assert first.status_code == HTTPStatus.OK
    assert kind(again) == "identity.wrong_factor"


async def test_an_older_code_than_the_last_one_is_worth_nothing(
    ministry: Ministry, as_: As, clock: Clock
) -> None:
    phone = await as_(ministry.leader)
    app, _ = await add_app(phone, clock, ministry.leader.id)
    older, newer = app.code(), app.code()
    await phone.log_in(ministry.leader.account, PASSWORD, show=lambda _: f"totp {newer}")

    refusal = await phone.log_in(ministry.leader.account, PASSWORD, show=lambda _: f"totp {older}")

    assert kind(refusal) == "identity.wrong_factor"


async def test_a_passkey_lets_in(ministry: Ministry, as_: As) -> None:
    phone = await as_(ministry.leader)
    passkey, _ = await add_passkey(phone, ministry.leader.id)

    answer = await phone.log_in(ministry.leader.account, PASSWORD, show=passkey.show)

    assert answer.status_code == HTTPStatus.OK


async def test_an_assertion_of_one_device_lets_no_other_one_in(
    http: httpx.AsyncClient, clock: Clock, ministry: Ministry, as_: As
) -> None:
    phone = await as_(ministry.leader)
    passkey, _ = await add_passkey(phone, ministry.leader.id)
    caught: list[str] = []

    def show(challenge: bytes) -> str:
        caught.append(passkey.show(challenge))
        return caught[-1]

    await phone.log_in(ministry.leader.account, PASSWORD, show=show)
    thief = Phone(http, BASE_URL, clock=clock)
    thief.nonce = phone.nonce

    refusal = await thief.log_in(ministry.leader.account, PASSWORD, show=lambda _: caught[-1])

    assert kind(refusal) == "identity.wrong_factor"


async def test_an_assertion_over_an_old_nonce_is_refused(
    ministry: Ministry, as_: As, clock: Clock
) -> None:
    phone = await as_(ministry.leader)
    passkey, _ = await add_passkey(phone, ministry.leader.id)
    old = phone.nonce
    clock.tick(SLOTS_KEPT * SLOT)
    phone.nonce = old

    def once(challenge: bytes) -> str:
        phone.nonce = old  # do not learn the new one
        return passkey.show(challenge)

    refusal = await phone.log_in(ministry.leader.account, PASSWORD, show=once)

    assert kind(refusal) in {"identity.use_dpop_nonce", "identity.wrong_factor"}


async def test_a_recovery_code_lets_in_once(ministry: Ministry, as_: As, clock: Clock) -> None:
    phone = await as_(ministry.leader)
    _, codes = await add_app(phone, clock, ministry.leader.id)

    def show(_: bytes) -> str:
        return f"recovery-code {codes[0].upper()}"

    answers = [await phone.log_in(ministry.leader.account, PASSWORD, show=show) for _ in range(2)]

    assert answers[0].status_code == HTTPStatus.OK
    assert kind(answers[1]) == "identity.wrong_factor"


async def test_whoever_knows_the_password_does_not_guess_the_code(
    ministry: Ministry, as_: As, clock: Clock
) -> None:
    phone = await as_(ministry.leader)
    app, _ = await add_app(phone, clock, ministry.leader.id)
    account = ministry.leader.account
    guesses = [
        kind(await phone.log_in(account, PASSWORD, show=lambda _: "totp 000000")) for _ in range(6)
    ]

    assert guesses == ["identity.wrong_factor"] * 5 + ["identity.locked_out"]
    refusal = await phone.log_in(account, PASSWORD, show=app.show)
    assert kind(refusal) == "identity.locked_out"
    clock.tick(timedelta(minutes=1))
    assert (await phone.log_in(account, PASSWORD, show=app.show)).status_code == HTTPStatus.OK


async def test_a_stranger_who_knows_the_password_does_not_shut_the_officials_own_codes(
    http: httpx.AsyncClient, ministry: Ministry, as_: As, clock: Clock
) -> None:
    mine, account = await as_(ministry.leader), ministry.leader.account
    app, _ = await add_app(mine, clock, ministry.leader.id)
    stranger = Phone(http, BASE_URL, clock=clock)
    guesses = [
        kind(await stranger.log_in(account, PASSWORD, show=lambda _: "totp 000000"))
        for _ in range(6)
    ]

    assert guesses == ["identity.wrong_factor"] * 5 + ["identity.locked_out"]
    assert (await mine.log_in(account, PASSWORD, show=app.show)).status_code == HTTPStatus.OK


async def test_a_wrong_factor_is_audited(
    ministry: Ministry, as_: As, clock: Clock, db: Database
) -> None:
    phone = await as_(ministry.leader)
    await add_app(phone, clock, ministry.leader.id)

    await phone.log_in(ministry.leader.account, PASSWORD, show=lambda _: "totp 000000")

    refused = [one for one in await rows(db, AuditRecord) if one.action == "people.log_in_refused"]
    assert [(one.actor_id, one.facts) for one in refused] == [
        (ministry.leader.id, {"address": "127.0.0.1", "why": "identity.wrong_factor"})
    ]
    assert [str(one.device_id) for one in refused] == [phone.device_id]


async def test_a_second_factor_closes_the_console(
    http: httpx.AsyncClient, ministry: Ministry, as_: As
) -> None:
    await add_passkey(await as_(ministry.leader), ministry.leader.id)
    body = {"account": ministry.leader.account, "password": PASSWORD}

    assert kind(await http.post("/sessions/console", json=body)) == "identity.no_console"
