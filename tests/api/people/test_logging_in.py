"""Guesses gain nothing, side by side or through many accounts; a device is one person's."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx2 as httpx
import pytest

from api.demo.phone import Phone
from api.people.rules import FREE_TRIES_OF_ADDRESS, MOST_DEVICES
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
    db: Database, clock: Clock, phone: Phone, ministry: Ministry
) -> None:
    from api.people import tries  # noqa: PLC0415 - the passwords themselves would take a minute

    for number in range(FREE_TRIES_OF_ADDRESS):
        async with db.begin() as tx:
            await tries.count(tx, f"account {number}", "127.0.0.1")

    assert kind(await phone.log_in(ministry.officer.account, PASSWORD)) == "identity.locked_out"


async def test_a_wrong_try_is_audited_without_the_password(
    phone: Phone, ministry: Ministry, db: Database
) -> None:
    await phone.log_in(ministry.officer.account, "my other password")

    (record,) = await rows(db, AuditRecord)

    assert (record.action, record.actor_id) == ("people.log_in_refused", ministry.officer.id)
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
