"""A paperless meeting of ten: invited, counted, shown pages, heard, voted, concluded."""

from datetime import timedelta
from typing import Any

from api.demo import peer
from api.demo.cast import Cast
from api.demo.hall import CHAIR, DELEGATE, GUEST, MEMBERS, SECRETARY, Hall
from api.demo.socket import Socket
from api.demo.stage import Stage
from core.clock import utc_now

_RULE = {"base": "present", "numerator": 2, "denominator": 3, "more_than": False, "weighted": True}
_VOTERS = len(MEMBERS) + 1
READERS = ("director", "officer1")
_JPEG = b"\xff\xd8"
_YES, _NO, _ABSTAINS = 0, 1, 2


async def play(stage: Stage, cast: Cast, incoming: dict[str, Any]) -> Hall:
    """Play the act, to the end of the meeting."""
    stage.act("Họp không giấy, mười người", "a paperless meeting of ten")
    await cast.refresh()
    hall, item_id = await _prepare(stage, cast, incoming)
    await _gather(stage, hall)
    await hall.post(CHAIR, f"items/{item_id}/begin")
    await _turn_pages(stage, hall, incoming)
    await _discuss(stage, hall, item_id)
    await _vote(stage, hall)
    await _conclude(stage, hall, item_id)
    await hall.leave()
    return hall


async def _prepare(stage: Stage, cast: Cast, incoming: dict[str, Any]) -> tuple[Hall, str]:
    """Draft, approve, invite; the answers come in."""
    planned = (await cast.secretary.post("/meetings", json=_plan(cast))).json()
    hall = Hall(cast, planned["id"])
    reporter, guest = cast.ids["director"], cast.ids[GUEST]
    items = [
        {"title": "Phương án quy hoạch", "minutes": 30, "reporter_id": reporter, "guests": [guest]},
        {"title": "Phân công thực hiện", "minutes": 15},
    ]
    agenda = (await hall.put(SECRETARY, "agenda", items=items))["agenda"]
    item_id = str(agenda[0]["id"])
    await hall.post(
        CHAIR, "documents", document_id=incoming["id"], item_id=item_id, restricted=True
    )
    await hall.post(CHAIR, "approve")
    await hall.post(SECRETARY, "invite")
    for part in MEMBERS[:-1]:
        await hall.post(part, "accept")
    await hall.post(MEMBERS[-1], "delegate", official_id=cast.ids[DELEGATE])
    await hall.post(DELEGATE, "accept")
    for part in READERS:
        page = await cast.phones[part].get(f"{hall.path}/documents/{incoming['id']}/pages/0")
        stage.expect(page.content[:2] == _JPEG, "a page can be read before the meeting")
    read = {one["official_id"] for one in await hall.get(SECRETARY, "reading")}
    stage.expect(read == {cast.ids[part] for part in READERS}, "it is known who has read")
    stage.tell(
        "Thư ký dự thảo, chủ trì duyệt, giấy mời đến mười người; thứ trưởng cử người dự thay",
        "drafted, approved, ten invited; the deputy minister sends a delegate, who accepts",
    )
    stage.tell(
        f"{len(READERS)} người đọc trước tài liệu hạn chế, trang nào cũng mang tên người đọc",
        f"{len(READERS)} read the restricted paper before, each page with its reader's name",
    )
    return hall, item_id


def _plan(cast: Cast) -> dict[str, Any]:
    people = [
        {"official_id": cast.ids[CHAIR], "part": "chair", "votes": True, "weight": 2},
        *({"official_id": cast.ids[one]} for one in MEMBERS),
        {"official_id": cast.ids[GUEST], "part": "guest"},
    ]
    return {
        "title": "Họp về kết quả rà soát quy hoạch",
        "starts_at": utc_now().isoformat(),
        "form": "hybrid",
        "place": "Phòng họp A",
        "people": people,
    }


async def _gather(stage: Stage, hall: Hall) -> None:
    """One scans the code on the screen, the others come from afar; enough are there."""
    await hall.post(SECRETARY, "open-check-in")
    code = (await hall.post(SECRETARY, "check-in-code"))["code"]
    await hall.post(CHAIR, "check-in", code=code)
    again = await hall.cast.director.send("POST", f"{hall.path}/check-in", json={"code": code})
    stage.expect(not again.is_success, "a code that was scanned is used up")
    for part in (*MEMBERS[:-1], DELEGATE):
        await hall.post(part, "check-in")
    quorum = (await hall.get(MEMBERS[0], "attendance"))["quorum"]
    there = (quorum["present"], quorum["entitled"], quorum["met"])
    stage.expect(there == (_VOTERS, _VOTERS, True), f"everybody is counted: {quorum}")
    await hall.post(SECRETARY, "open")
    for part in (CHAIR, SECRETARY, *MEMBERS[:-1], DELEGATE, GUEST):
        await hall.enter(part)
    stage.tell(
        f"Điểm danh bằng mã dùng một lần và từ xa: {_VOTERS}/{_VOTERS}, đủ số đại biểu; khai mạc",
        f"checked in by a single-use code and from afar: {_VOTERS} of {_VOTERS}, a quorum",
    )


