"""A leader directs the document: one lead, one coordinator, a deadline that may be moved."""

import asyncio
from datetime import timedelta
from typing import Any

from api.demo.cast import Cast
from api.demo.phone import Phone
from api.demo.stage import Stage
from core.clock import utc_now

_TRIES, _PAUSE = 100, 0.1


async def play(stage: Stage, cast: Cast, incoming: dict[str, Any]) -> dict[str, Any]:
    """Play the act and return the task."""
    stage.act("Lãnh đạo chỉ đạo", "the leader directs it")
    director = await cast.socket("director")
    specialist = await cast.socket("specialist")
    await director.hear(f"user:{cast.ids['director']}")
    await specialist.hear(f"user:{cast.ids['specialist']}")
    task = await _assign(cast, incoming)
    for part, socket in (("director", director), ("specialist", specialist)):
        event = await socket.event("tasks.assigned")
        stage.expect(event["d"]["task_id"] == task["id"], f"{part} hears of the task")
        stage.expect(await _pushed(cast.phones[part]), f"{part}'s phone gets a push")
        await socket.close()
    stage.tell(
        "Một chủ trì, một phối hợp, một thời hạn; cả hai máy nhận push và sự kiện",
        "one lead, one coordinator, a deadline; both phones got a push and a socket event",
    )
    await cast.director.post(f"/tasks/{task['id']}/accept", json={})
    await cast.specialist.post(f"/tasks/{task['id']}/part/accept", json={})
    await _extend(stage, cast, task)
    await _remind(stage, cast, task)
    words = {"words": "Đã rà soát, đề xuất ban hành quyết định trả lời."}
    await cast.director.post(f"/tasks/{task['id']}/report", json=words)
    shown = (await cast.leader.get(f"/tasks/{task['id']}")).json()
    stage.expect((shown["state"], shown["bucket"]) == ("reported", "due_soon"), "it is reported")
    stage.tell("Chủ trì nhận việc và báo cáo kết quả", "the lead accepted and reported")
    return task


async def _extend(stage: Stage, cast: Cast, task: dict[str, Any]) -> None:
    path = f"/tasks/{task['id']}/extensions"
    wanted = (utc_now() + timedelta(days=2, hours=12)).isoformat()
    body = {"deadline": wanted, "words": "Chờ số liệu của địa phương."}
    (asked,) = (await cast.director.post(path, json=body)).json()["extensions"]
    shown = (await cast.leader.post(f"{path}/{asked['id']}/grant", json={})).json()
    stage.expect(shown["deadline"] > shown["first_deadline"], "the deadline has moved")
    stage.tell(
        "Chủ trì xin gia hạn, lãnh đạo đồng ý; thời hạn đầu vẫn được giữ",
        "the lead asked for time and got it; the first deadline is kept beside the new one",
    )


async def _remind(stage: Stage, cast: Cast, task: dict[str, Any]) -> None:
    path = f"/tasks/{task['id']}/remind"
    await cast.leader.post(path, json={"words": "Cần trước cuộc họp giao ban."})
    again = await cast.leader.send("POST", path, json={})
    stage.expect(again.json()["type"] == "tasks.reminded_lately", "nobody is urged without pause")
    inbox = (await cast.specialist.get("/inbox?unread=true")).json()
    stage.expect("tasks.reminded" in {item["kind"] for item in inbox["items"]}, "they were urged")
    left = (await cast.specialist.post("/inbox/read", json={})).json()
    stage.expect(left["unread"] == 0, "everything is read")
    stage.tell(
        "Lãnh đạo đôn đốc một lần; đôn đốc dồn dập thì bị từ chối; chuyên viên đọc hết hộp thư",
        "the leader urged once, twice is refused; the specialist read the whole inbox",
    )


async def _assign(cast: Cast, incoming: dict[str, Any]) -> dict[str, Any]:
    deadline = utc_now() + timedelta(days=2)
    helper = {"official_id": cast.ids["specialist"], "due": deadline.isoformat()}
    body = {
        "document_id": incoming["id"],
        "content": "Chủ trì tham mưu văn bản trả lời địa phương.",
        "lead_id": cast.ids["director"],
        "coordinators": [helper],
        "deadline": deadline.isoformat(),
    }
    task: dict[str, Any] = (await cast.leader.post("/tasks", json=body)).json()
    return task


async def _pushed(phone: Phone) -> bool:
    """Wait for the push: an opaque id and nothing else; the phone looks in its inbox."""
    for _ in range(_TRIES):
        carried = (await phone.get("/simulated/push")).json()
        if carried:
            await phone.post("/push/receipts", json={"n": carried[-1]["n"]})
            inbox = (await phone.get("/inbox")).json()
            return "tasks.assigned" in [item["kind"] for item in inbox["items"]]
        await asyncio.sleep(_PAUSE)
    return False
