"""Nobody changes how an official proves who they are but the official, and never unseen."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx2 as httpx
import pytest

from api.demo.phone import Phone
from api.people.factors.models import Passkey, RecoveryCode, Totp
from api.people.factors.rules import MOST_PASSKEYS
from core.audit import AuditRecord
from core.db import Database
from core.streams import Fact
from tests.support.answers import kind, rows
from tests.support.clock import Clock
from tests.support.factors import App, add_app, add_passkey, new_credential, subject
from tests.support.ministry import PASSWORD, Ministry, Person

As = Callable[[Person], Awaitable[Phone]]
NEEDED = "identity.insufficient_user_authentication"


async def mine(phone: Phone) -> Any:
    return (await phone.get("/second-factors")).json()


# --- the authenticator app


async def test_an_app_counts_once_its_first_code_is_right(
    ministry: Ministry, as_: As, clock: Clock
) -> None:
    phone = await as_(ministry.leader)
    begun = await phone.step_up("/second-factors/totp", subject(ministry.leader.id))
    assert (await mine(phone))["totp_since"] is None

    app = App(begun.json()["secret"], clock)
    answer = await phone.post("/second-factors/totp/confirm", json={"code": app.code()})

    assert len(answer.json()["recovery_codes"]) == 10
    assert answer.headers["cache-control"] == "no-store"
    assert (await mine(phone))["totp_since"] is not None


async def test_a_wrong_code_confirms_nothing_and_is_counted(
    ministry: Ministry, as_: As, clock: Clock
) -> None:
    phone = await as_(ministry.leader)
    await phone.step_up("/second-factors/totp", subject(ministry.leader.id))
    answers = [
        kind(await phone.send("POST", "/second-factors/totp/confirm", json={"code": "000000"}))
        for _ in range(6)
    ]

    assert answers == ["identity.wrong_factor"] * 5 + ["identity.locked_out"]
    assert (await mine(phone))["totp_since"] is None


async def test_codes_guessed_side_by_side_are_counted_too(ministry: Ministry, as_: As) -> None:
    phone = await as_(ministry.leader)
    await phone.step_up("/second-factors/totp", subject(ministry.leader.id))
    guesses = [
        phone.send("POST", "/second-factors/totp/confirm", json={"code": f"{n:06d}"})
        for n in range(12)
    ]

    answers = [kind(answer) for answer in await asyncio.gather(*guesses)]

    assert answers.count("identity.wrong_factor") == 5
    assert answers.count("identity.locked_out") == 7


async def test_the_secret_and_the_recovery_codes_are_not_kept_in_clear(
    ministry: Ministry, as_: As, clock: Clock, db: Database
) -> None:
    phone = await as_(ministry.leader)
    begun = await phone.step_up("/second-factors/totp", subject(ministry.leader.id))
    secret = begun.json()["secret"]
    app = App(secret, clock)
    answer = await phone.post("/second-factors/totp/confirm", json={"code": app.code()})

    (kept,) = await rows(db, Totp)
    others = [row for table in (RecoveryCode, Fact, AuditRecord) for row in await rows(db, table)]

    assert secret.encode() not in kept.sealed_secret
    for shown in (secret, *answer.json()["recovery_codes"]):
        assert not any(shown in row.model_dump_json() for row in others)


async def test_a_second_app_beside_a_confirmed_one_is_refused(
    ministry: Ministry, as_: As, clock: Clock
) -> None:
    phone = await as_(ministry.leader)
    app, _ = await add_app(phone, clock, ministry.leader.id)

    refusal = await phone.step_up(
        "/second-factors/totp", subject(ministry.leader.id), show=app.show
    )

    assert kind(refusal) == "identity.factor_exists"


# --- whoever has one shows it before another change


async def test_a_thief_with_the_unlocked_phone_adds_no_passkey_of_their_own(
    ministry: Ministry, as_: As, clock: Clock, db: Database
) -> None:
    phone = await as_(ministry.leader)
    await add_app(phone, clock, ministry.leader.id)
    _, credential = await new_credential(phone)
    body = {"credential": credential, "name": "theirs"}

    refusal = await phone.step_up(
        "/second-factors/passkeys", subject(ministry.leader.id), json=body
    )

    assert (refusal.status_code, kind(refusal)) == (HTTPStatus.UNAUTHORIZED, NEEDED)
    assert refusal.json()["facts"]["acr_values"] == "totp recovery-code"
    assert await rows(db, Passkey) == []


async def test_an_app_and_a_passkey_are_removed_with_one_of_them(
    ministry: Ministry, as_: As, clock: Clock
) -> None:
    phone, me = await as_(ministry.leader), ministry.leader.id
    app, _ = await add_app(phone, clock, me)
    passkey, codes = await add_passkey(phone, me, show=app.show)
    assert codes == []
    (kept,) = (await mine(phone))["passkeys"]
    path = f"/second-factors/passkeys/{kept['id']}/remove"

    refused = await phone.step_up("/second-factors/totp/remove", subject(me))
    without_app = await phone.step_up("/second-factors/totp/remove", subject(me), show=passkey.show)
    without_both = await phone.step_up(path, subject(me), show=passkey.show)

    assert kind(refused) == NEEDED
    assert [a.status_code for a in (without_app, without_both)] == [HTTPStatus.NO_CONTENT] * 2
    assert ((await mine(phone))["totp_since"], (await mine(phone))["passkeys"]) == (None, [])


async def test_a_recovery_code_works_once(ministry: Ministry, as_: As, clock: Clock) -> None:
    phone, me = await as_(ministry.leader), ministry.leader.id
    _, codes = await add_app(phone, clock, me)

    def show(_: bytes) -> str:
        return f"recovery-code {codes[3]}"

    first = await phone.step_up("/second-factors/recovery-codes", subject(me), show=show)
    again = await phone.step_up("/second-factors/recovery-codes", subject(me), show=show)

    assert len(first.json()["recovery_codes"]) == 10
    assert set(first.json()["recovery_codes"]).isdisjoint(codes)
    assert kind(again) == "identity.wrong_factor"


async def test_every_change_rings_and_is_audited(
    ministry: Ministry, as_: As, clock: Clock, db: Database
) -> None:
    phone, me = await as_(ministry.leader), ministry.leader.id
    app, _ = await add_app(phone, clock, me)
    await add_passkey(phone, me, show=app.show)

    told = [f.body["what"] for f in await rows(db, Fact) if f.name == "people.factors_changed"]
    audited = [r.action for r in await rows(db, AuditRecord) if "_added" in r.action]
    inbox = (await phone.get("/inbox")).json()["items"]

    assert told == ["totp_added", "passkey_added"]
    assert audited == ["people.totp_added", "people.passkey_added"]
    assert [item["kind"] for item in inbox] == ["people.factors_changed"] * 2


# --- passkeys


async def test_a_passkey_sent_twice_is_kept_once(ministry: Ministry, as_: As, db: Database) -> None:
    phone, me = await as_(ministry.leader), ministry.leader.id
    _, credential = await new_credential(phone)
    body = {"credential": credential, "name": "my phone"}

    first = await phone.step_up("/second-factors/passkeys", subject(me), json=body)
    again = await phone.step_up("/second-factors/passkeys", subject(me), json=body)

    assert [len(a.json()["recovery_codes"]) for a in (first, again)] == [10, 0]
    assert len(await rows(db, Passkey)) == 1


async def test_a_passkey_made_for_an_old_nonce_is_refused(ministry: Ministry, as_: As) -> None:
    phone, me = await as_(ministry.leader), ministry.leader.id
    authenticator, _ = await new_credential(phone)
    options = (await phone.get("/second-factors/passkeys/options")).json()
    credential = authenticator.create(options | {"challenge": "b2xk"})

    refusal = await phone.step_up(
        "/second-factors/passkeys", subject(me), json={"credential": credential, "name": "x"}
    )

    assert kind(refusal) == "identity.bad_passkey"


async def test_somebody_elses_passkey_is_not_taken_over(ministry: Ministry, as_: As) -> None:
    leader, officer = await as_(ministry.leader), await as_(ministry.officer)
    _, credential = await new_credential(leader)
    body = {"credential": credential, "name": "mine"}
    await leader.step_up("/second-factors/passkeys", subject(ministry.leader.id), json=body)
    officer.nonce = leader.nonce

    refusal = await officer.step_up(
        "/second-factors/passkeys", subject(ministry.officer.id), json=body
    )

    assert kind(refusal) == "identity.bad_passkey"


async def test_a_colleagues_passkey_is_not_there(ministry: Ministry, as_: As, db: Database) -> None:
    leader, officer = await as_(ministry.leader), await as_(ministry.officer)
    await add_passkey(leader, ministry.leader.id)
    (kept,) = await rows(db, Passkey)

    refusal = await officer.step_up(
        f"/second-factors/passkeys/{kept.id}/remove", subject(ministry.officer.id)
    )

    assert kind(refusal) == "not_found"
    assert (await mine(officer))["passkeys"] == []


async def test_nobody_registers_passkeys_without_end(
    ministry: Ministry, as_: As, db: Database
) -> None:
    phone, me = await as_(ministry.leader), ministry.leader.id
    first, _ = await add_passkey(phone, me)
    for _ in range(MOST_PASSKEYS - 1):
        await add_passkey(phone, me, show=first.show)
    _, credential = await new_credential(phone)

    refusal = await phone.step_up(
        "/second-factors/passkeys", subject(me), show=first.show,
        json={"credential": credential, "name": "one more"},
    )  # fmt: skip

    assert kind(refusal) == "identity.too_many_passkeys"


# --- when everything is lost


async def test_an_administrator_resets_a_colleague_and_the_colleague_hears_of_it(
    ministry: Ministry, as_: As, clock: Clock, db: Database
) -> None:
    phone, administrator = await as_(ministry.leader), await as_(ministry.administrator)
    app, _ = await add_app(phone, clock, ministry.leader.id)
    await add_passkey(phone, ministry.leader.id, show=app.show)
    await administrator.refresh()

    answer = await administrator.step_up(
        f"/officials/{ministry.leader.id}/second-factors/reset",
        subject(ministry.administrator.id),
    )

    assert answer.status_code == HTTPStatus.NO_CONTENT
    for table in (Totp, Passkey, RecoveryCode):
        assert await rows(db, table) == []
    told = [f.body for f in await rows(db, Fact) if f.name == "people.factors_changed"]
    assert (told[-1]["what"], told[-1]["by"]) == ("reset", str(ministry.administrator.id))
    assert (await phone.get("/inbox")).json()["items"][0]["kind"] == "people.factors_changed"


@pytest.mark.parametrize(
    ("who", "whom", "code"),
    [
        ("leader", "officer", "forbidden"),
        ("administrator", "administrator", "identity.own_factors"),
        ("administrator", "stranger", "not_found"),
    ],
)
async def test_nobody_else_resets_second_factors(
    ministry: Ministry, as_: As, who: str, whom: str, code: str
) -> None:
    person: Person = getattr(ministry, who)
    target: Person = getattr(ministry, whom)
    phone = await as_(person)

    refusal = await phone.step_up(
        f"/officials/{target.id}/second-factors/reset", subject(person.id)
    )

    assert kind(refusal) == code


async def test_a_console_sets_up_nothing(http: httpx.AsyncClient, ministry: Ministry) -> None:
    body = {"account": ministry.clerk.account, "password": PASSWORD}
    token = (await http.post("/sessions/console", json=body)).json()["access_token"]

    refusal = await http.post("/second-factors/totp", headers={"Authorization": f"Bearer {token}"})

    assert kind(refusal) == "identity.device_needed"


@pytest.mark.parametrize(
    "header", ["passkey", "passkey !!!", "passkey e30", "totp", "face me", "passkey " + "A" * 9000]
)
async def test_a_header_that_says_nothing_sensible_is_refused(
    ministry: Ministry, as_: As, header: str
) -> None:
    phone = await as_(ministry.leader)

    refusal = await phone.step_up(
        "/second-factors/totp", subject(ministry.leader.id), show=lambda _: header
    )

    assert kind(refusal) in {"malformed", NEEDED}


async def test_an_unknown_passkey_is_not_there(ministry: Ministry, as_: As) -> None:
    phone = await as_(ministry.leader)

    refusal = await phone.step_up(
        f"/second-factors/passkeys/{UUID(int=1)}/remove", subject(ministry.leader.id)
    )

    assert kind(refusal) == "not_found"
