"""A task whose paper turned out to be secret is there for nobody, until the paper is back."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest

from api.demo.phone import Phone
from api.tasks.flows import WITHHELD_PAUSE
from api.tasks.rules import Move
from api.wiring import Engines
from core.jobs import Job
from tests.support.answers import rows
from tests.support.clock import Clock
from tests.support.ministry import Ministry, Person
from tests.support.tasks import DAY, directed, let_time_work, rung, the_task, told
from tests.support.withdrawing import withdraw

As = Callable[[Person], Awaitable[Phone]]

SAID = {"words": "Đã xem."}
#: Whose step it is on a task at work, and what is said with it.
STEPS: list[tuple[str, str, dict[str, Any]]] = [
    ("officer", "report", SAID),
    ("officer", "extensions", SAID | {"deadline": "2026-03-01T00:00:00Z"}),
    ("leader", "cancel", SAID),
    ("leader", "remind", {}),
    ("colleague", "part/accept", {}),
]


@pytest.mark.parametrize(("who", "step", "body"), STEPS)
async def test_nobody_makes_a_step_on_it(
    engines: Engines, ministry: Ministry, as_: As, who: str, step: str, body: dict[str, Any]
) -> None:
    task_id = await directed(engines.db, ministry, Move.ACCEPT, Move.START)
    await withdraw(engines, (await the_task(engines.db, task_id)).document_id)
    phone = await as_(getattr(ministry, who))

    answer = await phone.send("POST", f"/tasks/{task_id}/{step}", json=body)

    assert (answer.status_code, answer.json()["type"]) == (HTTPStatus.NOT_FOUND, "not_found")


async def test_the_result_is_not_taken(engines: Engines, ministry: Ministry, as_: As) -> None:
    task_id = await directed(engines.db, ministry, Move.ACCEPT, Move.REPORT)
    await withdraw(engines, (await the_task(engines.db, task_id)).document_id)

    answer = await (await as_(ministry.leader)).send("POST", f"/tasks/{task_id}/complete", json={})

    assert answer.status_code == HTTPStatus.NOT_FOUND


async def test_it_is_in_no_list_and_comes_back_with_its_paper(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    task_id = await directed(engines.db, ministry, Move.ACCEPT)
    document_id = (await the_task(engines.db, task_id)).document_id
    everybody = [await as_(one) for one in (ministry.leader, ministry.officer, ministry.colleague)]
    await withdraw(engines, document_id)

    for phone in everybody:
        assert (await phone.get("/tasks")).json() == []
        for path in (f"/tasks/{task_id}", f"/tasks/{task_id}/history"):
            assert (await phone.send("GET", path)).status_code == HTTPStatus.NOT_FOUND
    for guard in (ministry.clerk, ministry.leader):
        await (await as_(guard)).post(f"/documents/{document_id}/release")

    for phone in everybody:
        assert [line["id"] for line in (await phone.get("/tasks")).json()] == [str(task_id)]
    await everybody[1].post(f"/tasks/{task_id}/start", json={})


async def test_its_alarms_wait_for_its_paper(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock
) -> None:
    db = engines.db
    task_id = await directed(db, ministry, Move.ACCEPT)
    document_id = (await the_task(db, task_id)).document_id
    await withdraw(engines, document_id)
    clock.tick(30 * DAY)
    await let_time_work(engines)
    assert await rung(db, "tasks.overdue") == []
    assert {one.error for one in await rows(db, Job) if one.kind.startswith("tasks.")} == {None}

    for guard in (ministry.clerk, ministry.leader):
        await (await as_(guard)).post(f"/documents/{document_id}/release")
    clock.tick(WITHHELD_PAUSE + timedelta(seconds=1))
    await let_time_work(engines)

    assert {"overdue", "escalated"} <= set(await told(db, task_id))
