"""Whose voice a room hears: the floor drives the media engine, and phones are told how it stands.

Losing the engine degrades a room and never closes it: `room.media` says `lost`, and `ready` when it
is back; phones then connect anew. Everything else of the room goes on meanwhile.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, assert_never
from uuid import UUID

import structlog
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import override

from core.clock import Clock
from core.ids import new_id
from realtime import signalling
from realtime.channels import Onlooker
from realtime.errors import EngineLost, NoEngine, NotLetIn
from realtime.fanout import Message
from realtime.floor import Speaking
from realtime.frames import Ev
from realtime.gate import Gate
from realtime.hub import Hub
from realtime.media.port import SLOTS, Engine, Floor, Seat
from realtime.media.slots import seated
from realtime.presence import Present

KIND = "room.media"

_log = structlog.get_logger()


class RoomMedia(BaseModel):
    """How a room's media stand (ephemeral `room.media`); without it there is no engine.

    A phone that hears `ready` after `lost` connects anew; what it had is void.
    """

    model_config = ConfigDict(frozen=True)

    engine: str
    state: Literal["ready", "lost"]
    audio: bool
    video: bool
    screen: bool
    data: bool
    records: bool
    slots: list[UUID | None] = Field(description="Whose voice each receive slot carries.")
    sharer: UUID | None = Field(description="Whose screen is passed on.")


@dataclass(slots=True)
class _Room:
    """What is known of a room that media flow in."""

    speaking: Speaking = field(default_factory=Speaking)
    slots: tuple[UUID | None, ...] = (None,) * SLOTS
    told: bytes = b""
    peers: set[Seat] = field(default_factory=set)
    #: Something happened since the floor was last looked at.
    stirred: bool = False
    looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def floor(self) -> Floor:
        speaking = self.speaking
        presents = () if speaking.presenter is None else (speaking.presenter,)
        pointers = frozenset((*speaking.speakers, *presents))
        recording = speaking.recording
        return Floor(self.slots, speaking.hearers, pointers, speaking.presenter, recording)


class Stage(Onlooker):
    """The media of this process's rooms."""

    def __init__(self, engine: Engine, gate: Gate, hub: Hub, clock: Clock, grace: float) -> None:
        self._engine, self._gate, self._hub = engine, gate, hub
        self._clock, self._grace = clock, grace
        self._rooms: dict[str, _Room] = {}
        #: Rooms that the engine knows, though nobody may be connected to it any more.
        self._opened: set[str] = set()
        self._is_ready = False
        hub.watched_by(self)

    async def run(self) -> None:
        """Keep in touch with the engine until cancelled."""
        try:
            await self._engine.run(self._changed)
        finally:
            self._changed(False)
            await self._engine.close()

    @property
    def records(self) -> bool:
        """Whether the engine can record what it passes on."""
        return self._engine.gives.records

    # What phones ask

    async def take(self, seat: Seat, word: signalling.ToEngine) -> dict[str, Any]:
        """Hand a phone's word to the engine, if its official may hear the room now."""
        match word:
            case signalling.Leave():
                await self._leave(seat)
                return {}
            case signalling.Publish() | signalling.Hear() | signalling.Connect():
                room = await self._let_in(seat)
                answer = await self._ask_engine(seat, word)
                await self._engine.set_floor(seat.room, room.floor())
                return answer
            case _:
                raise RuntimeError(type(word).__name__)

    async def _ask_engine(
        self, seat: Seat, word: signalling.Publish | signalling.Hear | signalling.Connect
    ) -> dict[str, Any]:
        match word:
            case signalling.Publish():
                return {"sdp": await self._engine.publish(seat, word.sdp, word.source)}
            case signalling.Hear():
                return {"sdp": await self._engine.listen(seat)}
            case signalling.Connect():
                await self._engine.connect(seat, word.sdp)
                return {}
            case _:
                assert_never(word)

    async def _let_in(self, seat: Seat) -> _Room:
        if not self._engine.gives.audio:
            raise NoEngine
        if not self._is_ready:
            raise EngineLost
        room = self._rooms.setdefault(seat.room, _Room())
        room.peers.add(seat)
        self._opened.add(seat.room)
        await self._look(seat.room, room)
        if seat.who not in room.speaking.hearers:
            await self._leave(seat)
            raise NotLetIn
        return room

    async def _leave(self, seat: Seat) -> None:
        room = self._rooms.get(seat.room)
        if room is None or seat not in room.peers:
            return
        room.peers.discard(seat)
        if not room.peers:
            del self._rooms[seat.room]
        await self._engine.leave(seat)

    # What happens

    @override
    def greeting(self, stream: str) -> Message | None:
        """See `Onlooker.greeting`."""
        if not self._engine.gives.audio:
            return None
        return Message(self._event(stream, self._state(self._rooms.get(stream) or _Room())))

    @override
    def left(self, stream: str, present: Present) -> None:
        """See `Onlooker.left`: a phone that is back within a moment goes on hearing."""
        if stream in self._opened:
            self._hub.start(self._leave_unless_back(Seat(stream, present.peer, present.who)))

    async def _leave_unless_back(self, seat: Seat) -> None:
        await asyncio.sleep(self._grace)
        if not self._hub.is_in(seat.peer, seat.room):
            await self._leave(seat)
            await self._abandon_if_empty(seat.room)

    async def _abandon_if_empty(self, stream: str) -> None:
        """Let the engine forget a room that nobody is in, on any node, or may yet come back to."""
        if stream in self._rooms or self._hub.presence.here(stream).count:
            return
        if stream in self._opened:
            self._opened.discard(stream)
            with suppress(EngineLost):  # then it has forgotten the room by itself
                await self._engine.set_floor(stream, Floor())

    @override
    def happened(self, stream: str) -> None:
        """See `Onlooker.happened`: the floor may be another one now."""
        room = self._rooms.get(stream)
        if room is not None and not room.stirred:
            room.stirred = True
            self._hub.start(self._look_safely(stream, room))

    def _changed(self, is_ready: bool) -> None:  # noqa: FBT001 - the port's callback
        if is_ready == self._is_ready:
            return
        self._is_ready = is_ready
        _log.info("media.engine", engine=self._engine.gives.name, ready=is_ready)
        for stream in self._hub.presence.rooms:
            self._tell(stream, self._rooms.get(stream) or _Room())

    # The floor

    async def _look_safely(self, stream: str, room: _Room) -> None:
        try:
            await self._look(stream, room)
        except Exception as error:  # noqa: BLE001 the next event looks again
            _log.error("media.floor_failed", stream=stream, error=type(error).__name__)

    async def _look(self, stream: str, room: _Room) -> None:
        """Ask how the floor stands, and let the engine keep to it."""
        async with room.looking:
            room.stirred = False
            speaking = await self._gate.floor(stream)
            if speaking != room.speaking:
                before = room.speaking, room.slots
                room.speaking, room.slots = speaking, seated(room.slots, speaking.speakers)
                try:
                    await self._engine.set_floor(stream, room.floor())
                except BaseException:
                    # Else the next look would see no change, and the engine keep the old floor.
                    room.speaking, room.slots = before
                    raise
        self._tell(stream, room)

    def _tell(self, stream: str, room: _Room) -> None:
        state = self._state(room)
        said = state.model_dump_json().encode()
        if said != room.told:
            room.told = said
            self._hub.tell_here(stream, self._event(stream, state))

    def _state(self, room: _Room) -> RoomMedia:
        gives, floor = self._engine.gives, room.floor()
        return RoomMedia(
            engine=gives.name,
            state="ready" if self._is_ready else "lost",
            audio=gives.audio,
            video=gives.video,
            screen=gives.screen,
            data=gives.data,
            records=gives.records,
            slots=list(floor.slots),
            sharer=floor.sharer if gives.screen else None,
        )

    def _event(self, stream: str, state: RoomMedia) -> bytes:
        body = state.model_dump(mode="json")
        return Ev(s=stream, id=new_id(), k=KIND, at=self._clock(), d=body).encode()
