"""Sent, delivered, read; and an administrator sees what was given up, and may send it again."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

import pytest

from api.demo.phone import Phone
from api.wiring import Engines
from core.audit import AuditRecord
from push.dispatcher import Dispatcher
from push.gateway.port import Rejected, Unauthorized
from push.messages import note_receipt
from push.models import PushMessage
from push.reading import mark_read
from push.rules import HEAD_START, TIME_TO_LIVE, State, Urgency
from tests.support.answers import kind, rows
from tests.support.clock import Clock
from tests.support.facts import Rang
from tests.support.ministry import Ministry
from tests.support.pushing import Provider, give_phone, ring, states, the_message

As = Callable[..., Awaitable[Phone]]


class Assigned(Rang):
    """A fact that has a sentence."""

    name = "tasks.assigned"


async def die(engines: Engines, ministry: Ministry, clock: Clock, *, times: int = 1) -> None:
    """Let messages to the officer be given up."""
    await give_phone(engines.db, ministry.officer)
    await ring(engines.db, ministry.officer, times=times)
    clock.tick(HEAD_START)
    refusals = [Rejected("INVALID_ARGUMENT")] * times
    await Dispatcher(engines.db, [Provider(*refusals)]).run_due()


async def test_an_administrator_sees_why_a_letter_is_dead(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock
) -> None:
    await die(engines, ministry, clock)
    phone = await as_(ministry.administrator)

    page = (await phone.get("/admin/push/dead")).json()

    (letter,) = page["items"]
    message = await the_message(engines.db)
    assert letter == {
        "n": str(message.id),
        "official_id": str(ministry.officer.id),
        "device_id": str(message.device_id),
        "kind": "test.rang",
        "urgency": "normal",
        "attempts": 1,
        "error": "INVALID_ARGUMENT",
    }
    assert page["next_before"] is None


async def test_dead_letters_are_paged(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock
) -> None:
    await die(engines, ministry, clock, times=5)
    phone, found, path = await as_(ministry.administrator), list[str](), "/admin/push/dead?limit=2"

    page = (await phone.get(path)).json()
    found += [one["n"] for one in page["items"]]
    while page["next_before"]:
        page = (await phone.get(f"{path}&before={page['next_before']}")).json()
        found += [one["n"] for one in page["items"]]

    assert sorted(found) == sorted(str(one.id) for one in await rows(engines.db, PushMessage))


async def test_a_dead_letter_is_sent_again_with_the_id_that_it_had(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock
) -> None:
    await die(engines, ministry, clock)
    (dead,) = await rows(engines.db, PushMessage)
    clock.tick(timedelta(days=3))
    phone, provider = await as_(ministry.administrator), Provider()

    answer = (await phone.post(f"/admin/push/dead/{dead.id}/requeue")).json()
    waiting = await the_message(engines.db)
    await Dispatcher(engines.db, [provider]).run_due()

    assert answer == {"messages": 1}
    assert (waiting.state, waiting.attempt, waiting.error) == (State.WAITING, 0, None)
    assert waiting.expires_at == clock() + TIME_TO_LIVE[Urgency.NORMAL]
    assert [message.id for message in provider.got] == [dead.id]
    records = [one for one in await rows(engines.db, AuditRecord) if one.action == "push.requeued"]
    assert [one.object_id for one in records] == [str(dead.id)]


async def test_all_dead_letters_of_the_agency_are_sent_again(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock
) -> None:
    await die(engines, ministry, clock, times=3)
    phone = await as_(ministry.administrator)

    first = (await phone.post("/admin/push/dead/requeue")).json()
    again = (await phone.post("/admin/push/dead/requeue")).json()

    assert (first, again) == ({"messages": 3}, {"messages": 0})
    assert await states(engines.db) == [State.WAITING] * 3


async def test_what_was_read_meanwhile_rings_no_more(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock
) -> None:
    await die(engines, ministry, clock, times=2)
    read, other = await rows(engines.db, PushMessage)
    async with engines.db.begin() as tx:
        await mark_read(tx, ministry.officer.actor, read.notification_id)
    phone = await as_(ministry.administrator)

    one = (await phone.post(f"/admin/push/dead/{read.id}/requeue")).json()
    rest = (await phone.post("/admin/push/dead/requeue")).json()

    assert (one, rest) == ({"messages": 0}, {"messages": 1})
    found = {message.id: message.state for message in await rows(engines.db, PushMessage)}
    assert found == {read.id: State.SUPPRESSED, other.id: State.WAITING}


async def test_what_is_not_dead_is_not_sent_again(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    await give_phone(engines.db, ministry.officer)
    await ring(engines.db, ministry.officer)
    message = await the_message(engines.db)
    phone = await as_(ministry.administrator)

    refusal = await phone.send("POST", f"/admin/push/dead/{message.id}/requeue")

    assert (refusal.status_code, kind(refusal)) == (HTTPStatus.CONFLICT, "push.wrong_state")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/admin/push"),
        ("GET", "/admin/push/dead"),
        ("POST", "/admin/push/dead/requeue"),
        ("POST", f"/admin/push/dead/{UUID(int=0)}/requeue"),
    ],
)
async def test_only_administrators_look_after_letters(
    ministry: Ministry, as_: As, method: str, path: str
) -> None:
    refusal = await (await as_(ministry.leader)).send(method, path)

    assert refusal.status_code == HTTPStatus.FORBIDDEN


async def test_another_agencys_letters_are_not_there(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock
) -> None:
    await give_phone(engines.db, ministry.stranger)
    await ring(engines.db, ministry.stranger)
    clock.tick(HEAD_START)
    await Dispatcher(engines.db, [Provider(Rejected("INVALID_ARGUMENT"))]).run_due()
    theirs = await the_message(engines.db)
    phone = await as_(ministry.administrator)

    refusal = await phone.send("POST", f"/admin/push/dead/{theirs.id}/requeue")
    moved = (await phone.post("/admin/push/dead/requeue")).json()

    assert refusal.status_code == HTTPStatus.NOT_FOUND
    assert (await phone.get("/admin/push/dead")).json()["items"] == []
    assert (await phone.get("/admin/push")).json() == []
    assert moved == {"messages": 0}


async def test_refused_credentials_are_seen_at_a_glance(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock
) -> None:
    await give_phone(engines.db, ministry.officer)
    await ring(engines.db, ministry.officer, times=3)
    clock.tick(HEAD_START)
    await Dispatcher(engines.db, [Provider(*[Unauthorized()] * 3)]).run_due()

    standing = (await (await as_(ministry.administrator)).get("/admin/push")).json()

    assert standing == [{"state": "waiting", "error": "credentials_refused", "messages": 3}]


async def test_sent_delivered_and_read_are_three_things(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock
) -> None:
    phone = await as_(ministry.officer)
    await phone.post("/devices/addresses", json={"kind": "recorded", "value": "phone-0001"})
    await ring(engines.db, ministry.officer, kind=Assigned)
    message = await the_message(engines.db)

    async def seen() -> tuple[str, list[bool]]:
        path = f"/inbox/{message.notification_id}/deliveries"
        shown = (await phone.get(path)).json()
        (one,) = shown["items"]
        times = (one["sent_at"], one["delivered_at"], shown["confirmed_at"], shown["read_at"])
        return one["state"], [moment is not None for moment in times]

    steps = [await seen()]
    clock.tick(HEAD_START)
    await Dispatcher(engines.db, [Provider()]).run_due()
    steps.append(await seen())
    async with engines.db.begin() as tx:
        await note_receipt(tx, ministry.officer.actor, UUID(str(message.id)))
    steps.append(await seen())
    await phone.post(f"/inbox/{message.notification_id}/read")
    steps.append(await seen())

    assert steps == [
        ("waiting", [False] * 4),
        ("sent", [True, False, False, False]),
        ("delivered", [True, True, True, False]),
        ("delivered", [True] * 4),
    ]


async def test_nobody_sees_what_became_of_anothers_notification(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    await give_phone(engines.db, ministry.officer)
    await ring(engines.db, ministry.officer)
    message = await the_message(engines.db)
    phone = await as_(ministry.clerk)

    refusal = await phone.send("GET", f"/inbox/{message.notification_id}/deliveries")

    assert refusal.status_code == HTTPStatus.NOT_FOUND
