"""Tasks, as phones see them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from pydantic import TypeAdapter

from api.demo.phone import Phone
from api.tasks.schemas import TaskLine
from core.db import Database
from tests.support.clock import Clock
from tests.support.correspondence import received
from tests.support.ministry import Ministry, Person

As = Callable[[Person], Awaitable[Phone]]


async def directive(
    db: Database, ministry: Ministry, clock: Clock, **changed: Any
) -> dict[str, Any]:
    deadline = clock() + timedelta(days=5)
    helper = {
        "official_id": str(ministry.colleague.id),
        "due": (deadline - timedelta(days=1)).isoformat(),
    }
    said = {
        "content": "Tham mưu văn bản trả lời",
        "lead_id": str(ministry.officer.id),
        "coordinators": [helper],
        "deadline": deadline.isoformat(),
    }
    if "document_id" not in changed:
        said["document_id"] = str(await received(db, ministry))
    return said | changed


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"]


async def test_a_task_goes_from_directive_to_completion(
    db: Database, ministry: Ministry, clock: Clock, as_: As
) -> None:
    leader, lead, helper = [
        await as_(person) for person in (ministry.leader, ministry.officer, ministry.colleague)
    ]
    task = (await leader.post("/tasks", json=await directive(db, ministry, clock))).json()
    path = f"/tasks/{task['id']}"

    await lead.post(f"{path}/accept", json={"version": task["version"]})
    await helper.post(f"{path}/part/accept")
    await helper.post(f"{path}/part/report", json={"words": "Đã góp ý."})
    await lead.post(f"{path}/start", json={})
    await lead.post(f"{path}/report", json={"words": "Đã xong."})
    await leader.post(f"{path}/return", json={"words": "Bổ sung phụ lục."})
    await lead.post(f"{path}/report", json={"words": "Đã bổ sung."})
    done = (await leader.post(f"{path}/complete", json={})).json()

    assert (done["state"], done["bucket"], done["result"]) == (
        "completed", "done_on_time", "Đã bổ sung.",
    )  # fmt: skip
    document = (await lead.get(f"/documents/{task['document_id']}")).json()
    assert document["state"] == "resolved"


async def test_only_a_leader_directs(
    db: Database, ministry: Ministry, clock: Clock, as_: As
) -> None:
    clerk = await as_(ministry.clerk)

    refusal = await clerk.send("POST", "/tasks", json=await directive(db, ministry, clock))

    assert code(refusal) == (HTTPStatus.FORBIDDEN, "forbidden")


async def test_a_scan_that_nobody_has_read_cannot_be_directed(
    db: Database, ministry: Ministry, clock: Clock, as_: As
) -> None:
    scan = str(await received(db, ministry, scan=True))
    leader = await as_(ministry.leader)

    refusal = await leader.send(
        "POST", "/tasks", json=await directive(db, ministry, clock, document_id=scan)
    )

    assert code(refusal) == (HTTPStatus.CONFLICT, "documents.not_yet_read")


async def test_an_unknown_or_foreign_official_is_not_found(
    db: Database, ministry: Ministry, clock: Clock, as_: As
) -> None:
    leader = await as_(ministry.leader)
    body = await directive(db, ministry, clock, lead_id=str(ministry.stranger.id))

    refusal = await leader.send("POST", "/tasks", json=body)

    assert code(refusal) == (HTTPStatus.NOT_FOUND, "not_found")


async def test_a_stamp_word_in_a_directive_is_refused(
    db: Database, ministry: Ministry, clock: Clock, as_: As
) -> None:
    leader = await as_(ministry.leader)
    body = await directive(db, ministry, clock, content="TUYỆT MẬT")

    refusal = await leader.send("POST", "/tasks", json=body)

    assert code(refusal) == (HTTPStatus.UNPROCESSABLE_ENTITY, "documents.secret")


async def test_somebody_elses_task_is_not_there(
    db: Database, ministry: Ministry, clock: Clock, as_: As
) -> None:
    leader = await as_(ministry.leader)
    task = (await leader.post("/tasks", json=await directive(db, ministry, clock))).json()

    for person in (ministry.secretary, ministry.stranger):
        phone = await as_(person)
        for refusal in (
            await phone.send("GET", f"/tasks/{task['id']}"),
            await phone.send("POST", f"/tasks/{task['id']}/accept", json={}),
        ):
            assert code(refusal) == (HTTPStatus.NOT_FOUND, "not_found")


async def test_the_lead_does_not_complete_their_own_task(
    db: Database, ministry: Ministry, clock: Clock, as_: As
) -> None:
    leader, lead = await as_(ministry.leader), await as_(ministry.officer)
    task = (await leader.post("/tasks", json=await directive(db, ministry, clock))).json()
    await lead.post(f"/tasks/{task['id']}/accept", json={})
    await lead.post(f"/tasks/{task['id']}/report", json={"words": "Xong."})

    refusal = await lead.send("POST", f"/tasks/{task['id']}/complete", json={})

    assert code(refusal) == (HTTPStatus.FORBIDDEN, "tasks.not_your_part")


async def test_whoever_read_an_older_version_is_told_to_read_again(
    db: Database, ministry: Ministry, clock: Clock, as_: As
) -> None:
    leader, lead = await as_(ministry.leader), await as_(ministry.officer)
    task = (await leader.post("/tasks", json=await directive(db, ministry, clock))).json()
    await lead.post(f"/tasks/{task['id']}/accept", json={"version": task["version"]})

    refusal = await lead.send(
        "POST", f"/tasks/{task['id']}/start", json={"version": task["version"]}
    )

    assert code(refusal) == (HTTPStatus.CONFLICT, "stale")


async def test_a_list_has_the_documented_shape_and_only_my_tasks(
    db: Database, ministry: Ministry, clock: Clock, as_: As
) -> None:
    leader = await as_(ministry.leader)
    for _ in range(3):
        await leader.post("/tasks", json=await directive(db, ministry, clock))

    mine = (await (await as_(ministry.officer)).get("/tasks")).content
    given = (await leader.get("/tasks")).content
    others = (await (await as_(ministry.secretary)).get("/tasks")).json()

    lines = TypeAdapter(list[TaskLine]).validate_json(mine)
    assert [(line.part, line.bucket) for line in lines] == [("lead", "on_time")] * 3
    assert [line.part for line in TypeAdapter(list[TaskLine]).validate_json(given)] == [None] * 3
    assert others == []


async def test_a_closed_task_leaves_the_list(
    db: Database, ministry: Ministry, clock: Clock, as_: As
) -> None:
    leader = await as_(ministry.leader)
    task = (await leader.post("/tasks", json=await directive(db, ministry, clock))).json()

    await leader.post(f"/tasks/{task['id']}/cancel", json={"words": "Không cần nữa."})

    assert (await leader.get("/tasks")).json() == []
    assert [one["id"] for one in (await leader.get("/tasks?closed=true")).json()] == [task["id"]]


async def test_the_same_directive_sent_twice_is_one_task(
    db: Database, ministry: Ministry, clock: Clock, as_: As
) -> None:
    leader = await as_(ministry.leader)
    body, key = await directive(db, ministry, clock), {"Idempotency-Key": "one-directive"}

    first = (await leader.post("/tasks", json=body, headers=dict(key))).json()
    again = (await leader.post("/tasks", json=body, headers=dict(key))).json()

    assert first == again
    assert len((await leader.get("/tasks")).json()) == 1
