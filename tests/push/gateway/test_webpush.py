"""Web push on the wire: signed for one service, sealed for one phone, and nobody is led astray."""

import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from core.ids import new_id
from push.errors import NoContact
from push.gateway.port import (
    Address,
    Gone,
    Later,
    Message,
    Outcome,
    Rejected,
    Sent,
    Unauthorized,
    Unreachable,
)
from push.gateway.webpush import SIGNATURE_SECONDS, Sender, WebPushGateway, topic
from push.rules import TIME_TO_LIVE, AddressKind, Urgency
from push.sealing import seal
from tests.support.push_service import PushService, push_service

HERE = ip_network("127.0.0.0/8")
CONTACT = "mailto:admin@bo.gov.vn"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncGenerator[PushService]:
    async with push_service(tmp_path) as service:
        yield service


@pytest.fixture
def sender(service: PushService, tmp_path: Path) -> Sender:
    return Sender(tmp_path / "vapid.pem", CONTACT, [HERE], service.certificate)


@pytest.fixture
async def gateway(service: PushService, sender: Sender) -> AsyncGenerator[WebPushGateway]:
    gateway = WebPushGateway(sender)
    service.server_key = gateway.public_key
    yield gateway
    await gateway.close()


def sealed(service: PushService, name: str, urgency: Urgency = Urgency.NORMAL) -> Message:
    bare = Message(new_id(), urgency, TIME_TO_LIVE[urgency])
    plain = json.dumps(bare.payload()).encode()
    return replace(bare, sealed=seal(plain, service.subscribers[name].keys))


async def send(gateway: WebPushGateway, service: PushService, name: str) -> Outcome:
    return await gateway.send(service.address(name), sealed(service, name))


# --- what is sent -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("urgency", "word"),
    [
        (Urgency.NORMAL, "normal"),
        (Urgency.URGENT, "high"),
        (Urgency.VERY_URGENT, "high"),
        (Urgency.FLASH, "high"),
    ],
)
async def test_the_urgency_becomes_headers(
    gateway: WebPushGateway, service: PushService, urgency: Urgency, word: str
) -> None:
    message = sealed(service, "phone-0001", urgency)

    await gateway.send(service.address("phone-0001"), message)

    (headers,) = service.headers["phone-0001"]
    assert headers["Urgency"] == word
    assert headers["TTL"] == str(int(TIME_TO_LIVE[urgency].total_seconds()))
    assert headers["Topic"] == topic(message.id)


async def test_the_service_can_read_nothing(gateway: WebPushGateway, service: PushService) -> None:
    message = sealed(service, "phone-0001")

    await gateway.send(service.address("phone-0001"), message)

    assert service.shown("phone-0001") == [str(message.id)]
    assert str(message.id).encode() not in service.raw[0]


async def test_what_is_not_sealed_is_not_sent(
    gateway: WebPushGateway, service: PushService
) -> None:
    bare = Message(new_id(), Urgency.NORMAL, timedelta(hours=1))

    assert await gateway.send(service.address("phone-0001"), bare) == Rejected("not_sealed")
    assert service.raw == []


# --- who we are ---------------------------------------------------------------------------------


async def test_one_signature_serves_many_messages_to_one_service(
    gateway: WebPushGateway, service: PushService
) -> None:
    for _ in range(3):
        await send(gateway, service, "phone-0001")

    signatures = {headers["Authorization"] for headers in service.headers["phone-0001"]}
    assert len(signatures) == 1


async def test_a_signature_is_renewed_when_half_of_its_time_is_over(
    gateway: WebPushGateway, service: PushService
) -> None:
    await send(gateway, service, "phone-0001")
    good_until, header = gateway._signed[service.url]
    gateway._signed[service.url] = (good_until - SIGNATURE_SECONDS / 2 - 1, header)

    await send(gateway, service, "phone-0001")

    first, second = (headers["Authorization"] for headers in service.headers["phone-0001"])
    assert first != second


async def test_the_key_is_made_once(sender: Sender, gateway: WebPushGateway) -> None:
    assert WebPushGateway(sender).public_key == gateway.public_key
    assert sender.key.stat().st_mode & 0o777 == 0o600


async def test_a_service_that_knows_another_key_refuses_us(
    gateway: WebPushGateway, service: PushService
) -> None:
    service.server_key = "another"

    with pytest.raises(Unauthorized):
        await send(gateway, service, "phone-0001")
    assert service.faults == ["vapid refused"]


@pytest.mark.parametrize("contact", ["", "admin@bo.gov.vn", "http://bo.gov.vn"])
def test_a_contact_that_services_would_refuse_is_refused_at_once(
    tmp_path: Path, contact: str
) -> None:
    with pytest.raises(NoContact):
        WebPushGateway(Sender(tmp_path / "vapid.pem", contact))


async def test_each_service_is_a_provider_of_its_own(gateway: WebPushGateway) -> None:
    urls = ("https://a.example/1", "https://A.example/2", "https://a.example:8443/1")

    named = [gateway.provider_of(Address(AddressKind.WEBPUSH, url)) for url in urls]

    assert named == ["https://a.example", "https://a.example", "https://a.example:8443"]


# --- what services answer -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("lost-0001", Gone()),
        ("busy-0001", Later(timedelta(seconds=90))),
        ("resting-0001", Later(timedelta(minutes=2))),
        ("large-0001", Rejected("413")),
    ],
)
async def test_an_answer_is_read_as_it_is_meant(
    gateway: WebPushGateway, service: PushService, name: str, outcome: Outcome
) -> None:
    assert await send(gateway, service, name) == outcome


async def test_no_redirect_is_followed(gateway: WebPushGateway, service: PushService) -> None:
    assert await send(gateway, service, "moved-0001") == Rejected("307")
    assert service.asked["moved-0001"] == 1


# --- where we do not go -------------------------------------------------------------------------


async def test_nobody_inside_is_connected_to_unless_it_is_allowed(
    service: PushService, sender: Sender
) -> None:
    gateway = WebPushGateway(replace(sender, allowed=()))
    port = service.url.rpartition(":")[2]

    for host in ("127.0.0.1", "localhost"):
        address = Address(AddressKind.WEBPUSH, f"https://{host}:{port}/wpush/phone-0001")
        outcome = await gateway.send(address, sealed(service, "phone-0001"))
        assert outcome == Rejected("address_not_allowed")

    await gateway.close()
    assert service.raw == []


async def test_a_service_that_nobody_vouches_for_is_not_spoken_to(
    service: PushService, sender: Sender
) -> None:
    gateway = WebPushGateway(replace(sender, ca=None))

    with pytest.raises(Unreachable):
        await send(gateway, service, "phone-0001")

    await gateway.close()
    assert service.raw == []


async def test_a_service_that_is_not_there_is_unreachable(sender: Sender) -> None:
    gateway = WebPushGateway(sender)
    gone = Address(AddressKind.WEBPUSH, "https://127.0.0.1:1/wpush/phone-0001")

    with pytest.raises(Unreachable, match="no_connection"):
        await gateway.send(gone, Message(new_id(), Urgency.NORMAL, timedelta(hours=1), b"sealed"))

    await gateway.close()


async def test_it_goes_on_after_any_of_these(gateway: WebPushGateway, service: PushService) -> None:
    for name in ("gone-0001", "busy-0001", "bad-0001", "moved-0001"):
        await send(gateway, service, name)

    assert await send(gateway, service, "phone-0001") == Sent()
