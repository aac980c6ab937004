"""Guesses gain nothing, side by side or through many accounts; a device is one person's."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus

import httpx2 as httpx
import pytest

from api.demo.phone import Phone
from api.people import tries
from api.people.rules import FORGIVEN_EVERY, FREE_TRIES_OF_ADDRESS, MOST_DEVICES
from core.audit import AuditRecord
from core.db import Database
from core.sessions import Device
from tests.support.answers import kind, rows
from tests.support.clock import Clock
from tests.support.ministry import BASE_URL, PASSWORD, Ministry, Person

As = Callable[[Person], Awaitable[Phone]]


# --- guessing


async def test_guesses_sent_side_by_side_are_counted_too(
    phone: Phone, ministry: Ministry, db: Database
) -> None:
    tries = [phone.log_in(ministry.officer.account, f"guess {n}") for n in range(12)]

    answers = Counter(map(kind, await asyncio.gather(*tries)))

    assert answers == {"identity.wrong_password": 5, "identity.locked_out": 7}


async def test_an_account_that_is_not_there_locks_like_one_that_is(
    phone: Phone, ministry: Ministry
) -> None:
    answers = [kind(await phone.log_in("nobody", PASSWORD)) for _ in range(6)]

    assert answers == ["identity.wrong_password"] * 5 + ["identity.locked_out"]


async def test_an_account_whose_name_no_database_takes_is_malformed(phone: Phone) -> None:
    assert kind(await phone.log_in("nobody\x00", PASSWORD)) == "malformed"


async def test_the_pause_doubles_with_each_wrong_try(
    phone: Phone, ministry: Ministry, clock: Clock
) -> None:
    for _ in range(5):
        await phone.log_in(ministry.officer.account, "wrong")
    clock.tick(timedelta(minutes=1))
    await phone.log_in(ministry.officer.account, "wrong")

    refusal = await phone.log_in(ministry.officer.account, PASSWORD)

    assert 60 < refusal.json()["facts"]["retry_after_seconds"] <= 120


async def test_the_right_password_forgives_the_wrong_ones(phone: Phone, ministry: Ministry) -> None:
    for _ in range(3):
        for _ in range(4):
            await phone.log_in(ministry.officer.account, "wrong")

        answer = await phone.log_in(ministry.officer.account, PASSWORD)

        assert kind(answer) == "identity.device_pending"


async def test_an_address_that_guesses_through_many_accounts_is_shut(
    db: Database, phone: Phone, ministry: Ministry
) -> None:
    await guess_through_accounts(db, FREE_TRIES_OF_ADDRESS)

    assert kind(await phone.log_in(ministry.officer.account, PASSWORD)) == "identity.locked_out"


async def test_strangers_do_not_shut_an_official_out_of_their_own_phone(
    phone: Phone, ministry: Ministry, as_: As
) -> None:
    mine, account = await as_(ministry.officer), ministry.officer.account
    for _ in range(6):
        await phone.log_in(account, "guess")
    assert kind(await phone.log_in(account, PASSWORD)) == "identity.locked_out"

    assert (await mine.log_in(account, PASSWORD)).status_code == HTTPStatus.OK

    assert kind(await phone.log_in(account, PASSWORD)) == "identity.locked_out"


async def test_a_stolen_phone_that_guesses_is_shut_and_nothing_else(
    phone: Phone, ministry: Ministry, as_: As
) -> None:
    stolen, account = await as_(ministry.officer), ministry.officer.account

    guesses = [kind(await stolen.log_in(account, f"guess {n}")) for n in range(6)]

    assert guesses == ["identity.wrong_password"] * 5 + ["identity.locked_out"]
    assert kind(await phone.log_in(account, PASSWORD)) == "identity.device_pending"


async def test_a_phone_that_is_not_approved_or_somebody_elses_is_a_stranger(
    phone: Phone, ministry: Ministry, as_: As
) -> None:
    account, colleagues = ministry.officer.account, await as_(ministry.colleague)
    await phone.log_in(account, PASSWORD)  # registered, and waits

    for _ in range(3):
        await phone.log_in(account, "guess")
        await colleagues.log_in(account, "guess")

    assert kind(await phone.log_in(account, PASSWORD)) == "identity.locked_out"
    assert kind(await colleagues.log_in(account, PASSWORD)) == "identity.locked_out"


async def test_the_right_password_opens_an_address_that_its_own_try_had_shut(
    db: Database, phone: Phone, ministry: Ministry
) -> None:
    await guess_through_accounts(db, FREE_TRIES_OF_ADDRESS - 1)

    for _ in range(3):
        answer = await phone.log_in(ministry.officer.account, PASSWORD)
        assert kind(answer) == "identity.device_pending"


async def test_an_address_that_is_never_at_peace_is_forgiven_bit_by_bit(
    db: Database, clock: Clock, phone: Phone, ministry: Ministry
) -> None:
    await guess_through_accounts(db, FREE_TRIES_OF_ADDRESS - 1)
    for n in range(20):  # a ministry at work: now and then somebody mistypes
        clock.tick(FORGIVEN_EVERY)
        await guess_through_accounts(db, 1, of=f"day {n}")

    assert kind(await phone.log_in(ministry.officer.account, PASSWORD)) == "identity.device_pending"


async def guess_through_accounts(db: Database, times: int, of: str = "account") -> None:
    """Count tries; the passwords themselves would take a minute."""
    for number in range(times):
        async with db.begin() as tx:
            await tries.count(tx, f"{of} {number}", "127.0.0.1")


async def test_a_phone_of_somebody_else_is_noted_with_the_right_password_too(
    ministry: Ministry, as_: As, db: Database
) -> None:
    colleagues = await as_(ministry.colleague)

    await colleagues.log_in(ministry.officer.account, PASSWORD)

    refused = [one for one in await rows(db, AuditRecord) if one.action == "people.log_in_refused"]
    assert [(one.actor_id, one.facts) for one in refused] == [
        (ministry.officer.id, {"address": "127.0.0.1", "why": "identity.key_taken"})
    ]


async def test_a_wrong_try_is_audited_without_the_password(
    phone: Phone, ministry: Ministry, db: Database
) -> None:
    await phone.log_in(ministry.officer.account, "my other password")

    (record,) = await rows(db, AuditRecord)

    assert (record.action, record.actor_id) == ("people.log_in_refused", ministry.officer.id)
    assert record.facts == {"address": "127.0.0.1", "why": "identity.wrong_password"}
    assert "my other password" not in record.model_dump_json()


# --- devices


async def test_a_key_that_logs_in_twice_at_once_is_registered_once(
    phone: Phone, ministry: Ministry, db: Database
) -> None:
    both = [phone.log_in(ministry.officer.account, PASSWORD) for _ in range(2)]

    answers = await asyncio.gather(*both)

    assert {kind(answer) for answer in answers} == {"identity.device_pending"}
    assert len(await rows(db, Device)) == 1


async def test_the_key_of_one_official_is_not_taken_for_another(
    ministry: Ministry, as_: As
) -> None:
    phone = await as_(ministry.leader)

    refusal = await phone.log_in(ministry.officer.account, PASSWORD)

    assert kind(refusal) == "identity.key_taken"


async def test_nobody_registers_devices_without_end(
    http: httpx.AsyncClient, clock: Clock, ministry: Ministry
) -> None:
    phones = [Phone(http, BASE_URL, clock=clock) for _ in range(MOST_DEVICES + 1)]

    answers = [await phone.log_in(ministry.officer.account, PASSWORD) for phone in phones]

    assert [kind(a) for a in answers[:-1]] == ["identity.device_pending"] * MOST_DEVICES
    assert kind(answers[-1]) == "identity.too_many_devices"


async def test_only_an_administrator_sees_what_waits(
    phone: Phone, ministry: Ministry, as_: As
) -> None:
    await phone.log_in(ministry.officer.account, PASSWORD)
    leader, administrator = await as_(ministry.leader), await as_(ministry.administrator)
    stranger = await as_(ministry.stranger)

    seen = {
        who: {d["official_id"] for d in (await device.get("/devices")).json()}
        for who, device in (("l", leader), ("a", administrator), ("s", stranger))
    }

    assert seen["l"] == {str(ministry.leader.id)}
    assert seen["a"] == {str(ministry.administrator.id), str(ministry.officer.id)}
    assert seen["s"] == {str(ministry.stranger.id)}


async def test_an_administrator_finds_a_colleagues_lost_phone(ministry: Ministry, as_: As) -> None:
    lost, administrator = await as_(ministry.officer), await as_(ministry.administrator)
    leader, path = await as_(ministry.leader), f"/devices?official_id={ministry.officer.id}"
    foreign = f"/devices?official_id={ministry.stranger.id}"

    seen = (await administrator.get(path)).json()

    assert [device["id"] for device in seen] == [lost.device_id]
    assert kind(await leader.send("GET", path)) == "forbidden"
    assert kind(await administrator.send("GET", foreign)) == "not_found"


@pytest.mark.parametrize("name", ["", "   ", "two\nlines", "zero\x00", "x" * 81])
async def test_a_device_has_a_name_that_people_can_read(
    phone: Phone, ministry: Ministry, name: str
) -> None:
    assert kind(await phone.log_in(ministry.officer.account, PASSWORD, name=name)) == "malformed"


async def test_an_owner_revokes_a_lost_phone(
    http: httpx.AsyncClient, clock: Clock, ministry: Ministry, as_: As
) -> None:
    lost, mine = await as_(ministry.officer), await as_(ministry.officer)

    await mine.post(f"/devices/{lost.device_id}/revoke")

    assert kind(await lost.send("GET", "/me")) == "identity.device_revoked"
    assert kind(await lost.log_in(ministry.officer.account, PASSWORD)) == "identity.device_revoked"
    await mine.get("/me")
