"""The scaled engine: Janus's VideoRoom, told over its WebSocket API what our floor decides.

A phone never speaks to that API. Each phone has one handle to send (a publisher) and one to hear (a
subscriber) whose slots stand from the start on the room's dummy publisher; whoever gets the floor
is switched into a slot, which needs no new description. Tried with Debian's 1.1.2.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from typing_extensions import override

from realtime.errors import BadDescription, EngineLost, NotConnecting
from realtime.media.descriptions import checked
from realtime.media.janus_rooms import (
    AUDIO,
    LEGS,
    SENDS,
    VIDEO,
    Address,
    Feed,
    Listener,
    Publisher,
    Room,
    number_of,
)
from realtime.media.janus_wire import Json, Refusal, Session
from realtime.media.port import Changed, Engine, Floor, Gives, Seat, Source, name_of

#: Most of a meeting may be connected to send, since the floor changes without a description.
MOST_PUBLISHERS, BITRATE = 1000, 1_500_000
#: Between tries to reach Janus, in seconds.
PAUSES = (0.2, 0.5, 1.0, 2.0)
_NO_ROOM, _EXISTS, _ID_TAKEN = 426, 427, 436
#: How our rooms are described in Janus: by our own name for them.
OURS = "room:"

_log = structlog.get_logger()


def _make_for_both(folder: Path) -> None:
    """Make a folder that Janus, of the same group, writes to; whatever the umask says."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o2770)


