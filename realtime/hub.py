"""Streams to phones of this process: from the bus's wake-ups, and from the log where it has gaps.

Every phone of a stream is either live, level with the hub, and gets the next event from its hand,
or it is being caught up from the log. A position is passed exactly once, whichever way it comes.
"""

import asyncio
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import structlog

from core.bus.port import Bus, Wake
from core.clock import Clock
from core.ids import new_id
from realtime import signalling
from realtime.attendance import Attendance
from realtime.channels import BATCH, ROOM, Channel, Onlooker, Phone
from realtime.fanout import Message
from realtime.frames import Code, Why
from realtime.limits import Limits
from realtime.log import Log, Mark
from realtime.positions import Listening
from realtime.presence import Presence

#: A large room must not hold the loop: after this many phones look at the clock.
STRIDE, SLICE_SECONDS = 256, 0.002

_log = structlog.get_logger()


class Hub:
    """The streams and phones of this process."""

    def __init__(self, log: Log, bus: Bus, limits: Limits, *, clock: Clock) -> None:
        self._attendance = Attendance(
            str(new_id()), bus, limits, clock=clock, tell=self._tell_room, start=self.start
        )
        self._log, self._bus, self._limits = log, bus, limits
        self._channels: dict[str, Channel] = {}
        self._phones: set[Phone] = set()
        self._devices: dict[str, Phone] = {}
        self._peers: dict[str, Phone] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._onlooker: Onlooker | None = None
        self.draining = False

    def watched_by(self, onlooker: Onlooker) -> None:
        """Tell somebody what happens in the rooms of this process."""
        self._onlooker = onlooker

    @property
    def presence(self) -> Presence:
        """Who is in the rooms of this process's phones."""
        return self._attendance.presence

    # Running

    async def run(self) -> None:
        """Follow the bus and the clock until cancelled."""
        try:
            async with self._bus.subscribe() as heard, asyncio.TaskGroup() as group:
                group.create_task(self._poll_for_ever())
                group.create_task(self._sweep_for_ever())
                async for one in heard:
                    await (self.wake(one) if isinstance(one, Wake) else self._make_good())
        finally:
            for task in self._tasks:
                task.cancel()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` beside everything else, and keep it from being forgotten."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def drain(self) -> None:
        """Send every phone away with a word when to come back; take no new ones."""
        self.draining = True
        for phone in list(self._phones):
            phone.hang_up(Code.DRAINING, self._limits.retry)

    # Phones

    def enter(self, phone: Phone) -> None:
        """Take a phone in; an older connection of the same device has to go."""
        self._phones.add(phone)
        self._peers[phone.present.peer] = phone
        if phone.device is None:
            return
        older = self._devices.get(phone.device)
        if older is not None and older.turn > phone.turn:
            phone.hang_up(Code.REPLACED)  # it was let in first, and got here last
            return
        self._devices[phone.device] = phone
        if older is not None:
            older.hang_up(Code.REPLACED)
        self._announce(phone)

    def exit(self, phone: Phone) -> None:
        """Forget a phone; it has left its streams before."""
        self._phones.discard(phone)
        if self._peers.get(phone.present.peer) is phone:
            del self._peers[phone.present.peer]
        if phone.device is not None and self._devices.get(phone.device) is phone:
            del self._devices[phone.device]

    def _announce(self, phone: Phone) -> None:
        """Tell every node which socket of its device this is: on others, older ones have to go."""
        self._bus.publish(Wake(f"device:{phone.device}", None, str(phone.turn).encode()))

    def _replace(self, device: str, turn: int) -> None:
        phone = self._devices.get(device)
        if phone is not None and phone.turn < turn:
            phone.hang_up(Code.REPLACED)

    def drop_device(self, device_id: object, code: Code = Code.REVOKED) -> bool:
        """Close the socket of a device; say whether there was one."""
        phone = self._devices.get(str(device_id))
        if phone is None:
            return False
        phone.hang_up(code)
        return True

    def recheck(self, official_id: UUID) -> None:
        """Have an official's phones asked anew what they may hear: a right was lost."""
        for phone in [one for one in self._phones if one.present.who == official_id]:
            phone.recheck()

    def recheck_stream(self, stream: str) -> None:
        """Have whoever hears a stream asked anew: it is for nobody any more, or for fewer."""
        channel = self._channels.get(stream)
        for phone in tuple(channel.seats) if channel else ():
            phone.recheck()

    def devices(self) -> dict[UUID, UUID]:
        """Return the devices that have a socket in this process, each with its session."""
        return {
            UUID(device): phone.session_id
            for device, phone in self._devices.items()
            if phone.session_id is not None
        }

    def is_connected(self, device_id: object) -> bool:
        """Say whether a device has a socket in this process."""
        return str(device_id) in self._devices

    # Streams

    @contextmanager
    def attending(self, stream: str) -> Iterator[None]:
        """Follow `stream` from now on: what happens between looking and joining is not missed."""
        channel = self._channels.setdefault(stream, Channel(stream))
        channel.attending += 1
        try:
            yield
        finally:
            channel.attending -= 1
            self._forget_if_empty(channel)

    def join(self, phone: Phone, listening: Listening, head: int) -> None:
        """Let a phone hear a stream that was found to stand at `head`."""
        channel = self._channels.setdefault(listening.stream, Channel(listening.stream))
        if channel.epoch != listening.epoch:
            self._begin_anew(channel, Mark(listening.epoch, head))
        channel.seats[phone] = listening
        self._bring_level(phone, listening)
        self._fill_if_behind(channel)
        if listening.stream.startswith(ROOM):
            phone.deliver(self._attendance.arrive(listening.stream, phone.present))
            greeting = self._onlooker and self._onlooker.greeting(listening.stream)
            if greeting:
                phone.deliver(greeting)

    def leave(self, phone: Phone, listening: Listening) -> None:
        """Let a phone hear a stream no more."""
        channel = self._channels.get(listening.stream)
        if channel is None or channel.seats.get(phone) is not listening:
            return
        del channel.seats[phone]
        if listening.stream.startswith(ROOM):
            self._attendance.leave(listening.stream, phone.present)
            if self._onlooker:
                self._onlooker.left(listening.stream, phone.present)
        self._forget_if_empty(channel)

    def catch_up(self, phone: Phone, listening: Listening) -> None:
        """Bring a phone level again that had fallen behind."""
        if not listening.live:
            self._bring_level(phone, listening)

    def pass_on(self, peer: str, stream: str, data: bytes) -> None:
        """Send an ephemeral event to one peer of a room, in whichever process it is."""
        self._bus.publish(Wake(signalling.mailbox(peer, stream), None, data))

    def show(self, peer: str, stream: str, data: bytes) -> None:
        """Let others of a room see what a peer shows (`pointing.for_readers`), in every process."""
        self._bus.publish(Wake(signalling.mailbox(peer, stream, kind="flash"), None, data))

    def head(self, stream: str) -> int:
        """Return the position of the last event that was told here; -1: nobody hears it."""
        channel = self._channels.get(stream)
        return -1 if channel is None else channel.head

    # Delivering

    async def wake(self, wake: Wake) -> None:
        """Take in one message of the bus: of a stream, or between nodes."""
        kind, _, rest = wake.stream.partition(":")
        match kind:
            case "peer":
                self._post(*signalling.addressee(rest), wake.data)
            case "part":
                self._attendance.hear(rest, wake.data, time.monotonic())
            case "flash":
                self._flash(*signalling.addressee(rest), wake.data)
            case "device":
                self._replace(rest, int(wake.data))
            case _:
                await self._pass(wake)

    async def _pass(self, wake: Wake) -> None:
        channel = self._channels.get(wake.stream)
        if channel is None:
            return
        if wake.seq is None:
            channel.spread(Message(wake.data))
            return
        channel.seen = max(channel.seen, wake.seq)
        if wake.data and not channel.busy and 0 <= channel.head == wake.seq - 1:
            channel.busy = True
            try:
                await self._hand_out(channel, wake.seq, Message(wake.data))
            finally:
                channel.busy = False
        self._fill_if_behind(channel)

    def _post(self, peer: str, stream: str, data: bytes) -> None:
        if self.is_in(peer, stream):
            self._peers[peer].deliver(Message(data))

    def _flash(self, peer: str, stream: str, data: bytes) -> None:
        channel = self._channels.get(stream)
        if channel is not None:
            channel.flash(data, sender=peer)

    def is_in(self, peer: str, stream: str) -> bool:
        """Say whether a phone of this process hears a stream."""
        channel, phone = self._channels.get(stream), self._peers.get(peer)
        return channel is not None and phone is not None and phone in channel.seats

    def tell_here(self, stream: str, data: bytes) -> None:
        """Tell the phones of this process that hear a stream something ephemeral."""
        self._tell_room(stream, Message(data))

    def _tell_room(self, stream: str, message: Message) -> None:
        channel = self._channels.get(stream)
        if channel is not None:
            channel.spread(message)

    async def _hand_out(self, channel: Channel, seq: int, message: Message) -> None:
        channel.head = seq
        if self._onlooker:
            self._onlooker.happened(channel.stream)
        since = time.monotonic()
        for number, (phone, listening) in enumerate(tuple(channel.seats.items()), 1):
            if not listening.live:
                continue
            if listening.position == seq - 1 and phone.deliver(message):
                listening.position = seq
            elif listening.position < seq:
                listening.live = False  # too slow: caught up when it reads again, or cut
            if not number % STRIDE and time.monotonic() - since > SLICE_SECONDS:
                await asyncio.sleep(0)
                since = time.monotonic()

    def _fill_if_behind(self, channel: Channel) -> None:
        if not channel.busy and 0 <= channel.head < channel.seen:
            channel.busy = True
            self.start(self._fill(channel))

    async def _fill(self, channel: Channel) -> None:
        try:
            while channel.head < channel.seen:
                entries = await self._log.read_after(channel.stream, channel.head, limit=BATCH)
                if not entries:  # woken for what is not there: the poll looks again
                    channel.seen = channel.head
                elif entries[0].seq != channel.head + 1:
                    mark = await self._log.mark(channel.stream)
                    self._begin_anew(channel, mark, "trimmed")
                    return
                for entry in entries:
                    await self._hand_out(channel, entry.seq, Message(entry.frame()))
        except Exception as error:  # noqa: BLE001 the poll tries again
            _log.error("realtime.fill_failed", stream=channel.stream, exc_info=error)
        finally:
            channel.busy = False

    # Catching up

    def _bring_level(self, phone: Phone, listening: Listening) -> None:
        channel = self._channels[listening.stream]
        if listening.position >= channel.head:
            listening.live = True
        elif not listening.replaying:
            listening.replaying = True
            self.start(self._replay(phone, listening, channel))

    async def _replay(self, phone: Phone, listening: Listening, channel: Channel) -> None:
        try:
            while listening.open and listening.position < channel.head:
                if not await self._replay_some(phone, listening, channel):
                    return
            listening.live = listening.open
        except Exception as error:  # noqa: BLE001 the phone must not wait for ever
            _log.error("realtime.replay_failed", stream=channel.stream, exc_info=error)
            phone.hang_up(Code.INTERNAL, self._limits.retry)
        finally:
            listening.replaying = False

    async def _replay_some(self, phone: Phone, listening: Listening, channel: Channel) -> bool:
        if channel.head - listening.position > self._limits.replay:
            phone.reset(listening.stream, "too_many")
            return False
        after = listening.position
        page = await channel.read_after(self._log, after)
        if not page or page[0][0] != after + 1:
            phone.reset(listening.stream, "trimmed")
            return False
        for seq, message in page:
            await phone.drained()
            if not listening.open or not phone.deliver(message):
                return False
            listening.position = seq
        return True

    def _begin_anew(self, channel: Channel, mark: Mark, why: Why = "epoch") -> None:
        """Follow another incarnation of the stream; whoever heard the old one subscribes anew."""
        channel.epoch, channel.head, channel.page = mark.epoch, mark.seq, []
        for phone in tuple(channel.seats):
            phone.reset(channel.stream, why)

    def _forget_if_empty(self, channel: Channel) -> None:
        empty = not channel.seats and not channel.attending
        if empty and self._channels.get(channel.stream) is channel:
            del self._channels[channel.stream]

    # The safety net

    async def poll(self) -> None:
        """Compare every stream with the log: what the bus lost is found here."""
        marks = await self._log.marks(list(self._channels))
        for stream, mark in marks.items():
            channel = self._channels.get(stream)
            if channel is None or channel.head < 0:
                continue
            channel.page = []
            if mark.epoch != channel.epoch:
                channel.seen = mark.seq
                self._begin_anew(channel, mark)
            channel.seen = max(channel.seen, mark.seq)
            self._fill_if_behind(channel)

    async def _poll_for_ever(self) -> None:
        while True:
            await self._look()
            await asyncio.sleep(self._limits.poll)

    async def _make_good(self) -> None:
        """Do what the bus has lost: read the log, and say again what no log has."""
        self._attendance.tell_again()
        for phone in self._devices.values():
            self._announce(phone)
        await self._look()

    async def _look(self) -> None:
        try:
            await self.poll()
        except Exception as error:  # noqa: BLE001 the next round may find the database again
            _log.error("realtime.poll_failed", exc_info=error)

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._limits.sweep)
            now = time.monotonic()
            self._attendance.tick(now)
            for phone in [one for one in self._phones if one.is_due(now)]:
                self._tick(phone)

    def _tick(self, phone: Phone) -> None:
        try:
            phone.tick()
        except Exception as error:  # noqa: BLE001 one phone's fault must not stop all clocks
            _log.error("realtime.tick_failed", exc_info=error)
            phone.hang_up(Code.INTERNAL, self._limits.retry)
