"""Two peers of a room reach each other through its signalling, asking no outside server."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import aioice.ice
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamTrack
from av import AudioFrame

from tests.realtime.world import PATIENCE, ROOM, Phone, World

OFFER = {"sdp": "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n"}


@pytest.fixture(autouse=True)
def _on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """aioice leaves the loopback address out; tests must not need another one."""
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda **_: ["127.0.0.1"])


@asynccontextmanager
async def peer_connection() -> AsyncGenerator[RTCPeerConnection]:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    peer.addTrack(AudioStreamTrack())
    try:
        yield peer
    finally:
        await peer.close()


def once(peer: RTCPeerConnection, event: str) -> asyncio.Future[Any]:
    happened: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    peer.on(event, happened.set_result)
    return happened


async def tell(phone: Phone, kind: str, to: str, peer: RTCPeerConnection) -> None:
    said = {"to": to, "sdp": peer.localDescription.sdp}
    assert (await phone.ask(t="cmd", i=3, k=kind, s=ROOM, d=said))["t"] == "ok"


async def learn(phone: Phone, kind: str, peer: RTCPeerConnection) -> str:
    word = (await phone.wait_for_kind(kind))["d"]
    session = RTCSessionDescription(word["sdp"], kind.removeprefix("rtc."))
    await peer.setRemoteDescription(session)
    return str(word["from"])


async def answer(phone: Phone, peer: RTCPeerConnection) -> None:
    caller = await learn(phone, "rtc.offer", peer)
    await peer.setLocalDescription(await peer.createAnswer())
    await tell(phone, "rtc.answer", caller, peer)


def in_company(frame: dict[str, Any]) -> bool:
    return frame.get("k") == "room.presence" and frame["d"]["count"] == 2


async def test_two_peers_hear_each_other_and_open_a_data_channel(world: World) -> None:
    caller, callee = await world.listener_in(), await world.phone()
    to = (await callee.hello())["peer"]
    await callee.subscribe()
    arrival = await caller.wait_for(in_company)

    async with peer_connection() as ours, peer_connection() as theirs, asyncio.timeout(PATIENCE):
        channel = ours.createDataChannel("pages")
        incoming, track = once(theirs, "datachannel"), once(ours, "track")
        await ours.setLocalDescription(await ours.createOffer())
        answering = asyncio.create_task(answer(callee, theirs))
        await tell(caller, "rtc.offer", to, ours)
        await learn(caller, "rtc.answer", ours)
        await answering
        echoed = await echo("page 7", channel, await incoming)
        heard: MediaStreamTrack = await track
        samples = await heard.recv()

    assert to in [present["peer"] for present in arrival["d"]["joined"]]
    assert echoed == "page 7"
    assert isinstance(samples, AudioFrame)
    assert samples.sample_rate > 0


async def echo(text: str, channel: Any, far_end: Any) -> str:
    heard: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    channel.on("message", heard.set_result)
    far_end.on("message", far_end.send)
    if channel.readyState != "open":
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        channel.on("open", lambda: opened.set_result(None))
        await opened
    channel.send(text)
    return await heard


async def test_only_the_addressee_hears_a_word(world: World) -> None:
    caller, bystander, callee = (
        await world.listener_in(),
        await world.listener_in(),
        await world.phone(),
    )
    to = (await callee.hello())["peer"]
    await callee.subscribe()

    await caller.ask(t="cmd", i=2, k="rtc.offer", s=ROOM, d={"to": to, **OFFER})
    await world.turn_pages(1)

    word = await callee.wait_for_kind("rtc.offer")
    overheard: list[str] = []
    await bystander.wait_for(lambda frame: keep(frame, overheard) and frame.get("q") == 1)
    assert word["d"]["sdp"] == OFFER["sdp"]
    assert "q" not in word
    assert "rtc.offer" not in overheard


def keep(frame: dict[str, Any], kinds: list[str]) -> bool:
    kinds.append(frame.get("k", frame["t"]))
    return True


async def test_nobody_outside_the_room_is_reached(world: World) -> None:
    caller, outsider = await world.listener_in(), await world.phone()
    to = (await outsider.hello())["peer"]

    await caller.ask(t="cmd", i=2, k="rtc.bye", s=ROOM, d={"to": to})
    await outsider.say(t="ping")

    assert (await outsider.hear())["t"] == "pong"


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        ("rtc.offer", {"to": "p", "sdp": "GET / HTTP/1.1"}, "malformed"),
        ("rtc.offer", {"to": "p", "sdp": "v=0\r\n" + "a" * 40_000}, "malformed"),
        ("rtc.ice", {"to": "p", "candidate": "a\r\nb"}, "malformed"),
        ("rtc.ice", {"to": "p", "candidate": "a", "sdpMLineIndex": "0"}, "malformed"),
        ("rtc.bye", {}, "malformed"),
        ("rtc.takeover", {"to": "p"}, "realtime.unknown_command"),
        ("media.publish", {"sdp": "v=0\r\n" + "a" * 40_000}, "malformed"),
        ("media.publish", {"sdp": "GET / HTTP/1.1"}, "malformed"),
        ("media.publish", {"sdp": "v=0\r\n", "to": "p"}, "malformed"),
        ("media.connect", {}, "malformed"),
        ("media.listen", {"room": "room:other"}, "malformed"),
        ("media.record", {}, "realtime.unknown_command"),
    ],
)
async def test_a_word_of_the_wrong_shape_is_refused(
    world: World, kind: str, data: dict[str, Any], code: str
) -> None:
    phone = await world.listener_in()

    refusal = await phone.ask(t="cmd", i=2, k=kind, s=ROOM, d=data)

    assert (refusal["t"], refusal["code"]) == ("err", code)


@pytest.mark.parametrize("stream", ["room:other", "user:u1"])
@pytest.mark.parametrize(("kind", "data"), [("rtc.bye", {"to": "p"}), ("media.listen", {})])
async def test_words_are_for_rooms_one_is_in(
    world: World, stream: str, kind: str, data: dict[str, Any]
) -> None:
    phone = await world.listener_in("user:u1")

    refusal = await phone.ask(t="cmd", i=2, k=kind, s=stream, d=data)

    assert refusal["code"] == "realtime.not_listening"