async def _turn_pages(stage: Stage, hall: Hall, incoming: dict[str, Any]) -> None:
    """The reporter turns pages; a phone that drops resumes; two peers talk."""
    pages, reporter, dropped = incoming["file"]["pages"], "director", "specialist"
    await hall.say(CHAIR, "presenter.hand", official_id=hall.cast.ids[reporter])
    await hall.say(reporter, "page.turn", document_id=incoming["id"], page=0)
    others = [part for part in hall.sockets if part != reporter]
    seen = [(await _turned(hall.sockets[part]))[1] for part in others]
    stage.expect(seen == [0] * len(others), "everybody sees the page")
    stage.tell(
        f"Báo cáo viên lật trang, cả {len(others)} người cùng thấy",
        f"the reporter turns the page, all {len(others)} others see it",
    )
    socket = hall.sockets[dropped]
    await socket.drop()
    turned = [number % pages for number in (1, 2, 3)]
    for number in turned:
        await hall.say(reporter, "page.turn", document_id=incoming["id"], page=number)
    back = hall.sockets[dropped] = await hall.cast.socket(dropped, socket.places)
    stage.expect(back.resumed[hall.room]["state"] == "recovered", "the dropped phone resumes")
    stayed = [await _turned(hall.sockets["officer1"]) for _ in turned]
    missed = [await _turned(back) for _ in turned]
    stage.expect([page for _, page in missed] == turned, "the pages come in their order")
    stage.expect(missed == stayed, "nothing is lost, nothing comes twice")
    stage.tell("Một máy rớt mạng, nối lại, không mất trang nào", "a dropped phone resumed")
    echoed, samples = await peer.meet(hall.sockets[CHAIR], hall.sockets[reporter], hall.room)
    stage.expect(echoed == "trang 7", "the data channel echoes")
    stage.expect(samples > 0, "audio arrives")
    stage.tell(
        f"Hai đầu WebRTC gặp nhau qua phòng họp: kênh dữ liệu và {samples} mẫu âm thanh",
        "two WebRTC peers reached each other, asking no outside server",
    )


async def _discuss(stage: Stage, hall: Hall, item_id: str) -> None:
    """A member asks for the floor and gets it; the guest sees this item and no other."""
    speaker = "officer1"
    turn = (await hall.say(speaker, "floor.ask"))["turn_id"]
    await hall.say(CHAIR, "floor.grant", turn_id=turn)
    await hall.say(speaker, "floor.start", turn_id=turn)
    await hall.say(speaker, "floor.end", turn_id=turn)
    shown = (await hall.sockets[GUEST].hear(hall.room))["snap"]
    stage.expect([one["id"] for one in shown["agenda"]] == [item_id], "the guest sees one item")
    stage.tell(
        "Đại biểu đăng ký, được mời phát biểu rồi trả lời; khách mời chỉ thấy nội dung của mình",
        "a member asked for the floor, spoke and handed it back; the guest sees their item alone",
    )


async def _vote(stage: Stage, hall: Hall) -> None:
    """Everybody votes, one through a delegate; the list says the same as the result."""
    said = {"question": "Thông qua phương án?", "rule": _RULE | {"abstention": _ABSTAINS}}
    vote = (await hall.post(SECRETARY, "votes", **said))["id"]
    await hall.say(CHAIR, "vote.open", vote_id=vote)
    choices = dict.fromkeys(MEMBERS[:-1], _YES) | {"officer3": _NO, "officer4": _ABSTAINS}
    for part, choice in choices.items():
        await hall.say(part, "vote.cast", vote_id=vote, choice=choice)
    principal = hall.cast.ids[MEMBERS[-1]]
    await hall.say(DELEGATE, "vote.cast", vote_id=vote, choice=_YES, principal_id=principal)
    await hall.say(CHAIR, "vote.cast", vote_id=vote, choice=_YES)
    await hall.say(CHAIR, "vote.close", vote_id=vote)
    await hall.say(CHAIR, "vote.publish", vote_id=vote)
    listed = await hall.get("officer2", f"votes/{vote}/list")
    counts = [0, 0, 0]
    for ballot in listed["ballots"]:
        counts[ballot["choice"]] += ballot["weight"]
    stage.expect(counts == listed["result"]["counts"], "the list recounts to the result")
    stage.expect(listed["result"]["adopted"] == _YES, "it is adopted")
    told = "–".join(map(str, counts))
    stage.tell(
        f"Biểu quyết {told}, chủ trì có hai phiếu: thông qua; ai cũng đếm lại được từ danh sách",
        f"voted {told}, one by a delegate: adopted, and recounted from the public list",
    )


async def _conclude(stage: Stage, hall: Hall, item_id: str) -> None:
    """Two conclusions are tasks, one is not; the meeting ends."""
    due, ids = (utc_now() + timedelta(days=10)).isoformat(), hall.cast.ids
    await hall.post(
        SECRETARY, "conclusions", words="Hoàn thiện phương án, trình Bộ trưởng", item_id=item_id,
        lead_id=ids["director"], coordinators=[ids["specialist"]], due=due,
    )  # fmt: skip
    await hall.post(
        SECRETARY, "conclusions", words="Công bố công khai phương án",
        lead_id=ids["officer1"], due=due,
    )  # fmt: skip
    await hall.post(SECRETARY, "conclusions", words="Thống nhất chủ trương")
    await hall.post(CHAIR, f"items/{item_id}/conclude")
    await hall.post(SECRETARY, "close")
    stage.tell(
        "Ba kết luận, hai giao việc có người chủ trì và thời hạn; bế mạc",
        "three conclusions, two of them with a lead and a deadline; the meeting is closed",
    )


async def _turned(socket: Socket) -> tuple[int, int]:
    """Return the position of the next page turn in the room's stream, and the page."""
    event = await socket.event("meeting.page_turned")
    return int(event["q"]), int(event["d"]["page"])
