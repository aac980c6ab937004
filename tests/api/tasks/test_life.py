"""The whole life of a task over HTTP: urged, graded, done by deputies, and told in its history."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.demo.phone import Phone
from api.people.acting import Scope
from api.tasks.rules import REMINDER_PAUSE, Move
from core.audit import AuditRecord
from core.db import Database
from core.ids import new_id
from core.streams import Fact
from tests.api.tasks.test_routes import code, directive
from tests.support.answers import kind, rows
from tests.support.clock import Clock
from tests.support.delegations import delegated, taken_back
from tests.support.ministry import Ministry, Person
from tests.support.tasks import DAY, directed, moved, rung, the_extension

As = Callable[[Person], Awaitable[Phone]]
DONE = (Move.ACCEPT, Move.REPORT)
WORDS = {"words": "Đã xem xét."}


async def completed(db: Database, ministry: Ministry) -> str:
    task_id = await directed(db, ministry, *DONE)
    await moved(db, ministry.leader, task_id, Move.COMPLETE)
    return f"/tasks/{task_id}"


# --- urging and grading -------------------------------------------------------------------------


async def test_the_assigner_and_the_follower_urge_with_a_pause_between(
    db: Database, ministry: Ministry, clock: Clock, as_: As
) -> None:
    leader, clerk = await as_(ministry.leader), await as_(ministry.clerk)
    path = f"/tasks/{await directed(db, ministry, Move.ACCEPT)}/remind"

    await leader.post(path, json={"words": "Cần trước thứ Sáu."})
    refusal = await clerk.send("POST", path, json={})
    clock.tick(REMINDER_PAUSE)
    await clerk.log_in(ministry.clerk.account, "giấy trắng mực đen")
    await clerk.post(path, json={})

    assert code(refusal) == (HTTPStatus.TOO_MANY_REQUESTS, "tasks.reminded_lately")
    assert refusal.json()["facts"] == {"retry_after_seconds": REMINDER_PAUSE.total_seconds()}
    busy = [ministry.officer.id, ministry.colleague.id]
    assert await rung(db, "tasks.reminded") == sorted(busy * 2)


async def test_those_who_work_on_a_task_do_not_urge(
    db: Database, ministry: Ministry, as_: As
) -> None:
    path = f"/tasks/{await directed(db, ministry, Move.ACCEPT)}/remind"

    refusal = await (await as_(ministry.officer)).send("POST", path, json={})

    assert kind(refusal) == "tasks.not_your_part"


async def test_a_completed_task_is_graded_once(db: Database, ministry: Ministry, as_: As) -> None:
    leader, path = await as_(ministry.leader), await completed(db, ministry)
    said = {"grade": "good", "words": "Bám sát yêu cầu."}

    graded = (await leader.post(f"{path}/evaluate", json=said)).json()
    again = await leader.send("POST", f"{path}/evaluate", json=said)

    assert (graded["state"], graded["evaluation"]["grade"]) == ("completed", "good")
    assert graded["evaluation"]["by"] == str(ministry.leader.id)
    assert code(again) == (HTTPStatus.CONFLICT, "tasks.already_evaluated")
    assert await rung(db, "tasks.evaluated") == sorted([ministry.officer.id, ministry.colleague.id])


async def test_only_completed_work_is_graded_and_not_by_the_lead(
    db: Database, ministry: Ministry, as_: As
) -> None:
    leader, lead = await as_(ministry.leader), await as_(ministry.officer)
    open_, done = await directed(db, ministry, *DONE), await completed(db, ministry)
    grade = {"grade": "excellent"}

    early = await leader.send("POST", f"/tasks/{open_}/evaluate", json=grade)
    own = await lead.send("POST", f"{done}/evaluate", json=grade)

    assert (kind(early), kind(own)) == ("tasks.wrong_state", "tasks.not_your_part")


# --- every step over HTTP -----------------------------------------------------------------------


async def test_a_deadline_is_asked_for_and_granted_over_http(
    db: Database, ministry: Ministry, clock: Clock, as_: As
) -> None:
    leader, lead = await as_(ministry.leader), await as_(ministry.officer)
    path = f"/tasks/{await directed(db, ministry, Move.ACCEPT)}"
    wanted = {"deadline": (clock() + 9 * DAY).isoformat(), "words": "Chờ số liệu."}

    asked = await lead.post(f"{path}/extensions", json=wanted)
    extension = asked.json()["extensions"][0]
    granted = await leader.post(f"{path}/extensions/{extension['id']}/grant", json={})

    told = granted.json()
    assert asked.status_code == HTTPStatus.CREATED
    assert told["deadline"] == told["extensions"][0]["granted"] == extension["wanted"]
    assert told["first_deadline"] == extension["before"]


@pytest.mark.parametrize(
    ("who", "what", "body", "state"),
    [("leader", "refuse", WORDS, "refused"), ("officer", "withdraw", None, "withdrawn")],
)
async def test_a_request_for_time_is_closed_over_http(
    db: Database, ministry: Ministry, clock: Clock, as_: As,
    who: str, what: str, body: Any, state: str,
) -> None:  # fmt: skip
    lead = await as_(ministry.officer)
    path = f"/tasks/{await directed(db, ministry, Move.ACCEPT)}"
    wanted = {"deadline": (clock() + 9 * DAY).isoformat(), **WORDS}
    await lead.post(f"{path}/extensions", json=wanted)
    extension = await the_extension(db)

    phone = await as_(getattr(ministry, who)) if who == "leader" else lead
    told = (await phone.post(f"{path}/extensions/{extension.id}/{what}", json=body)).json()

    assert told["extensions"][0]["state"] == state


async def test_a_task_rests_goes_on_and_changes_hands_over_http(
    db: Database, ministry: Ministry, as_: As
) -> None:
    leader = await as_(ministry.leader)
    path = f"/tasks/{await directed(db, ministry, Move.ACCEPT, Move.START)}"

    resting = (await leader.post(f"{path}/suspend", json=WORDS)).json()
    going_on = (await leader.post(f"{path}/resume", json={"version": resting["version"]})).json()
    body = {"lead_id": str(ministry.secretary.id), "version": going_on["version"]}
    given = (await leader.post(f"{path}/reassign", json=body)).json()
    stale = await leader.send("POST", f"{path}/reassign", json=body)

    assert [told["state"] for told in (resting, going_on, given)] == [
        "suspended", "in_progress", "assigned",
    ]  # fmt: skip
    assert kind(stale) == "stale"


#: Every step that takes words, with the least it needs beside them.
SPOKEN: list[tuple[str, str, dict[str, Any]]] = [
    ("officer", "decline", {}),
    ("officer", "report", {}),
    ("leader", "return", {}),
    ("leader", "cancel", {}),
    ("leader", "suspend", {}),
    ("leader", "remind", {}),
    ("leader", "evaluate", {"grade": "good"}),
    ("leader", "reassign", {"lead_id": "secretary"}),
    ("officer", "extensions", {"deadline": "2026-06-01T00:00:00Z"}),
    ("colleague", "part/report", {}),
]


def named(body: dict[str, Any], ministry: Ministry) -> dict[str, Any]:
    """Return a body with the id of the official whom it names."""
    named = {key: getattr(ministry, body[key]) for key in ("lead_id",) if key in body}
    return body | {key: str(person.id) for key, person in named.items()}


@pytest.mark.parametrize(("who", "step", "body"), SPOKEN)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_step_takes_the_words_of_a_secret(
    db: Database, ministry: Ministry, as_: As, who: str, step: str, body: dict[str, Any]
) -> None:
    phone = await as_(getattr(ministry, who))
    path = f"/tasks/{await directed(db, ministry)}/{step}"

    refusal = await phone.send("POST", path, json=named(body, ministry) | {"words": "TỐI MẬT"})

    assert code(refusal) == (HTTPStatus.UNPROCESSABLE_ENTITY, "documents.secret")


@pytest.mark.parametrize(
    "step", ["decline", "report", "return", "cancel", "suspend", "part/report"]
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_reason_is_not_left_out(
    db: Database, ministry: Ministry, as_: As, step: str
) -> None:
    phone = await as_(ministry.leader)
    path = f"/tasks/{await directed(db, ministry)}/{step}"

    for body in ({}, {"words": "  "}):
        assert kind(await phone.send("POST", path, json=body)) == "malformed"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_somebody_elses_task_has_no_steps_and_no_history(
    db: Database, ministry: Ministry, as_: As
) -> None:
    path = f"/tasks/{await directed(db, ministry, Move.ACCEPT)}"
    steps: list[tuple[str, str, dict[str, Any]]] = [("GET", "history", {})]
    steps += [("POST", step, body | WORDS) for _, step, body in SPOKEN]
    steps += [("POST", f"extensions/{new_id()}/grant", {})]

    for person in (ministry.secretary, ministry.stranger):
        phone = await as_(person)
        for method, step, body in steps:
            refusal = await phone.send(method, f"{path}/{step}", json=named(body, ministry))
            assert code(refusal) == (HTTPStatus.NOT_FOUND, "not_found"), step


# --- deputies -----------------------------------------------------------------------------------


async def test_a_deputy_decides_for_the_leader_and_it_is_recorded_for_both(
    db: Database, ministry: Ministry, as_: As
) -> None:
    given = await delegated(db, ministry, ministry.secretary, Scope.TASKS)
    task_id = await directed(db, ministry, *DONE)
    deputy = await as_(ministry.secretary)

    listed = (await deputy.get(f"/tasks/on-behalf-of/{ministry.leader.id}")).json()
    done = (await deputy.post(f"/tasks/{task_id}/complete", json={})).json()
    entry = (await deputy.get(f"/tasks/{task_id}/history")).json()[-1]
    await taken_back(db, ministry, given)
    afterwards = await deputy.send("GET", f"/tasks/{task_id}")

    assert [one["id"] for one in listed] == [str(task_id)]
    assert done["state"] == "completed"
    both = (str(ministry.secretary.id), str(ministry.leader.id))
    assert (entry["by"], entry["on_behalf_of"]) == both
    fact = next(one for one in await rows(db, Fact) if one.name == "tasks.completed")
    assert (fact.body["by"], fact.body["on_behalf_of"]) == both
    record = next(one for one in await rows(db, AuditRecord) if one.action == "tasks.complete")
    assert (str(record.actor_id), record.facts["on_behalf_of"]) == both
    assert await rung(db, "tasks.completed") == sorted([ministry.officer.id, ministry.leader.id])
    assert kind(afterwards) == "not_found"


async def test_a_deputy_directs_for_the_leader_but_not_to_themselves(
    db: Database, ministry: Ministry, clock: Clock, as_: As
) -> None:
    await delegated(db, ministry, ministry.secretary, Scope.TASKS)
    deputy, officer = await as_(ministry.secretary), await as_(ministry.officer)
    for_leader = {"on_behalf_of": str(ministry.leader.id)}
    body = await directive(db, ministry, clock, **for_leader)

    task = (await deputy.post("/tasks", json=body)).json()
    own = body | {"lead_id": str(ministry.secretary.id)}
    refusals = [
        await deputy.send("POST", "/tasks", json=own),
        await officer.send("POST", "/tasks", json=body),
        await deputy.send("POST", "/tasks", json=body | {"on_behalf_of": None}),
    ]

    assert task["assigner_id"] == str(ministry.leader.id)
    codes = ["tasks.wrong_people", "not_found", "forbidden"]
    assert [kind(refusal) for refusal in refusals] == codes


async def test_whoever_reported_as_deputy_does_not_take_the_report_as_deputy(
    db: Database, ministry: Ministry, as_: As
) -> None:
    await delegated(db, ministry, ministry.officer, Scope.TASKS)
    task_id = await directed(db, ministry, *DONE)
    lead = await as_(ministry.officer)

    refusals = [
        await lead.send("POST", f"/tasks/{task_id}/{step}", json=body)
        for step, body in (("complete", {}), ("return", WORDS))
    ]

    assert [code(one) for one in refusals] == [(HTTPStatus.FORBIDDEN, "tasks.own_work")] * 2


async def test_a_delegation_for_something_else_gives_no_part_in_tasks(
    db: Database, ministry: Ministry, as_: As
) -> None:
    await delegated(db, ministry, ministry.secretary, Scope.MEETINGS)
    task_id = await directed(db, ministry, *DONE)
    deputy = await as_(ministry.secretary)

    for method, path in (
        ("GET", f"/tasks/{task_id}"), ("POST", f"/tasks/{task_id}/complete"),
        ("GET", f"/tasks/on-behalf-of/{ministry.leader.id}"),
    ):  # fmt: skip
        assert kind(await deputy.send(method, path, json={})) == "not_found"


# --- the history --------------------------------------------------------------------------------


async def test_the_history_says_who_said_what_and_when(
    db: Database, ministry: Ministry, clock: Clock, as_: As
) -> None:
    task_id = await directed(db, ministry)
    clock.tick(timedelta(hours=1))
    await moved(db, ministry.officer, task_id, Move.DECLINE)
    leader = await as_(ministry.leader)

    given, declined = (await leader.get(f"/tasks/{task_id}/history")).json()

    assert (given["what"], given["lead_id"]) == ("tasks.assigned", str(ministry.officer.id))
    assert given["deadline"] is not None
    assert (declined["by"], declined["words"]) == (str(ministry.officer.id), "Đã xem.")
    assert declined["sentence_vi"] == "Người chủ trì từ chối nhiệm vụ."
    assert given["at"] < declined["at"]


@pytest.mark.parametrize("table", ["task_entry", "task_evaluation"])
@pytest.mark.parametrize("change", ["UPDATE {} SET words = 'khác'", "DELETE FROM {}"])
async def test_neither_history_nor_grade_can_be_changed(
    db: Database, ministry: Ministry, as_: As, table: str, change: str
) -> None:
    path = await completed(db, ministry)
    leader = await as_(ministry.leader)
    await leader.post(f"{path}/evaluate", json={"grade": "fair"})

    with pytest.raises(DBAPIError, match="append-only"):
        async with db.begin() as tx:
            await (await tx.session.connection()).execute(text(change.format(table)))


async def test_a_document_is_resolved_with_its_last_task(
    db: Database, ministry: Ministry, clock: Clock, as_: As
) -> None:
    leader = await as_(ministry.leader)
    body = await directive(db, ministry, clock)
    first, second = [(await leader.post("/tasks", json=body)).json() for _ in range(2)]

    states = []
    for task in (first, second):
        for move in DONE:
            await moved(db, ministry.officer, UUID(task["id"]), move)
        await leader.post(f"/tasks/{task['id']}/complete", json={})
        document = (await leader.get(f"/documents/{body['document_id']}")).json()
        states.append(document["state"])

    assert states == ["directed", "resolved"]