class JanusEngine(Engine):
    """Drives a Janus server."""

    def __init__(
        self, address: Address, recordings: Path | None = None, *, is_alone: bool = True
    ) -> None:
        """Drive a Janus.

        Args:
            address: where it is, and what it is told.
            recordings: a folder that it reaches too, for what it is to record; None: it cannot.
            is_alone: no other node drives it; rooms that one of us left behind are nobody's then.
        """
        self._address, self._recordings, self._is_alone = address, recordings, is_alone
        self._session: Session | None = None
        self._rooms: dict[str, Room] = {}
        self._opening = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._control = 0

    @property
    @override
    def gives(self) -> Gives:
        records = self._recordings is not None
        return Gives("janus", audio=True, video=True, screen=True, records=records)

    # Keeping in touch

    @override
    async def run(self, changed: Changed) -> None:
        tries = 0
        while True:
            try:
                async with Session.opened(
                    self._address.url, self._address.api_secret, self._address.trust
                ) as session:

                    async def ready(session: Session = session) -> None:
                        nonlocal tries
                        self._control = await session.attach(lambda _: None)
                        self._session, tries = session, 0
                        if self._is_alone:
                            await self._sweep()
                        changed(True)

                    await session.run(ready)
            except (EngineLost, ExceptionGroup) as error:
                _log.info("media.janus_away", error=type(error).__name__)
            finally:
                self._session = None
                self._rooms.clear()
                changed(False)
            await asyncio.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
            tries += 1

    def _reached(self) -> Session:
        if self._session is None:
            raise EngineLost
        return self._session

    async def _ask(self, handle: int, body: Json, jsep: Json | None = None) -> Json:
        try:
            return await self._reached().request(handle, body, jsep)
        except Refusal as error:
            _log.warning("media.janus_refused", request=body["request"], code=error.code)
            raise EngineLost from error

    async def _sweep(self) -> None:
        """Let go of the rooms that a killed server left: whoever was in them connects anew."""
        asked = {"request": "list", "admin_key": self._address.key}
        for room in (await self._ask(self._control, asked))["list"]:
            if str(room.get("description", "")).startswith(OURS):
                await self._destroy(Room(room["description"], {}))

    async def _room(self, name: str) -> Room:
        async with self._opening:
            if name not in self._rooms:
                self._rooms[name] = Room(name, await self._open_room(name))
            return self._rooms[name]

    async def _open_room(self, name: str) -> dict[str, Feed]:
        """Make the room if it is not there, and return the streams of its dummy publisher."""
        number, word = number_of(name), self._address.word
        create = {
            "request": "create", "room": number, "description": name,
            "admin_key": self._address.key, "permanent": False,
            "is_private": True, "secret": word(name, "secret"), "pin": word(name, "pin"),
            "publishers": MOST_PUBLISHERS, "bitrate": BITRATE, "bitrate_cap": True,
            "audiocodec": "opus", "videocodec": "vp8", "fir_freq": 10, "dummy_publisher": True,
            "audiolevel_event": False, "lock_record": True,
        }  # fmt: skip
        try:
            await self._reached().request(self._control, create)
        except Refusal as error:
            if error.code != _EXISTS:  # another node made it
                raise EngineLost from error
        listed = await self._ask(self._control, {"request": "listparticipants", "room": number})
        dummy = next(one for one in listed["participants"] if one.get("dummy"))
        return {AUDIO: (dummy["id"], "0"), VIDEO: (dummy["id"], "1")}

    # What phones ask

    @override
    async def publish(self, seat: Seat, offer: str, source: Source) -> str:
        description = checked(offer, SENDS[source])
        return await self._within(
            seat.room, lambda room: self._publish(room, seat, description, source)
        )

    async def _within(self, name: str, work: Callable[[Room], Awaitable[str]]) -> str:
        """Do something in a room; once more in a new one, if another node has let it go."""
        room = await self._room(name)
        try:
            return await work(room)
        except EngineLost as error:
            refusal = error.__cause__
            if not (isinstance(refusal, Refusal) and refusal.code == _NO_ROOM):
                raise
        if self._rooms.get(name) is room:
            del self._rooms[name]
        return await work(await self._room(name))

    async def _publish(self, room: Room, seat: Seat, description: str, source: Source) -> str:
        await self._stop_publishing(room, (seat.who, source))
        feed = number_of(f"{seat.who} {source}")
        one = Publisher(0, feed, seat.peer)
        one.handle = await self._reached().attach(
            lambda said: self._hear_publisher(room, one, said)
        )
        room.publishers[seat.who, source] = one
        try:
            await self._join(room, one)
            answer = await self._ask(
                one.handle, {"request": "configure"}, {"type": "offer", "sdp": description}
            )
            one.mids = {each["type"]: each["mid"] for each in answer["streams"]}
            await self._reached().end_of_candidates(one.handle)
            return str(answer["sdp"])
        except Exception:
            await self._stop_publishing(room, (seat.who, source))
            raise

    async def _join(self, room: Room, one: Publisher) -> None:
        word, number = self._address.word, number_of(room.name)
        join = {"request": "join", "ptype": "publisher", "room": number, "id": one.feed,
                "pin": word(room.name, "pin")}  # fmt: skip
        try:
            await self._reached().request(one.handle, join)
        except Refusal as error:
            if error.code != _ID_TAKEN:
                raise EngineLost from error
            secret = word(room.name, "secret")  # the same official, over another node
            kick = {"request": "kick", "room": number, "id": one.feed, "secret": secret}
            await self._ask(self._control, kick)
            await self._ask(one.handle, join)

    @override
    async def listen(self, seat: Seat) -> str:
        return await self._within(seat.room, lambda room: self._listen(room, seat))

    async def _listen(self, room: Room, seat: Seat) -> str:
        await self._stop_listening(room, seat.peer)
        one = Listener(0, seat.who, [room.dummy[kind] for kind in LEGS])
        one.handle = await self._reached().attach(
            lambda said: self._hear_listener(room, seat.peer, one, said)
        )
        room.listeners[seat.peer] = one
        slots = [{"feed": feed, "mid": mid} for feed, mid in one.now]
        join = {"request": "join", "ptype": "subscriber", "room": number_of(room.name),
                "pin": self._address.word(room.name, "pin"), "streams": slots,
                "autoupdate": False}  # fmt: skip
        try:
            return str((await self._ask(one.handle, join))["sdp"])
        except Exception:
            await self._stop_listening(room, seat.peer)
            raise

    @override
    async def connect(self, seat: Seat, answer: str) -> None:
        room = self._rooms.get(seat.room)
        one = room.listeners.get(seat.peer) if room else None
        if one is None or one.answer:
            raise NotConnecting
        one.answer = checked(answer, LEGS)
        await self._start(one)
        await self._reached().end_of_candidates(one.handle)

    async def _start(self, one: Listener) -> None:
        """Give the phone's answer, and again where Janus asks again: nothing has changed in it."""
        await self._ask(one.handle, {"request": "start"}, {"type": "answer", "sdp": one.answer})

    @override
    async def set_floor(self, room: str, floor: Floor) -> None:
        found = self._rooms.get(room)
        if found is None:
            return
        found.floor = floor
        await self._switch(found)
        await self._record(found)
        if not floor.hearers:  # the meeting is over
            await self._destroy(found)

    async def _switch(self, room: Room) -> None:
        """Put into every listener's slots what they should carry."""
        async with room.switching:
            listeners = [one for one in room.listeners.values() if one.answer]
            await asyncio.gather(*(self._switch_one(room, one) for one in listeners))

    async def _switch_one(self, room: Room, one: Listener) -> None:
        wanted = room.wanted(one)
        changes = [
            {"feed": feed, "mid": mid, "sub_mid": str(leg)}
            for leg, (feed, mid) in enumerate(wanted)
            if one.now[leg] != (feed, mid)
        ]
        if not changes:
            return
        try:
            body = {"request": "switch", "streams": changes}
            answer = await self._reached().request(one.handle, body)
        except Refusal as error:  # a publisher went meanwhile; what Janus says of it comes next
            _log.info("media.janus_not_switched", code=error.code)
            return
        one.now = wanted
        if "sdp" in answer:  # a publisher had gone: Janus had closed the slot, and opens it again
            await self._start(one)

    async def _record(self, room: Room) -> None:
        """Have Janus write what is passed on, and no more: each turn of each source in a file."""
        if self._recordings is None:
            return
        async with room.recording:
            for key, one in tuple(room.publishers.items()):
                if room.publishers.get(key) is one:  # else it went while another was looked at
                    await self._record_one(room, key, one)

    async def _record_one(self, room: Room, key: tuple[UUID, Source], one: Publisher) -> None:
        wanted = room.recorded(key)
        if wanted == one.recording:
            return
        if one.recording is not None:
            await self._configure(room, one, {"record": False})
        if wanted is not None and self._recordings is not None:
            folder = self._recordings / str(wanted)
            await asyncio.to_thread(_make_for_both, folder)
            name = str(folder / name_of(*key))
            await self._configure(room, one, {"record": True, "filename": name})
        one.recording = wanted

    async def _configure(self, room: Room, one: Publisher, wanted: Json) -> None:
        secret = self._address.word(room.name, "secret")
        await self._ask(one.handle, {"request": "configure", "secret": secret, **wanted})

    @override
    async def leave(self, seat: Seat) -> None:
        room = self._rooms.get(seat.room)
        if room is None:
            return
        with suppress(EngineLost):
            await self._stop_listening(room, seat.peer)
            for key, one in tuple(room.publishers.items()):
                if key[0] == seat.who and one.peer == seat.peer:
                    await self._stop_publishing(room, key)

    async def _stop_listening(self, room: Room, peer: str) -> None:
        one = room.listeners.pop(peer, None)
        if one is not None:
            await self._reached().detach(one.handle)

    async def _stop_publishing(self, room: Room, key: tuple[UUID, Source]) -> None:
        one = room.publishers.pop(key, None)
        if one is not None:
            await self._switch(room)  # first: a slot whose publisher goes would need a description
            await self._reached().detach(one.handle)

    async def _destroy(self, room: Room) -> None:
        self._rooms.pop(room.name, None)
        word = {"secret": self._address.word(room.name, "secret")}
        body = {"request": "destroy", "room": number_of(room.name), **word}
        with suppress(Refusal):  # another node was first
            await self._reached().request(self._control, body)
        publishing = [one.handle for one in room.publishers.values()]
        for handle in (*publishing, *(one.handle for one in room.listeners.values())):
            await self._reached().detach(handle)

    @override
    async def close(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()

    # What Janus says unasked

    def _hear_publisher(self, room: Room, one: Publisher, said: Json) -> None:
        match said["janus"]:
            case "webrtcup":
                one.is_up = True
                self._begin(self._go_on(room))
            case "hangup" | "detached":
                one.is_up = False
                self._begin(self._drop_publisher(room, one))
            case _:
                return

    async def _go_on(self, room: Room) -> None:
        await self._switch(room)
        await self._record(room)

    async def _drop_publisher(self, room: Room, one: Publisher) -> None:
        for key, each in tuple(room.publishers.items()):
            if each is one:
                await self._stop_publishing(room, key)

    def _hear_listener(self, room: Room, peer: str, one: Listener, said: Json) -> None:
        if said["janus"] in {"hangup", "detached"} and room.listeners.get(peer) is one:
            self._begin(self._stop_listening(room, peer))

    def _begin(self, work: Any) -> None:
        task = asyncio.create_task(self._safely(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _safely(self, work: Any) -> None:
        try:
            await work
        except (EngineLost, BadDescription, Refusal) as error:
            _log.info("media.janus_late", error=type(error).__name__)
