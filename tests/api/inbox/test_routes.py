"""The inbox and push, as phones see them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus

import pytest

from api import background
from api.demo.phone import Phone
from api.inbox.rules import kinds
from api.wiring import Engines
from core.ids import new_id
from core.worker import Worker
from push.rules import HEAD_START, next_digest
from tests.support.answers import kind
from tests.support.clock import Clock
from tests.support.facts import Rang
from tests.support.ministry import PASSWORD, Ministry, Person

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


async def test_what_has_come_since_is_asked_for_from_the_other_side(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    phone = await as_(ministry.officer)
    empty = (await phone.get("/inbox")).json()
    await ring(engines, ministry.officer, times=2)
    known = (await phone.get("/inbox")).json()
    await ring(engines, ministry.officer, times=3)

    first = (await phone.get(f"/inbox?limit=2&after={known['next_after']}")).json()
    rest = (await phone.get(f"/inbox?limit=2&after={first['next_after']}")).json()
    none = (await phone.get(f"/inbox?after={rest['next_after']}")).json()

    whole = [item["id"] for item in (await phone.get("/inbox")).json()["items"]]
    assert whole == [item["id"] for page in (rest, first, known) for item in page["items"]]
    assert (none["items"], none["next_after"]) == ([], rest["next_after"])
    assert (empty["next_before"], empty["next_after"]) == (None, None)


async def test_a_page_lies_on_one_side(ministry: Ministry, as_: As) -> None:
    phone, place = await as_(ministry.officer), new_id()

    refusal = await phone.send("GET", f"/inbox?before={place}&after={place}")

    assert (refusal.status_code, kind(refusal)) == (422, "inbox.one_way")


async def test_reading_counts_once_and_can_be_undone(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    phone = await as_(ministry.officer)
    await ring(engines, ministry.officer)
    (item,) = (await phone.get("/inbox")).json()["items"]

    first = (await phone.post(f"/inbox/{item['id']}/read")).json()
    again = (await phone.post(f"/inbox/{item['id']}/read")).json()
    read = (await phone.get("/inbox")).json()
    back = (await phone.post(f"/inbox/{item['id']}/unread")).json()

    assert first["read_at"] == again["read_at"]
    assert (read["unread"], back["read_at"]) == (0, None)
    assert (await phone.get("/inbox")).json()["unread"] == 1


async def test_everything_seen_is_read_and_nothing_else(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    phone = await as_(ministry.officer)
    await ring(engines, ministry.officer, ministry.clerk, times=3)
    seen = (await phone.get("/inbox")).json()["items"][0]["id"]
    await ring(engines, ministry.officer, times=2)

    left = (await phone.post("/inbox/read", json={"up_to": seen})).json()
    unread = (await phone.get("/inbox?unread=true")).json()
    none = (await phone.post("/inbox/read", json={})).json()

    assert (left, none) == ({"marked": 3, "unread": 2}, {"marked": 2, "unread": 0})
    assert len(unread["items"]) == 2
    assert (await (await as_(ministry.clerk)).get("/inbox")).json()["unread"] == 3


async def test_every_kind_can_be_wished_for_otherwise(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    phone = await as_(ministry.officer)

    chosen = await phone.send("PUT", f"/inbox/preferences/{KIND}", json={"delivery": "inbox"})
    await ring(engines, ministry.officer)

    (item,) = (await phone.get("/inbox")).json()["items"]
    listed = (await phone.get("/inbox/preferences")).json()["kinds"]
    assert (chosen.json()["delivery"], item["delivery"]) == ("inbox", "inbox")
    assert chosen.json() in listed
    assert {one["delivery"] for one in listed if one["kind"] != KIND} == {"push"}
    assert [one["kind"] for one in listed] == list(kinds())


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("PUT", "/inbox/preferences/tasks.never", {"delivery": "inbox"}, "inbox.unknown_kind"),
        ("PUT", f"/inbox/preferences/{KIND}", {"delivery": "muted"}, "push.never_silenced"),
        (
            "PUT", "/inbox/preferences/people.delegation_given", {"delivery": "digest"},
            "push.never_silenced",
        ),
        ("PUT", "/inbox/preferences/inbox.digest", {"delivery": "inbox"}, "inbox.unknown_kind"),
        ("POST", "/inbox/mutes", {"target": "people.delegation_given"}, "push.never_silenced"),
        ("POST", "/inbox/mutes", {"target": "tasks.never"}, "inbox.unknown_kind"),
        ("POST", "/inbox/mutes", {"target": "user:1"}, "malformed"),
        ("POST", "/inbox/mutes", {"target": KIND, "until": "2020-01-01T00:00:00Z"}, "malformed"),
        (
            "POST", "/inbox/mutes", {"target": KIND, "until": "9999-12-31T23:59:59-14:00"},
            "malformed",
        ),
    ],
)  # fmt: skip
async def test_some_wishes_are_refused(
    ministry: Ministry, as_: As, method: str, path: str, body: dict[str, str], code: str
) -> None:
    phone = await as_(ministry.officer)

    refusal = await phone.send(method, path, json=body)

    assert kind(refusal) == code


@pytest.mark.parametrize("colon", [":", "%3A"])
async def test_a_subject_is_muted_until_it_is_lifted(
    ministry: Ministry, as_: As, colon: str
) -> None:
    """Many a client escapes the colon in a path; its proof says what it sends."""
    phone, subject = await as_(ministry.officer), f"room:{new_id()}"

    muted = (await phone.post("/inbox/mutes", json={"target": subject})).json()
    listed = (await phone.get("/inbox/preferences")).json()["mutes"]
    lifted = await phone.send("DELETE", f"/inbox/mutes/{subject.replace(':', colon)}")

    assert listed == [muted]
    assert lifted.status_code == HTTPStatus.NO_CONTENT
    assert (await phone.get("/inbox/preferences")).json()["mutes"] == []


async def test_quiet_hours_are_chosen_shown_and_lifted(ministry: Ministry, as_: As) -> None:
    phone, night = await as_(ministry.officer), {"starts": "22:00", "ends": "06:30"}

    chosen = await phone.send("PUT", "/inbox/quiet-hours", json=night)
    shown = (await phone.get("/inbox/preferences")).json()["quiet_hours"]
    lifted = await phone.send("DELETE", "/inbox/quiet-hours")

    assert chosen.json() == shown == night
    assert lifted.status_code == HTTPStatus.NO_CONTENT
    assert (await phone.get("/inbox/preferences")).json()["quiet_hours"] is None


@pytest.mark.parametrize(
    ("starts", "ends", "code"),
    [
        ("22:00", "22:00", "push.no_hours"),
        ("24:00", "06:00", "malformed"),
        ("22", "6", "malformed"),
    ],
)
async def test_some_hours_are_none(
    ministry: Ministry, as_: As, starts: str, ends: str, code: str
) -> None:
    phone = await as_(ministry.officer)

    refusal = await phone.send("PUT", "/inbox/quiet-hours", json={"starts": starts, "ends": ends})

    assert kind(refusal) == code


async def test_a_summary_says_how_much_it_gathers(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock
) -> None:
    phone = await as_(ministry.officer)
    await phone.send("PUT", f"/inbox/preferences/{KIND}", json={"delivery": "digest"})
    await ring(engines, ministry.officer, times=2)

    clock.now = next_digest(clock())
    await Worker(engines.db, background.handlers(engines)).run_due()
    await phone.log_in(ministry.officer.account, PASSWORD)

    summary, *gathered = (await phone.get("/inbox")).json()["items"]
    assert summary["title_vi"] == "Tổng hợp trong ngày: 2 thông báo chưa đọc."
    assert [one["gathered_in"] for one in gathered] == [summary["id"]] * 2


async def test_nobody_reads_somebody_elses_notification(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    phone, other = await as_(ministry.officer), await as_(ministry.clerk)
    await ring(engines, ministry.officer)
    (item,) = (await phone.get("/inbox")).json()["items"]

    refusals = [
        await other.send("POST", f"/inbox/{item['id']}/{what}") for what in ("read", "unread")
    ]

    assert [one.status_code for one in refusals] == [HTTPStatus.NOT_FOUND] * 2
    assert (await other.get("/inbox")).json()["items"] == []


async def test_a_push_carries_an_opaque_id_and_its_receipt_is_taken(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock
) -> None:
    phone = await as_(ministry.officer)
    await phone.post("/devices/addresses", json={"kind": "recorded", "value": "phone-0001"})
    await ring(engines, ministry.officer)

    clock.tick(HEAD_START)
    await background.dispatcher(engines).run_due()
    (carried,) = (await phone.get("/simulated/push")).json()
    clock.tick(timedelta(seconds=1))
    receipt = await phone.post("/push/receipts", json={"n": carried["n"]})

    assert carried == {"v": 1, "n": carried["n"], "e": None, "urgency": "normal"}
    assert receipt.status_code == HTTPStatus.NO_CONTENT


async def test_a_receipt_for_nothing_is_not_found(ministry: Ministry, as_: As) -> None:
    phone = await as_(ministry.officer)

    refusal = await phone.send("POST", "/push/receipts", json={"n": str(new_id())})

    assert refusal.status_code == HTTPStatus.NOT_FOUND
