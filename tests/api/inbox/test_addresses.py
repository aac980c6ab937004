"""How a phone says that it is reached, and what it may not say."""

import dataclasses
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from api import carriers
from api.demo.phone import Phone
from api.people import service
from api.wiring import Engines
from core.config import Push, Settings, WebPush
from push.models import PushAddress, PushMessage
from push.rules import AddressKind, State
from push.ways import Ways
from tests.support.answers import kind, rows
from tests.support.facts import Rang
from tests.support.ministry import Ministry, Person
from tests.support.push_service import Subscriber

As = Callable[[Person], Awaitable[Phone]]
KEYS = dataclasses.asdict(Subscriber().keys)
ENDPOINT = "https://push.example.org/wpush/1"


@pytest.fixture
def engines(engines: Engines, tmp_path: Path) -> Engines:
    """The embedded profile with web push beside the recorded way."""
    settings = Settings(
        data=tmp_path,
        database_url=str(engines.settings.database_url),
        push=Push(webpush=WebPush(contact="mailto:admin@bo.gov.vn")),
    )
    return dataclasses.replace(
        engines, gateways=(gateways := [*engines.gateways, *carriers.gateways_of(settings)]),
        ways=carriers.ways_of(gateways),
    )  # fmt: skip


async def tell(phone: Phone, **body: Any) -> Any:
    return await phone.send("POST", "/devices/addresses", json=body)


async def test_a_phone_asks_by_which_ways_it_can_be_rung(ministry: Ministry, as_: As) -> None:
    ways = (await (await as_(ministry.officer)).get("/push/ways")).json()

    assert ways["kinds"] == ["recorded", "webpush"]
    assert len(ways["vapid_key"]) == 87


async def test_a_browser_gives_its_subscription(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    phone = await as_(ministry.officer)

    answer = await tell(phone, kind="webpush", value=ENDPOINT, keys=KEYS)

    (kept,) = await rows(engines.db, PushAddress)
    assert answer.status_code == HTTPStatus.NO_CONTENT
    assert (kept.kind, kept.value, kept.p256dh) == ("webpush", ENDPOINT, KEYS["p256dh"])
    assert (kept.rich, kept.agency_id) == (False, ministry.officer.agency_id)


async def test_a_phone_that_was_set_up_anew_is_rung_once(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    """The provider knows it by the same address; the device that it was before is gone."""
    before, now, other = [await as_(ministry.officer) for _ in range(3)]
    colleagues = await as_(ministry.colleague)
    await tell(before, kind="webpush", value=ENDPOINT, keys=KEYS)
    await tell(other, kind="recorded", value="phone-0002")
    await tell(colleagues, kind="webpush", value=ENDPOINT, keys=KEYS)

    await tell(now, kind="webpush", value=ENDPOINT, keys=KEYS)

    kept = {str(one.device_id) for one in await rows(engines.db, PushAddress)}
    assert kept == {now.device_id, other.device_id, colleagues.device_id}


async def test_the_newest_address_counts(engines: Engines, ministry: Ministry, as_: As) -> None:
    phone = await as_(ministry.officer)

    await tell(phone, kind="webpush", value=ENDPOINT, keys=KEYS, rich=True)
    await tell(phone, kind="recorded", value="phone-0001")

    (kept,) = await rows(engines.db, PushAddress)
    assert (kept.kind, kept.value, kept.p256dh, kept.rich) == (
        "recorded", "phone-0001", None, False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"kind": "fcm_token", "value": "token-0001"}, "push.kind_not_served"),
        ({"kind": "webpush", "value": ENDPOINT}, "push.keys_needed"),
        ({"kind": "recorded", "value": "phone-0001", "rich": True}, "push.keys_needed"),
        ({"kind": "webpush", "value": "http://push.example.org/1", "keys": KEYS}, None),
        ({"kind": "webpush", "value": "https://192.168.1.1/1", "keys": KEYS}, None),
        (
            {"kind": "webpush", "value": ENDPOINT, "keys": KEYS | {"p256dh": "B" * 87}},
            "push.bad_keys",
        ),
        ({"kind": "pigeon", "value": "phone-0001"}, "malformed"),
    ],
)
async def test_what_would_never_reach_the_phone_is_refused(
    ministry: Ministry, as_: As, body: dict[str, Any], code: str | None
) -> None:
    refusal = await tell(await as_(ministry.officer), **body)

    assert kind(refusal) == (code or "push.bad_endpoint")


async def test_a_phone_that_wants_no_push_says_so(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    phone = await as_(ministry.officer)
    await tell(phone, kind="recorded", value="phone-0001")
    async with engines.db.begin() as tx:
        tx.emit(Rang(rings=(ministry.officer.id,)))

    answer = await phone.send("DELETE", "/devices/addresses")

    assert answer.status_code == HTTPStatus.NO_CONTENT
    assert await rows(engines.db, PushAddress) == []
    assert [one.state for one in await rows(engines.db, PushMessage)] == [State.GONE]


@pytest.mark.parametrize("what", ["logs out", "is revoked"])
async def test_a_phone_that_is_out_rings_no_more(
    engines: Engines, ministry: Ministry, as_: As, what: str
) -> None:
    phone = await as_(ministry.officer)
    await tell(phone, kind="recorded", value="phone-0001")

    if what == "logs out":
        await phone.send("DELETE", "/sessions/current")
    else:
        await phone.send("POST", f"/devices/{phone.device_id}/revoke")

    assert await rows(engines.db, PushAddress) == []


async def test_a_leaked_session_is_told_to_the_phone_that_lost_it(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    phone = await as_(ministry.officer)
    await tell(phone, kind="recorded", value="phone-0001")

    async with engines.db.begin() as tx:
        device = (await rows(engines.db, PushAddress))[0].device_id
        await service.end_session(tx, ministry.officer.actor, device, "refresh_reused")

    assert len(await rows(engines.db, PushAddress)) == 1


def test_a_way_without_web_push_asks_for_no_endpoint() -> None:
    Ways(frozenset({AddressKind.WEBPUSH})).must_serve(AddressKind.WEBPUSH, "anything")


def test_networks_of_ones_own_come_from_the_settings() -> None:
    named = WebPush(contact="mailto:a@b.vn", allowed_networks=["10.0.0.0/8"])  # type: ignore[list-item]

    assert named.allowed_networks == [ip_network("10.0.0.0/8")]
