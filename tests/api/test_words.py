"""What a sealed message tells is what its official may read at the moment when it is sent."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from http import HTTPStatus
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api import background
from api.demo.phone import Phone
from api.documents import quarantine
from api.documents.models import Document
from api.documents.rules import Urgency as Stamp
from api.meetings import service as meetings
from api.wiring import Engines
from api.words import words_of
from core.clock import utc_now
from core.db import Database
from core.messages import say
from core.sessions import Principal
from push.addresses import Reach
from push.gateway.fcm import FcmAccount, FcmGateway
from push.gateway.port import Gateway
from push.gateway.webpush import Sender, WebPushGateway
from push.models import Notification
from push.rules import HEAD_START, AddressKind
from tests.support.clock import Clock
from tests.support.correspondence import received
from tests.support.fcm import FcmServer, fcm_server
from tests.support.gatherings import TO_INVITED, called
from tests.support.ministry import Ministry, Person
from tests.support.push_service import PushService, Subscriber, push_service, raw
from tests.support.pushing import give_phone

As = Callable[[Person], Awaitable[Phone]]
TITLE = "Về việc thu hồi đất ở xã Đông Giang của bà Nguyễn Thị Kỳ Lạ"
NUMBER = 730_012_345


@pytest.fixture
def owner() -> Subscriber:
    return Subscriber()


@pytest.fixture
def due(engines: Engines, clock: Clock, owner: Subscriber) -> Callable[[Person], Any]:
    """Send what is due to a person's phone and open it."""

    async def sent(person: Person) -> dict[str, Any]:
        clock.tick(HEAD_START)
        await background.dispatcher(engines).run_due()
        assert engines.recorded is not None
        (message,) = await engines.recorded.arrived(f"phone-{person.account}")
        opened: dict[str, Any] = json.loads(owner.open(raw(str(message["e"]))))
        return opened

    return sent


async def give(db: Database, person: Person, owner: Subscriber) -> None:
    value = f"phone-{person.account}"
    await give_phone(db, person, reach=Reach(AddressKind.RECORDED, value, owner.keys, rich=True))


Due = Callable[[Person], Awaitable[dict[str, Any]]]


async def test_a_letter_is_told_with_its_title_and_where_it_is_read(
    engines: Engines, ministry: Ministry, owner: Subscriber, due: Due, as_: As
) -> None:
    await give(engines.db, ministry.leader, owner)
    document_id = await received(engines.db, ministry, title=TITLE)

    said = await due(ministry.leader)

    assert said | {"n": ""} == {
        "v": 1, "n": "", "title": "Có văn bản đến mới.", "kind": "documents.registered",
        "about": TITLE, "link": f"/documents/{document_id}",
    }  # fmt: skip
    read = await (await as_(ministry.leader)).get(said["link"])
    assert (read.status_code, read.json()["title"]) == (HTTPStatus.OK, TITLE)


async def test_a_meeting_is_told_with_its_title(
    engines: Engines, ministry: Ministry, owner: Subscriber, due: Due, as_: As
) -> None:
    await give(engines.db, ministry.officer, owner)
    meeting_id = await called(engines.db, ministry, *TO_INVITED)

    said = await due(ministry.officer)

    assert (said["kind"], said["about"]) == ("meeting.invited", "Giao ban tuần")
    read = await (await as_(ministry.officer)).get(said["link"])
    assert (read.status_code, read.json()["id"]) == (HTTPStatus.OK, str(meeting_id))


async def test_whoever_was_taken_off_a_meeting_meanwhile_is_told_nothing_of_it(
    engines: Engines, ministry: Ministry, owner: Subscriber, due: Due
) -> None:
    await give(engines.db, ministry.officer, owner)
    meeting_id = await called(engines.db, ministry, *TO_INVITED)
    async with engines.db.begin() as tx:
        await meetings.remove_person(tx, ministry.secretary.actor, meeting_id, ministry.officer.id)

    assert set(await due(ministry.officer)) == {"v", "n"}


@pytest.mark.parametrize("what", ["withdrawn", "held"])
async def test_what_may_be_secret_after_all_is_told_nothing_of(
    engines: Engines, ministry: Ministry, owner: Subscriber, due: Due, what: str
) -> None:
    await give(engines.db, ministry.leader, owner)
    document_id = await received(engines.db, ministry, title=TITLE)
    async with engines.db.begin() as tx:
        document = await tx.session.get_one(Document, document_id)
        if what == "withdrawn":
            await quarantine.find(tx, document, page=0, level="mat")
        else:
            document.held = True

    assert set(await due(ministry.leader)) == {"v", "n"}


