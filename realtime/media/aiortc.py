"""The embedded engine: Opus packets forwarded inside this process, never decoded or encoded again.

aiortc has no public way to encoded packets, so four of its private names are used. pyproject.toml
pins the minor version; importing this module fails when a method is gone, the contract suite when a
value means something else.
"""

import asyncio
import struct
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import aioice.ice
import structlog
from aiortc import (
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpSender,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.codecs import get_capabilities
from aiortc.exceptions import InvalidStateError
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import RtpPacket
from aiortc.sdp import SessionDescription
from typing_extensions import override

from core.pace import Pace
from realtime.errors import BadDescription, NotConnecting
from realtime.media.descriptions import checked
from realtime.media.port import SLOTS, Changed, Engine, Floor, Gives, Seat, Source
from realtime.media.recording import Recorder
from realtime.media.slots import CLOCK_RATE, Splice

_HEAR, _STREAMS, _SSRC = "_handle_rtp_packet", "_RTCRtpReceiver__remote_streams", "_ssrc"
PRIVATE = (
    (RTCRtpReceiver, _HEAR),
    (RTCDtlsTransport, "_send_rtp"),
)
if not all(hasattr(owner, name) for owner, name in PRIVATE):
    raise ImportError("this aiortc has other private names; pin the version that has them")

#: Opus at its shortest packets (10 ms), with room for a burst; more is dropped, not multiplied.
PACKETS, LARGEST = Pace(50, 120), 1400
WORDS, LONGEST_WORD, WAITING = Pace(30, 30), 1024, 64 * 1024
#: How long a phone may take to connect once it was answered, in seconds.
PATIENCE = 30.0
CHANNEL = "room"
#: No outside server is asked.
_CONFIGURATION = RTCConfiguration(iceServers=[])
_OPUS = [codec for codec in get_capabilities("audio").codecs
         if codec.mimeType == "audio/opus"]  # fmt: skip
_RTP_VERSION, _MARKER = 0x80, 0x80

_log = structlog.get_logger()


class _Silence(MediaStreamTrack):
    """A track that never has anything: what a slot carries is written beside it."""

    kind = "audio"

    @override
    async def recv(self) -> Any:
        return await asyncio.get_running_loop().create_future()


class _Connection:
    """One peer connection of a phone; it ends itself when the phone does not come or is gone."""

    def __init__(self, who: UUID, ended: Callable[[], None]) -> None:
        self.who = who
        self.pc = RTCPeerConnection(_CONFIGURATION)
        self.pc.on("connectionstatechange", self._look)
        self._ended = ended
        self._late = asyncio.get_running_loop().call_later(PATIENCE, self._look, True)

    def _look(self, is_late: bool = False) -> None:  # noqa: FBT001, FBT002 - of a timer
        state = self.pc.connectionState
        if state in {"failed", "closed"} or (is_late and state != "connected"):
            self._ended()

    async def apply(self, kind: str, sdp: str) -> None:
        try:
            await self.pc.setRemoteDescription(RTCSessionDescription(sdp, kind))
        except Exception as error:  # whatever a foreign description makes aiortc stumble over
            raise BadDescription from error

    async def close(self) -> None:
        self._late.cancel()
        await self.pc.close()


class _Publisher(_Connection):
    """What one official sends."""

    def __init__(self, who: UUID, ended: Callable[[], None], forward: "_Forward") -> None:
        super().__init__(who, ended)
        self._forward = forward
        self._full_at = 0.0

    async def answer(self, offer: str) -> str:
        audio = self.pc.addTransceiver("audio", direction="recvonly")
        audio.setCodecPreferences(_OPUS)
        await self.apply("offer", offer)
        if audio.mid is None:
            raise BadDescription(media="none")
        setattr(audio.receiver, _HEAR, self._tap(audio.receiver))
        await self.pc.setLocalDescription(await self.pc.createAnswer())
        return str(self.pc.localDescription.sdp)

    def _tap(self, receiver: RTCRtpReceiver) -> Callable[..., Awaitable[None]]:
        """Take packets in the decoder's stead; the statistics behind RTCP reports stay."""
        streams: dict[int, StreamStatistics] = getattr(receiver, _STREAMS)

        async def heard(packet: RtpPacket, arrival_time_ms: int) -> None:  # noqa: ARG001 theirs
            if packet.ssrc not in streams:
                streams.clear()  # a phone sends one voice; numbers made up must not pile up
                streams[packet.ssrc] = StreamStatistics(CLOCK_RATE)
            streams[packet.ssrc].add(packet)
            now = time.monotonic()
            if 0 < len(packet.payload) <= LARGEST and not PACKETS.wait(self._full_at, now):
                self._full_at = PACKETS.taken(self._full_at, now)
                await self._forward(self, packet, now)

        return heard


_Forward = Callable[[_Publisher, RtpPacket, float], Awaitable[None]]


class _Leg:
    """One receive slot of one listener."""

    def __init__(self, transceiver: RTCRtpTransceiver) -> None:
        self.splice = Splice()
        self._sender: RTCRtpSender = transceiver.sender
        self.mid = transceiver.mid
        #: Its opus payload type in the phone's answer; None: the phone does not want the slot.
        self.payload_type: int | None = None

    async def send(self, publisher: _Publisher, packet: RtpPacket, at: float) -> None:
        transport = self._sender.transport
        if self.payload_type is None or transport.state != "connected":
            return
        source = (publisher, packet.ssrc)
        out = self.splice.numbers(source, packet.sequence_number, packet.timestamp, at)
        if out is None:
            return
        marker = _MARKER if packet.marker or out.begins else 0
        header = struct.pack("!BBHII", _RTP_VERSION, marker | self.payload_type, out.seq, out.time,
                             getattr(self._sender, _SSRC))  # fmt: skip
        with suppress(ConnectionError):  # it went meanwhile
            await transport._send_rtp(header + packet.payload)  # noqa: SLF001 - see PRIVATE


class _Listener(_Connection):
    """What one phone receives: `SLOTS` voices, and words over a data channel both ways."""

    def __init__(self, who: UUID, ended: Callable[[], None], spread: "_Spread") -> None:
        super().__init__(who, ended)
        self.legs: list[_Leg] = []
        self.channel: RTCDataChannel = self.pc.createDataChannel(
            CHANNEL, ordered=False, maxRetransmits=0
        )
        self.channel.on("message", lambda said: self._hear(said, spread))
        self._full_at = 0.0

    async def offer(self) -> str:
        transceivers = [
            self.pc.addTransceiver(_Silence(), direction="sendonly") for _ in range(SLOTS)
        ]
        for each in transceivers:
            each.setCodecPreferences(_OPUS)
        await self.pc.setLocalDescription(await self.pc.createOffer())
        self.legs = [_Leg(each) for each in transceivers]
        return str(self.pc.localDescription.sdp)

    async def connect(self, answer: str) -> None:
        if self.pc.signalingState != "have-local-offer":
            raise NotConnecting
        await self.apply("answer", answer)
        media = SessionDescription.parse(answer).media
        wanted = {each.rtp.muxId: each for each in media if each.direction == "recvonly"}
        for leg in self.legs:
            codecs = wanted[leg.mid].rtp.codecs if leg.mid in wanted else []
            opus = (each.payloadType for each in codecs if each.mimeType == "audio/opus")
            leg.payload_type = next(opus, None)

    def _hear(self, said: str | bytes, spread: "_Spread") -> None:
        now = time.monotonic()
        if isinstance(said, str) and len(said) <= LONGEST_WORD and not WORDS.wait(
            self._full_at, now
        ):  # fmt: skip
            self._full_at = WORDS.taken(self._full_at, now)
            spread(self, said)

    def tell(self, said: str) -> None:
        """Pass a word on, or drop it: a slow phone must not make it wait for the others."""
        if self.channel.readyState == "open" and self.channel.bufferedAmount < WAITING:
            with suppress(InvalidStateError):
                self.channel.send(said)


_Spread = Callable[[_Listener, str], None]


class _Room:
    """Who sends and who receives in one room."""

    def __init__(self, recorder: Recorder | None) -> None:
        self.recorder = recorder
        self.floor = Floor()
        self.publishers: dict[UUID, _Publisher] = {}
        self.sends_from: dict[UUID, str] = {}
        self.listeners: dict[str, _Listener] = {}

    async def forward(self, publisher: _Publisher, packet: RtpPacket, at: float) -> None:
        who, floor = publisher.who, self.floor
        if who not in floor.slots:
            return
        slot = floor.slots.index(who)
        if self.recorder is not None:
            source = (publisher, packet.ssrc)
            self.recorder.take(who, source, packet.payload, packet.timestamp)
        for each in tuple(self.listeners.values()):
            if each.legs and each.who != who and each.who in floor.hearers:
                await each.legs[slot].send(publisher, packet, at)

    def set_floor(self, floor: Floor) -> None:
        self.floor = floor
        if self.recorder is not None:
            self.recorder.follow(floor.recording, floor.slots)

    def spread(self, speaker: _Listener, said: str) -> None:
        if speaker.who not in self.floor.pointers:
            return
        for each in tuple(self.listeners.values()):
            if each is not speaker and each.who in self.floor.hearers:
                each.tell(said)


class AiortcEngine(Engine):
    """Forwards raw RTP between the phones of this process's rooms.

    Args:
        address: the one that it binds and offers.
        recordings: where it writes what it is to record; None: it cannot.
    """

    def __init__(self, address: str, recordings: Path | None = None) -> None:
        #: aioice offers every address it finds, but never the loopback one: it is told the one.
        aioice.ice.get_host_addresses = lambda **_: [address]
        self._recordings = recordings
        self._rooms: dict[str, _Room] = {}
        self._closing: set[asyncio.Task[None]] = set()

    @property
    @override
    def gives(self) -> Gives:
        return Gives("aiortc", audio=True, data=True, records=self._recordings is not None)

    @override
    async def run(self, changed: Changed) -> None:
        changed(True)
        await asyncio.get_running_loop().create_future()

    @override
    async def publish(self, seat: Seat, offer: str, source: Source) -> str:
        if source is not Source.VOICE:
            raise BadDescription(media=source)
        room = self._room(seat.room)
        description = checked(offer, ("audio", "application"))
        one = _Publisher(seat.who, lambda: self._stop_publishing(seat.room, one), room.forward)
        older = room.publishers.get(seat.who)
        room.publishers[seat.who], room.sends_from[seat.who] = one, seat.peer
        self._end(seat.room, older)
        try:
            return await one.answer(description)
        except BadDescription:
            self._stop_publishing(seat.room, one)
            raise

    def _room(self, name: str) -> _Room:
        if name not in self._rooms:
            recorder = None if self._recordings is None else Recorder(self._recordings)
            self._rooms[name] = _Room(recorder)
        return self._rooms[name]

    @override
    async def listen(self, seat: Seat) -> str:
        room = self._room(seat.room)
        one = _Listener(seat.who, lambda: self._stop_listening(seat, one), room.spread)
        older = room.listeners.get(seat.peer)
        room.listeners[seat.peer] = one
        self._end(seat.room, older)
        return await one.offer()

    @override
    async def connect(self, seat: Seat, answer: str) -> None:
        room = self._rooms.get(seat.room)
        one = room.listeners.get(seat.peer) if room else None
        if one is None:
            raise NotConnecting
        await one.connect(checked(answer, ("audio",) * SLOTS + ("application",)))

    @override
    async def set_floor(self, room: str, floor: Floor) -> None:
        found = self._rooms.get(room)
        if found is not None:
            found.set_floor(floor)

    @override
    async def leave(self, seat: Seat) -> None:
        room = self._rooms.get(seat.room)
        if room is None:
            return
        self._stop_listening(seat, room.listeners.get(seat.peer))
        if room.sends_from.get(seat.who) == seat.peer:
            self._stop_publishing(seat.room, room.publishers.get(seat.who))

    @override
    async def close(self) -> None:
        for name, room in tuple(self._rooms.items()):
            for peer, listener in tuple(room.listeners.items()):
                self._stop_listening(Seat(name, peer, listener.who), listener)
            for publisher in tuple(room.publishers.values()):
                self._stop_publishing(name, publisher)
        await asyncio.gather(*self._closing)

    def _stop_publishing(self, name: str, one: _Publisher | None) -> None:
        room = self._rooms.get(name)
        if one is None or room is None or room.publishers.get(one.who) is not one:
            return
        del room.publishers[one.who], room.sends_from[one.who]
        self._end(name, one)

    def _stop_listening(self, seat: Seat, one: _Listener | None) -> None:
        room = self._rooms.get(seat.room)
        if one is None or room is None or room.listeners.get(seat.peer) is not one:
            return
        del room.listeners[seat.peer]
        self._end(seat.room, one)

    def _end(self, name: str, one: _Connection | None) -> None:
        if one is None:
            return
        room = self._rooms[name]
        if not room.listeners and not room.publishers:
            room.set_floor(Floor())
            del self._rooms[name]
        task = asyncio.create_task(self._close(one))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _close(self, one: _Connection) -> None:
        try:
            await one.close()
        except Exception as error:  # noqa: BLE001 - it is gone either way
            _log.warning("media.close_failed", error=type(error).__name__)
