"""What is sealed for a device that wants words: those of this moment, and nothing for others."""

import json
from dataclasses import asdict
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from api.people import service
from core.actor import Actor
from core.db import Database, ReadTx
from core.ids import new_id
from core.messages import catalogue
from push import addresses
from push.addresses import Reach
from push.composing import PLAIN_BYTES, Words, padded
from push.dispatcher import Dispatcher
from push.models import Notification, PushMessage
from push.rules import HEAD_START, AddressKind, State
from push.sealing import seal
from tests.support.answers import rows
from tests.support.clock import Clock
from tests.support.ministry import Ministry
from tests.support.push_service import Subscriber, raw
from tests.support.pushing import Provider, give_phone, ring, states

SAID = Words("Bạn có nhiệm vụ mới.", "tasks.assigned", "Về việc rà soát quy hoạch", "/documents/1")
TEXT = st.text(max_size=1200)


async def say(_: ReadTx, __: Actor, ___: Notification) -> Words:
    return SAID


@pytest.fixture
def owner() -> Subscriber:
    return Subscriber()


def wants_words(owner: Subscriber, *, rich: bool = True) -> Reach:
    return Reach(AddressKind.RECORDED, "phone-0001", owner.keys, rich)


@pytest.fixture
async def device(db: Database, ministry: Ministry, clock: Clock, owner: Subscriber) -> UUID:
    """The device of an official who wants words, with something on its way."""
    device_id = await give_phone(db, ministry.officer, reach=wants_words(owner))
    await ring(db, ministry.officer)
    clock.tick(HEAD_START)
    return device_id


async def carried(db: Database) -> dict[str, Any]:
    """Send what is due and return what the provider saw."""
    provider = Provider()
    await Dispatcher(db, [provider], say).run_due()
    (message,) = provider.got
    return message.payload()


def opened(owner: Subscriber, payload: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(owner.open(raw(payload["e"])))
    return said


async def test_a_device_that_asked_for_it_is_told_what_happened(
    db: Database, device: UUID, owner: Subscriber
) -> None:
    payload = await carried(db)

    assert set(payload) == {"v", "n", "e"}
    assert opened(owner, payload) == {"v": 1, "n": payload["n"]} | asdict(SAID)


async def test_a_device_that_did_not_ask_gets_the_id_alone(
    db: Database, ministry: Ministry, clock: Clock, owner: Subscriber
) -> None:
    await give_phone(db, ministry.officer, reach=wants_words(owner, rich=False))
    await ring(db, ministry.officer)
    clock.tick(HEAD_START)

    payload = await carried(db)

    assert opened(owner, payload) == {"v": 1, "n": payload["n"]}


async def test_without_keys_nothing_is_sealed(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    await give_phone(db, ministry.officer)
    await ring(db, ministry.officer)
    clock.tick(HEAD_START)

    assert set(await carried(db)) == {"v", "n"}


async def test_keys_that_were_changed_meanwhile_count(
    db: Database, ministry: Ministry, device: UUID
) -> None:
    newer = Subscriber()
    async with db.begin() as tx:
        await addresses.keep(tx, ministry.officer.actor, device, wants_words(newer))

    assert opened(newer, await carried(db))["about"] == SAID.about


async def test_whoever_takes_the_wish_back_is_told_nothing_more(
    db: Database, ministry: Ministry, device: UUID, owner: Subscriber
) -> None:
    async with db.begin() as tx:
        await addresses.keep(tx, ministry.officer.actor, device, wants_words(owner, rich=False))

    assert set(opened(owner, await carried(db))) == {"v", "n"}


async def test_keys_that_are_taken_back_seal_nothing_more(
    db: Database, ministry: Ministry, device: UUID
) -> None:
    async with db.begin() as tx:
        bare = Reach(AddressKind.RECORDED, "phone-0001")
        await addresses.keep(tx, ministry.officer.actor, device, bare)

    assert set(await carried(db)) == {"v", "n"}


async def test_a_device_whose_session_was_ended_is_told_nothing(
    db: Database, ministry: Ministry, device: UUID, owner: Subscriber
) -> None:
    """It rings, since that is what tells its owner; whoever holds it may read nothing."""
    async with db.begin() as tx:
        await service.end_session(tx, ministry.officer.actor, device, "refresh_reused")

    provider = Provider()
    await Dispatcher(db, [provider], say).run_due()

    said = [opened(owner, message.payload()) for message in provider.got]
    assert [set(one) for one in said] == [{"v", "n"}] * 2


async def test_the_words_are_neither_kept_nor_logged(
    db: Database, device: UUID, owner: Subscriber
) -> None:
    with capture_logs() as logged:
        await carried(db)

    told = [one.model_dump_json() for one in await rows(db, Notification)]
    sent = [one.model_dump_json() for one in await rows(db, PushMessage)]
    kept = f"{told} {sent} {logged}"
    assert not [text for text in asdict(SAID).values() if text in kept]


async def test_words_that_cannot_be_found_are_looked_up_again_later(
    db: Database, device: UUID
) -> None:
    async def fails(_: ReadTx, __: Actor, ___: Notification) -> Words:
        raise ZeroDivisionError

    provider = Provider()
    await Dispatcher(db, [provider], fails).run_due()

    assert (provider.got, await states(db)) == ([], [State.WAITING])


# --- how long it is -----------------------------------------------------------------------------


@given(TEXT, TEXT)
def test_whatever_is_told_nobody_sees_more_than_bytes_of_one_length(about: str, other: str) -> None:
    payload, owner = {"v": 1, "n": str(new_id())}, Subscriber()
    told = Words("Có văn bản đến mới.", "documents.registered", about, "/documents/1")

    sealed = [
        seal(padded(payload, words), owner.keys) for words in (told, Words("", "", other), None)
    ]

    assert len({len(one) for one in sealed}) == 1
    pieces = {about.encode()[at : at + 6] for at in range(len(about.encode()) - 5)}
    assert not [piece for piece in pieces if piece in sealed[0]]


@given(TEXT)
def test_what_is_too_long_is_cut_and_says_so(about: str) -> None:
    payload = {"v": 1, "n": str(new_id())}

    plain = padded(payload, Words("Có văn bản đến mới.", "documents.registered", about))

    kept = json.loads(plain)["about"]
    assert len(plain) == PLAIN_BYTES
    assert kept == about or (kept.endswith("…") and about.startswith(kept[:-1]))


def test_every_sentence_leaves_room_for_what_it_is_about() -> None:
    payload, about = {"v": 1, "n": str(new_id())}, "Đ" * 1000
    kinds = [code for code in catalogue("vi") if code.startswith("notification.")]
    said = [Words(catalogue("vi")[kind], kind, about, f"/documents/{new_id()}") for kind in kinds]

    assert min(len(json.loads(padded(payload, one))["about"]) for one in said) > 400
