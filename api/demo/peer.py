"""Two WebRTC peers that find each other through a room's signalling (audio and data channel)."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import aioice.ice
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack

from api.demo.socket import PATIENCE, Socket


def use_address(address: str) -> None:
    """Offer one address only; aioice leaves the loopback address out by itself."""
    aioice.ice.get_host_addresses = lambda **_: [address]


async def meet(caller: Socket, callee: Socket, room: str) -> tuple[str, int]:
    """Connect two peers; return what the data channel echoed and the audio samples heard."""
    async with _peer() as ours, _peer() as theirs, asyncio.timeout(PATIENCE):
        channel = ours.createDataChannel("pages")
        incoming, track = _once(theirs, "datachannel"), _once(theirs, "track")
        answering = asyncio.create_task(_answer(callee, theirs, room))
        await ours.setLocalDescription(await ours.createOffer())
        await _tell(caller, room, "rtc.offer", callee.peer, ours)
        await _learn(caller, "rtc.answer", ours)
        await answering
        echoed = await _echo("trang 7", channel, await incoming)
        frame = await (await track).recv()
        return echoed, int(frame.samples)


@asynccontextmanager
async def _peer() -> AsyncGenerator[RTCPeerConnection]:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))  # no outside server is asked
    peer.addTrack(AudioStreamTrack())
    try:
        yield peer
    finally:
        await peer.close()


def _once(peer: RTCPeerConnection, event: str) -> asyncio.Future[Any]:
    happened: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    peer.on(event, happened.set_result)
    return happened


async def _tell(socket: Socket, room: str, kind: str, to: str, peer: RTCPeerConnection) -> None:
    await socket.command(room, kind, {"to": to, "sdp": peer.localDescription.sdp})


async def _learn(socket: Socket, kind: str, peer: RTCPeerConnection) -> str:
    said = (await socket.event(kind))["d"]
    await peer.setRemoteDescription(RTCSessionDescription(said["sdp"], kind.removeprefix("rtc.")))
    return str(said["from"])


async def _answer(socket: Socket, peer: RTCPeerConnection, room: str) -> None:
    caller = await _learn(socket, "rtc.offer", peer)
    await peer.setLocalDescription(await peer.createAnswer())
    await _tell(socket, room, "rtc.answer", caller, peer)


async def _echo(text: str, channel: Any, far_end: Any) -> str:
    heard: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    channel.on("message", heard.set_result)
    far_end.on("message", far_end.send)
    if channel.readyState != "open":
        opened = asyncio.Event()
        channel.on("open", opened.set)
        await opened.wait()
    channel.send(text)
    return await heard
