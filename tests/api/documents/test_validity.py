"""A clerk says from when to when a document holds; everybody finds it by that."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from api import background
from api.demo.phone import Phone
from api.wiring import Engines
from core.worker import Worker
from tests.support.answers import kind
from tests.support.correspondence import received
from tests.support.ministry import Ministry, Person

As = Callable[[Person], Awaitable[Phone]]


async def say(phone: Phone, document_id: object, **said: Any) -> Any:
    return await phone.send("PUT", f"/documents/{document_id}/validity", json={"version": 1} | said)


async def test_what_is_said_is_shown_and_found(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    document_id = await received(engines.db, ministry)
    clerk, leader = await as_(ministry.clerk), await as_(ministry.leader)

    said = (await say(clerk, document_id, in_force_until="2025-12-31")).json()
    again = await say(clerk, document_id, in_force_until="2025-12-31", version=said["version"])
    await Worker(engines.db, background.handlers(engines)).run_due()

    assert (said["in_force_until"], said["version"]) == ("2025-12-31", 2)
    assert again.json()["version"] == said["version"]
    for validity, found in (("ended", 1), ("in_force", 0)):
        answer = (await leader.get(f"/lookup?q=&validity={validity}")).json()
        assert [one["validity"] for one in answer["items"]] == ["ended"] * found
    trace = (await leader.get(f"/documents/{document_id}/trace")).json()
    assert "documents.force_said" in str(trace)


async def test_only_a_clerk_says_it_and_only_what_makes_sense(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    document_id = await received(engines.db, ministry)
    clerk, leader = await as_(ministry.clerk), await as_(ministry.leader)
    stranger = await as_(ministry.stranger)

    refusals = [
        await say(leader, document_id, in_force_from="2026-01-01"),
        await say(stranger, document_id, in_force_from="2026-01-01"),
        await say(clerk, document_id, in_force_from="2026-01-01", in_force_until="2026-01-01"),
        await say(clerk, document_id, force_noted="ended"),
        await say(clerk, document_id, in_force_from="2026-01-01", version=7),
    ]

    assert [(one.status_code, kind(one)) for one in refusals] == [
        (HTTPStatus.FORBIDDEN, "forbidden"),
        (HTTPStatus.NOT_FOUND, "not_found"),
        (HTTPStatus.UNPROCESSABLE_ENTITY, "documents.wrong_validity"),
        (HTTPStatus.UNPROCESSABLE_ENTITY, "documents.wrong_validity"),
        (HTTPStatus.CONFLICT, "stale"),
    ]
