"""Real WebRTC phones (aiortc) that call a room's media engine over the room's own socket."""

import asyncio
import fractions
import math
import time
from array import array
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import aioice.ice
from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamTrack, VideoStreamTrack
from av import AudioFrame, VideoFrame
from typing_extensions import override

RATE, SAMPLES = 48_000, 960
PATIENCE = 40
#: Of the decoder's clock: how far a heard pitch may be off.
TOLERANCE = 0.05
#: Without MAX_BUNDLE aiortc leaves a second picture on a transport that nobody uses.
CONFIGURATION = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
Ask = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]


@asynccontextmanager
async def offering(address: str) -> AsyncGenerator[None]:
    """Let aiortc offer one address only; by itself it leaves the loopback one out."""
    before = aioice.ice.get_host_addresses
    aioice.ice.get_host_addresses = lambda **_: [address]
    try:
        yield
    finally:
        aioice.ice.get_host_addresses = before


class Tone(MediaStreamTrack):
    """A voice that can be told from others: a sine of so many Hertz, 20 ms at a time."""

    kind = "audio"

    def __init__(self, pitch: int) -> None:
        super().__init__()
        self._pitch, self._count, self._began = pitch, 0, time.monotonic()

    @override
    async def recv(self) -> AudioFrame:
        first = self._count * SAMPLES
        await asyncio.sleep(self._began + first / RATE - time.monotonic())
        wave = array("h", (self._at(first + n) for n in range(SAMPLES)))
        frame = AudioFrame(format="s16", layout="mono", samples=SAMPLES)
        frame.planes[0].update(wave.tobytes())
        frame.sample_rate, frame.pts = RATE, first
        frame.time_base = fractions.Fraction(1, RATE)
        self._count += 1
        return frame

    def _at(self, sample: int) -> int:
        return int(8000 * math.sin(2 * math.pi * self._pitch * sample / RATE))


class Picture(VideoStreamTrack):
    """A small grey picture, again and again."""

    @override
    async def recv(self) -> VideoFrame:
        frame = VideoFrame(160, 120, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes([128]) * plane.buffer_size)
        frame.pts, frame.time_base = await self.next_timestamp()
        return frame


def pitch_of(frames: list[AudioFrame]) -> float:
    """Return how many Hertz were heard, by counting where the wave rises through zero."""
    wave = array("h")
    for frame in frames:
        channels = len(frame.layout.channels)
        samples = array("h", bytes(frame.planes[0])[: 2 * channels * frame.samples])
        wave.extend(samples[::channels])
    rises = sum(before < 0 <= after for before, after in pairwise(wave))
    return rises * RATE / max(1, len(wave))


class Call:
    """One phone's side of the engine: what it sends, and its receive slots."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._open: list[RTCPeerConnection] = []
        self.sending: RTCPeerConnection | None = None
        self.receivers: list[RTCRtpReceiver] = []
        self.pictures: list[RTCRtpReceiver] = []
        self.words: asyncio.Queue[str] = asyncio.Queue()
        self.channel: Any = None

    def _connection(self) -> RTCPeerConnection:
        pc = RTCPeerConnection(CONFIGURATION)
        self._open.append(pc)
        return pc

    async def publish(self, pitch: int) -> dict[str, Any]:
        """Send a tone, and wait until it gets through to the engine."""
        return await self.send(Tone(pitch))

    async def send(self, voice: MediaStreamTrack) -> dict[str, Any]:
        """Send a voice, and wait until it gets through to the engine."""
        pc = self.sending = self._connection()
        pc.addTrack(voice)
        await pc.setLocalDescription(await pc.createOffer())
        answer = await self._ask("media.publish", {"sdp": pc.localDescription.sdp})
        await pc.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))
        await connected(pc)
        return answer

    async def share(self, source: str) -> None:
        """Send a picture: a screen, or with `voice` a camera."""
        pc = self._connection()
        pc.addTrack(Picture())
        await pc.setLocalDescription(await pc.createOffer())
        said = {"sdp": pc.localDescription.sdp, "source": source}
        answer = await self._ask("media.publish", said)
        await pc.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))
        await connected(pc)

    async def listen(self) -> None:
        """Take up the receive slots, and wait until they are connected."""
        pc = self._connection()
        pc.on("datachannel", self._open_channel)
        offer = await self._ask("media.listen", {})
        await pc.setRemoteDescription(RTCSessionDescription(offer["sdp"], "offer"))
        await pc.setLocalDescription(await pc.createAnswer())
        of_kind = {"audio": self.receivers, "video": self.pictures}
        for receivers in of_kind.values():
            receivers.clear()
        for each in pc.getTransceivers():
            of_kind[each.kind].append(each.receiver)
        await self._ask("media.connect", {"sdp": pc.localDescription.sdp})
        await connected(pc)

    def _open_channel(self, channel: Any) -> None:
        self.channel = channel
        channel.on("message", self.words.put_nowait)

    async def hears(self, pitch: int, slot: int = 0) -> None:
        """Wait until the slot sounds with a pitch."""
        track, frames = self.receivers[slot].track, list[AudioFrame]()
        async with asyncio.timeout(PATIENCE):
            while len(frames) < 5 or abs(pitch_of(frames) / pitch - 1) > TOLERANCE:
                heard = await track.recv()
                assert isinstance(heard, AudioFrame)
                frames = [*frames[-4:], heard]

    async def sees(self, picture: int) -> None:
        """Wait until a picture comes in whole."""
        async with asyncio.timeout(PATIENCE):
            assert isinstance(await self.pictures[picture].track.recv(), VideoFrame)

    async def seen(self) -> list[bool]:
        """Say of which pictures anything has come in."""
        return [await packets(each, "inbound-rtp", "packetsReceived") > 0 for each in self.pictures]

    async def heard(self) -> list[int]:
        """Return how many packets have come in, by slot."""
        return [await packets(each, "inbound-rtp", "packetsReceived") for each in self.receivers]

    async def sent(self, more: int) -> None:
        """Wait until so many packets more have gone out."""
        if self.sending is None:
            raise RuntimeError("nothing is sent")
        (sender,) = self.sending.getSenders()
        goal = more + await packets(sender, "outbound-rtp", "packetsSent")
        async with asyncio.timeout(PATIENCE):
            while await packets(sender, "outbound-rtp", "packetsSent") < goal:  # noqa: ASYNC110
                await asyncio.sleep(SAMPLES / RATE)  # nothing tells of a packet that went out

    async def close(self) -> None:
        """Hang up without a word."""
        await asyncio.gather(*(each.close() for each in self._open))


async def packets(counted: Any, kind: str, name: str) -> int:
    """Return how many packets WebRTC's own statistics count."""
    report = await counted.getStats()
    return sum(getattr(one, name) for one in report.values() if one.type == kind)


async def connected(pc: RTCPeerConnection) -> None:
    """Wait until a connection stands."""
    stands = asyncio.get_running_loop().create_future()

    def look() -> None:
        if not stands.done() and pc.connectionState in {"connected", "failed", "closed"}:
            stands.set_result(pc.connectionState)

    pc.on("connectionstatechange", look)
    look()
    async with asyncio.timeout(PATIENCE):
        if await stands != "connected":
            raise ConnectionError(pc.connectionState)
