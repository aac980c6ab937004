"""The inbox and push, as phones see them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus

from api import wiring
from api.demo.phone import Phone
from api.wiring import Engines
from core.ids import new_id
from tests.support.clock import Clock
from tests.support.facts import Rang
from tests.support.ministry import Ministry, Person

As = Callable[[Person], Awaitable[Phone]]
KIND = "tasks.assigned"


class Assigned(Rang):
    """A fact that has a sentence."""

    name = KIND


async def ring(engines: Engines, *people: Person, times: int = 1) -> None:
    for number in range(times):
        async with engines.db.begin() as tx:
            tx.emit(Assigned(number=number, rings=tuple(person.id for person in people)))


async def test_a_notification_stands_in_the_inbox_in_both_languages(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    phone = await as_(ministry.officer)
    await ring(engines, ministry.officer)

    inbox = (await phone.get("/inbox")).json()

    (item,) = inbox["items"]
    assert (item["title_vi"], item["title"]) == ("Bạn có nhiệm vụ mới.", "You have a new task.")
    assert (item["subject"], inbox["unread"]) == ("room:1", 1)


async def test_the_inbox_is_paged_newest_first(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    phone = await as_(ministry.officer)
    await ring(engines, ministry.officer, times=5)

    first = (await phone.get("/inbox?limit=3")).json()
    rest = (await phone.get(f"/inbox?limit=3&before={first['next_before']}")).json()

    ids = [item["id"] for item in first["items"] + rest["items"]]
    assert ids == sorted(ids, reverse=True)
    assert (len(ids), rest["next_before"]) == (5, None)


async def test_reading_counts_once(engines: Engines, ministry: Ministry, as_: As) -> None:
    phone = await as_(ministry.officer)
    await ring(engines, ministry.officer)
    (item,) = (await phone.get("/inbox")).json()["items"]

    first = (await phone.post(f"/inbox/{item['id']}/read")).json()
    again = (await phone.post(f"/inbox/{item['id']}/read")).json()

    assert first["read_at"] == again["read_at"]
    assert (await phone.get("/inbox")).json()["unread"] == 0


async def test_nobody_reads_somebody_elses_notification(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    phone, other = await as_(ministry.officer), await as_(ministry.clerk)
    await ring(engines, ministry.officer)
    (item,) = (await phone.get("/inbox")).json()["items"]

    refusal = await other.send("POST", f"/inbox/{item['id']}/read")

    assert refusal.status_code == HTTPStatus.NOT_FOUND
    assert (await other.get("/inbox")).json()["items"] == []


async def test_a_push_carries_an_opaque_id_and_its_receipt_is_taken(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock
) -> None:
    phone = await as_(ministry.officer)
    await phone.post("/devices/addresses", json={"kind": "recorded", "value": "phone-0001"})
    await ring(engines, ministry.officer)

    await wiring.dispatcher(engines).run_due()
    (carried,) = (await phone.get("/simulated/push")).json()
    clock.tick(timedelta(seconds=1))
    receipt = await phone.post("/push/receipts", json={"n": carried["n"]})

    assert set(carried) == {"v", "n", "urgency"}
    assert receipt.status_code == HTTPStatus.NO_CONTENT


async def test_a_receipt_for_nothing_is_not_found(ministry: Ministry, as_: As) -> None:
    phone = await as_(ministry.officer)

    refusal = await phone.send("POST", "/push/receipts", json={"n": str(new_id())})

    assert refusal.status_code == HTTPStatus.NOT_FOUND
