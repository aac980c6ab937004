"""A paperless meeting: pages turn for everybody, a dropped phone resumes, peers talk."""

from typing import Any

from api.demo import peer
from api.demo.cast import Cast
from api.demo.socket import Socket
from api.demo.stage import Stage
from core.clock import utc_now


async def play(stage: Stage, cast: Cast, incoming: dict[str, Any]) -> None:
    """Play the act."""
    stage.act("Họp không giấy", "a paperless meeting")
    await cast.refresh()
    meeting = await _open(cast, incoming)
    room = f"room:{meeting['id']}"
    pages = incoming["file"]["pages"]
    sockets = {part: await cast.socket(part) for part in ("leader", "director", "specialist")}
    for part, socket in sockets.items():
        answer = await socket.hear(room)
        stage.expect(answer["t"] == "ok", f"{part} enters the room")
    leader, director, specialist = sockets.values()
    await _turn(leader, room, incoming, 0)
    for socket in (director, specialist):
        stage.expect((await _turned(socket))[1] == 0, "both see the page")
    stage.tell("Hai người vào phòng, chủ trì lật trang, cả hai cùng thấy", "both see the page")
    await specialist.drop()
    turned = [number % pages for number in (1, 2, 3)]
    for number in turned:
        await _turn(leader, room, incoming, number)
    back = await cast.socket("specialist", specialist.places)
    stage.expect(back.resumed[room]["state"] == "recovered", "the dropped phone resumes")
    stayed = [await _turned(director) for _ in turned]
    missed = [await _turned(back) for _ in turned]
    stage.expect([page for _, page in missed] == turned, "the pages come in their order")
    stage.expect(missed == stayed, "nothing is lost, nothing comes twice")
    stage.tell("Người thứ ba rớt mạng, nối lại, không mất trang nào", "a dropped phone resumed")
    echoed, samples = await peer.meet(leader, director, room)
    stage.expect(echoed == "trang 7", "the data channel echoes")
    stage.expect(samples > 0, "audio arrives")
    stage.tell(
        f"Hai đầu WebRTC gặp nhau qua phòng họp: kênh dữ liệu và {samples} mẫu âm thanh",
        "two WebRTC peers reached each other, asking no outside server",
    )
    for socket in (leader, director, back):
        await socket.close()
    await cast.secretary.post(f"/meetings/{meeting['id']}/close")


async def _open(cast: Cast, incoming: dict[str, Any]) -> dict[str, Any]:
    people = [{"official_id": cast.ids["leader"], "part": "chair"}]
    people += [{"official_id": cast.ids[one]} for one in ("director", "specialist")]
    plan = {
        "title": "Họp về kết quả rà soát quy hoạch",
        "starts_at": utc_now().isoformat(),
        "people": people,
    }
    meeting: dict[str, Any] = (await cast.secretary.post("/meetings", json=plan)).json()
    await cast.leader.post(f"/meetings/{meeting['id']}/approve")
    await cast.secretary.post(f"/meetings/{meeting['id']}/invite")
    paper = {"document_id": incoming["id"]}
    await cast.leader.post(f"/meetings/{meeting['id']}/documents", json=paper)
    await cast.secretary.post(f"/meetings/{meeting['id']}/open-check-in")
    await cast.secretary.post(f"/meetings/{meeting['id']}/open")
    return meeting


async def _turn(socket: Socket, room: str, incoming: dict[str, Any], page: int) -> None:
    await socket.command(room, "page.turn", {"document_id": incoming["id"], "page": page})


async def _turned(socket: Socket) -> tuple[int, int]:
    """Return the position of the next page turn in the room's stream, and the page."""
    event = await socket.event("meeting.page_turned")
    return int(event["q"]), int(event["d"]["page"])
