"""What is left of the meeting: minutes written together, signed; conclusions that are tasks."""

import asyncio
import hashlib
from dataclasses import dataclass
from typing import Any

from api.demo.cast import Cast
from api.demo.editor import Editor
from api.demo.hall import CHAIR, GUEST, MEMBERS, SECRETARY, Hall
from api.demo.signature import await_signature
from api.demo.stage import Stage

_SHOWN = 16
_MINE, _THEIRS = "Ông Bưởi trình bày phương án quy hoạch.\n", "Các đơn vị thống nhất cao.\n"


@dataclass(frozen=True, slots=True)
class Left:
    """What is left: the minutes as they were signed, and the tasks by who leads them."""

    minutes: dict[str, Any]
    tasks: dict[str, dict[str, Any]]
    notice_id: str
    access_log: list[dict[str, Any]]


async def play(stage: Stage, cast: Cast, hall: Hall) -> Left:
    """Play the act and return what is left."""
    stage.act("Biên bản và kết luận", "minutes and conclusions")
    await cast.refresh()
    await _write_together(stage, cast, hall)
    await _review(stage, hall)
    minutes = await _sign(stage, cast, hall)
    tasks = await _become_tasks(stage, cast, hall)
    notice = await hall.post(SECRETARY, "notice")
    state = (await hall.post(CHAIR, "archive"))["state"]
    log = await hall.get(SECRETARY, "access-log")
    stage.expect(state == "archived", "the record is closed")
    stage.tell(
        f"Dự thảo thông báo kết luận; hồ sơ cuộc họp được lưu, {len(log)} lượt đọc có ghi nhật ký",
        f"a notice of conclusions is drafted; the record is archived, {len(log)} readings logged",
    )
    return Left(minutes, tasks, notice["document_id"], log)


async def _write_together(stage: Stage, cast: Cast, hall: Hall) -> None:
    """The secretary and a member write at once; who may only read sees it, and cannot."""
    await hall.post(SECRETARY, "minutes")
    await hall.put(SECRETARY, "minutes/writers", official_ids=[cast.ids["specialist"]])
    open_ = [
        await Editor.open(cast.phones[part], cast.url, hall.meeting_id)
        for part in (SECRETARY, "specialist", "director")
    ]
    secretary, helper, reader = open_
    await asyncio.gather(secretary.write(_MINE), helper.write(_THEIRS))
    words = ""
    for editor in open_:
        words = await editor.sees(lambda seen: _MINE in seen and _THEIRS in seen)
    stage.expect(secretary.words == helper.words == words, "all have the same text")
    await reader.write("Tôi thêm một câu.")
    stage.expect(await reader.is_refused() == "meetings.not_your_part", "a reader cannot write")
    kept = (await hall.get(CHAIR, "minutes"))["text"]
    stage.expect(kept == words, "what is kept is what was written")
    for editor in open_:
        await editor.close()
    guest = await Editor.open(cast.phones[GUEST], cast.url, hall.meeting_id)
    stage.expect(await guest.ends() == 4404, "a guest reads no minutes")  # noqa: PLR2004
    stage.tell(
        "Hai người cùng soạn biên bản, chữ hiện ngay trên máy nhau; người chỉ đọc không sửa được",
        "two write the minutes at once over Yjs; a reader sees it live and cannot write",
    )


async def _review(stage: Stage, hall: Hall) -> None:
    await hall.post(SECRETARY, "minutes/review")
    await hall.post(MEMBERS[0], "minutes/comments", words="Đề nghị ghi rõ thời hạn.")
    await hall.post(CHAIR, "minutes/return")
    now = await hall.get(SECRETARY, "minutes")
    text = now["text"] + "Thời hạn hoàn thiện: mười ngày.\n"
    await hall.put(SECRETARY, "minutes", text=text, version=now["version"])
    await hall.post(SECRETARY, "minutes/review")
    stage.tell(
        "Đại biểu góp ý, chủ trì trả lại, thư ký sửa rồi trình lại",
        "a member commented, the chair sent them back, the secretary put it right",
    )


async def _sign(stage: Stage, cast: Cast, hall: Hall) -> dict[str, Any]:
    """Freeze, sign by SIM; the signed file begins with the very bytes that were frozen."""
    await hall.enter(CHAIR)
    frozen: dict[str, Any] = await hall.post(SECRETARY, "minutes/freeze")
    path = f"/documents/{frozen['document_id']}"
    before = (await cast.leader.get(f"{path}/file")).content
    stage.expect(_digest(before) == frozen["sha256"], "what is frozen is what is shown")
    waiting = (await cast.leader.get("/signature-requests")).json()
    (asked,) = [one for one in waiting if one["document_id"] == frozen["document_id"]]
    answer = await cast.leader.sign(asked["id"], frozen["sha256"])
    stage.expect(answer.is_success, f"the chair's yes is taken: {answer.text}")
    await await_signature(stage, cast, asked)
    await hall.sockets[CHAIR].event("meeting.minutes_signed")
    await hall.leave()
    await cast.refresh()
    minutes: dict[str, Any] = await hall.get(MEMBERS[0], "minutes")
    after = (await cast.director.get(f"{path}/file")).content
    stage.expect(after.startswith(before), "the signed file begins with the frozen one")
    stage.expect(len(after) > len(before), "and a signature stands behind it")
    stage.tell(
        f"Biên bản chốt thành PDF {frozen['sha256'][:_SHOWN]}…, chủ trì ký bằng SIM",
        "frozen into a PDF, hashed, and signed by the chair's SIM over just these bytes",
    )
    return minutes


async def _become_tasks(stage: Stage, cast: Cast, hall: Hall) -> dict[str, dict[str, Any]]:
    """Each conclusion with a lead is one task, and its lead has it."""
    tasks = {}
    parts = {id_: part for part, id_ in cast.ids.items()}
    for conclusion in await hall.get(MEMBERS[0], "conclusions"):
        given = conclusion["task_id"] is not None
        stage.expect(given == (conclusion["lead_id"] is not None), "a lead makes a task")
        if given:
            lead = parts[conclusion["lead_id"]]
            task = (await cast.phones[lead].get(f"/tasks/{conclusion['task_id']}")).json()
            stage.expect(task["content"] == conclusion["words"], "it says what was concluded")
            tasks[lead] = task
    for lead, task in tasks.items():
        await cast.phones[lead].post(f"/tasks/{task['id']}/accept", json={})
    stage.tell(
        f"{len(tasks)} kết luận thành đúng {len(tasks)} nhiệm vụ, có người chủ trì và thời hạn",
        f"{len(tasks)} conclusions became exactly {len(tasks)} tasks, accepted by their leads",
    )
    return tasks


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
