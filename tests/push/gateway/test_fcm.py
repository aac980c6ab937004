"""FCM through firebase-admin: what its traps would break, and what its refusals mean."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pytest

from core.ids import new_id
from push.errors import NoFcmAccount
from push.gateway.fcm import PARALLEL, FcmAccount, FcmGateway
from push.gateway.port import (
    Address,
    Gone,
    Later,
    Message,
    Outcome,
    Sent,
    Unauthorized,
    Unreachable,
)
from push.rules import TIME_TO_LIVE, AddressKind, Urgency
from tests.support.fcm import FcmServer, fcm_server


@pytest.fixture
async def server() -> AsyncGenerator[FcmServer]:
    async with fcm_server() as server:
        yield server


@pytest.fixture
async def gateway(server: FcmServer, tmp_path: Path) -> AsyncGenerator[FcmGateway]:
    gateway = FcmGateway(FcmAccount(server.account(tmp_path), server.url))
    yield gateway
    await gateway.close()


def a_message(urgency: Urgency = Urgency.NORMAL, sealed: bytes | None = None) -> Message:
    return Message(new_id(), urgency, TIME_TO_LIVE[urgency], sealed)


async def send(gateway: FcmGateway, token: str, message: Message | None = None) -> Outcome:
    return await gateway.send(Address(AddressKind.FCM_TOKEN, token), message or a_message())


# --- what is sent -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("urgency", "android", "apple", "level"),
    [
        (Urgency.NORMAL, "normal", "5", "active"),
        (Urgency.URGENT, "high", "10", "active"),
        (Urgency.VERY_URGENT, "high", "10", "time-sensitive"),
        (Urgency.FLASH, "high", "10", "time-sensitive"),
    ],
)
async def test_the_urgency_becomes_priority_and_time_to_live(
    gateway: FcmGateway, server: FcmServer, urgency: Urgency, android: str, apple: str, level: str
) -> None:
    message = a_message(urgency)

    await send(gateway, "phone-0001", message)

    (sent,) = server.sent["phone-0001"]
    seconds = int(TIME_TO_LIVE[urgency].total_seconds())
    assert sent["android"] == {
        "collapse_key": str(message.id), "priority": android, "ttl": f"{seconds}s",
    }  # fmt: skip
    assert sent["apns"]["headers"]["apns-priority"] == apple
    assert sent["apns"]["headers"]["apns-collapse-id"] == str(message.id)
    assert sent["apns"]["payload"]["aps"]["interruption-level"] == level
    assert abs(int(sent["apns"]["headers"]["apns-expiration"]) - time.time() - seconds) < 60


async def test_a_phone_gets_an_opaque_id_and_what_only_it_can_open(
    gateway: FcmGateway, server: FcmServer
) -> None:
    message = a_message(sealed=b"\x00\xff sealed")

    await send(gateway, "phone-0001", message)

    (sent,) = server.sent["phone-0001"]
    assert sent["data"] == {"v": "1", "n": str(message.id), "e": "AP8gc2VhbGVk"}


async def test_a_token_and_an_installation_id_each_go_in_their_own_field(
    gateway: FcmGateway, server: FcmServer
) -> None:
    await gateway.send(Address(AddressKind.FCM_TOKEN, "phone-token"), a_message())
    await gateway.send(Address(AddressKind.FCM_FID, "phone-fid"), a_message())

    assert "fid" not in server.sent["phone-token"][0]
    assert "token" not in server.sent["phone-fid"][0]


# --- what the provider answers ------------------------------------------------------------------


async def test_an_address_of_another_sender_reaches_nobody(gateway: FcmGateway) -> None:
    assert await send(gateway, "other-0001") == Gone()


async def test_a_used_up_quota_asks_for_a_minute_at_least(gateway: FcmGateway) -> None:
    assert await send(gateway, "busy-0001") == Later(timedelta(minutes=1))


async def test_a_provider_at_rest_is_asked_again_when_it_says(gateway: FcmGateway) -> None:
    assert await send(gateway, "resting-0001") == Later(timedelta(minutes=2))


@pytest.mark.parametrize("word", ["down", "broken", "apple"])
async def test_nothing_is_sent_again_behind_our_back(
    gateway: FcmGateway, server: FcmServer, word: str
) -> None:
    message = a_message()

    with pytest.raises(Unreachable):
        await send(gateway, f"{word}-0001", message)

    assert server.asked[str(message.id)] == 1


async def test_what_apple_has_against_our_key_stops_no_android(gateway: FcmGateway) -> None:
    with pytest.raises(Unreachable, match="THIRD_PARTY_AUTH_ERROR"):
        await send(gateway, "apple-0001")

    assert await send(gateway, "phone-0001") == Sent()


async def test_a_provider_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    async with fcm_server() as server:
        account = FcmAccount(server.account(tmp_path), server.url)
    gateway = FcmGateway(account)

    with pytest.raises(Unreachable):
        await send(gateway, "phone-0001")

    await gateway.close()


# --- access tokens ------------------------------------------------------------------------------


async def test_many_messages_share_one_access_token(gateway: FcmGateway, server: FcmServer) -> None:
    outcomes = await asyncio.gather(*(send(gateway, f"phone-{n}") for n in range(3 * PARALLEL)))

    assert outcomes == [Sent()] * (3 * PARALLEL)
    assert server.grants == 1


async def test_a_token_that_is_refused_in_the_middle_is_fetched_anew(
    gateway: FcmGateway, server: FcmServer
) -> None:
    await send(gateway, "phone-0001")
    server.forget_tokens()
    thread = gateway._thread
    assert thread is not None
    thread._courier.result()._access._fetched_at -= 3600

    with pytest.raises(Unreachable, match="access_token_expired"):
        await send(gateway, "phone-0001")
    again = await send(gateway, "phone-0001")

    assert (again, server.grants) == (Sent(), 2)


async def test_a_token_that_is_refused_as_soon_as_it_is_given_says_we_are_not_welcome(
    gateway: FcmGateway, server: FcmServer
) -> None:
    await send(gateway, "phone-0001")
    server.forget_tokens()

    with pytest.raises(Unauthorized):
        await send(gateway, "phone-0001")


async def test_an_account_that_was_closed_says_so(gateway: FcmGateway, server: FcmServer) -> None:
    server.forget_account()

    with pytest.raises(Unauthorized):
        await send(gateway, "phone-0001")


async def test_a_token_server_that_is_ill_for_a_moment_closes_no_circuit(
    gateway: FcmGateway, server: FcmServer
) -> None:
    server.grant_refusal = (503, "temporarily_unavailable")

    with pytest.raises(Unreachable):
        await send(gateway, "phone-0001")


async def test_a_slow_token_server_stalls_nobody_else(
    gateway: FcmGateway, server: FcmServer
) -> None:
    server.token_pause = 0.5
    sending = asyncio.create_task(send(gateway, "phone-0001"))
    turns = 0

    while not sending.done():
        await asyncio.sleep(0.005)
        turns += 1

    assert sending.result() == Sent()
    assert turns > 20


# --- the way there ------------------------------------------------------------------------------


async def test_everything_goes_through_the_proxy(server: FcmServer, tmp_path: Path) -> None:
    path = server.account(tmp_path)
    said = json.loads(path.read_text())
    path.write_text(json.dumps(said | {"token_uri": "http://oauth.invalid/token"}))
    gateway = FcmGateway(FcmAccount(path, "http://fcm.invalid", proxy=server.url))

    assert await send(gateway, "phone-0001") == Sent()

    await gateway.close()


# --- the account --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"type": "authorized_user"}', '{"private_key": "no key"}', "null"]
)
def test_a_file_that_is_no_service_account_is_refused_at_once(tmp_path: Path, content: str) -> None:
    path = tmp_path / "account.json"
    path.write_text(content)

    with pytest.raises(NoFcmAccount):
        FcmGateway(FcmAccount(path))


def test_a_file_that_is_not_there_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(NoFcmAccount):
        FcmGateway(FcmAccount(tmp_path / "nowhere.json"))