async def test_a_closed_account_is_told_nothing(
    engines: Engines, ministry: Ministry, owner: Subscriber, due: Due, clock: Clock
) -> None:
    await give(engines.db, ministry.leader, owner)
    await received(engines.db, ministry, title=TITLE)
    async with engines.db.begin() as tx:
        (await tx.session.get_one(Principal, ministry.leader.id)).closed_at = clock()

    assert set(await due(ministry.leader)) == {"v", "n"}


async def test_what_is_about_nothing_is_told_by_its_sentence(
    engines: Engines, ministry: Ministry
) -> None:
    alert = Notification(
        agency_id=ministry.officer.agency_id, official_id=ministry.officer.id,
        fact_id=UUID(int=1), kind="people.session_ended", created_at=utc_now(),
    )  # fmt: skip

    async with engines.db.read() as view:
        said = await words_of(view, ministry.officer.actor, alert)
        alert.subject = "pigeon:1"
        unknown = await words_of(view, ministry.officer.actor, alert)
        alert.subject = "room:1"
        assert await words_of(view, ministry.officer.actor, alert) is None

    assert said is not None
    assert said.title.startswith("Một thiết bị của bạn đã bị đăng xuất")
    assert (said.about, said.link, unknown) == ("", "", None)


# --- what providers see -------------------------------------------------------------------------


@pytest.fixture
async def fcm() -> AsyncGenerator[FcmServer]:
    async with fcm_server() as server:
        yield server


@pytest.fixture
async def web(tmp_path: Path) -> AsyncGenerator[PushService]:
    (tmp_path / "push-service").mkdir()
    async with push_service(tmp_path / "push-service") as service:
        yield service


@pytest.fixture
async def gateways(
    fcm: FcmServer, web: PushService, tmp_path: Path
) -> AsyncGenerator[list[Gateway]]:
    (tmp_path / "fcm").mkdir()
    sender = Sender(
        tmp_path / "vapid.pem", "mailto:admin@bo.gov.vn", [ip_network("127.0.0.0/8")],
        web.certificate,
    )  # fmt: skip
    made: list[Gateway] = [
        FcmGateway(FcmAccount(fcm.account(tmp_path / "fcm"), fcm.url)), WebPushGateway(sender)
    ]  # fmt: skip
    yield made
    for gateway in made:
        await gateway.close()


async def test_providers_see_no_byte_of_a_title_a_number_or_a_name(
    engines: Engines, ministry: Ministry, owner: Subscriber, clock: Clock, fcm: FcmServer,
    web: PushService, gateways: list[Gateway],
) -> None:  # fmt: skip
    web.subscribers["browser-1"] = owner
    browser = web.address("browser-1").value
    for kind, value in ((AddressKind.FCM_TOKEN, "phone-token"), (AddressKind.WEBPUSH, browser)):
        reach = Reach(kind, value, owner.keys, rich=True)
        await give_phone(engines.db, ministry.leader, reach=reach)
    for n in (0, 40, 200):
        title = f"{TITLE} {n} " + "dài " * n
        await received(engines.db, ministry, title=title, number=NUMBER + n, urgency=Stamp.FLASH)
    await background.dispatcher(replace(engines, gateways=gateways)).run_due()

    sealed = [raw(one["data"]["e"]) for one in fcm.sent["phone-token"]]
    sealed += web.kept["browser-1"].values()
    said = [json.loads(owner.open(one)) for one in sealed]
    seen = b"".join([*fcm.raw, *web.raw, *sealed])
    seen = seen.replace(say("push.alert", "vi").encode(), b"")  # Apple shows it to everybody

    assert [one["about"][: len(TITLE)] for one in said] == [TITLE] * 6
    assert web.faults == []
    known = [TITLE, "Có văn bản đến mới", "documents.", "Sở Xây dựng"]
    known += [person.full_name for person in vars(ministry).values()]
    pieces = [text.encode()[at : at + 5] for text in known for at in range(len(text.encode()) - 4)]
    pieces += [str(NUMBER + n).encode() for n in (0, 40, 200)]
    assert [piece for piece in pieces if piece in seen] == []
