"""One phone's socket: pumps messages through its session and carries out the effects."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, assert_never
from uuid import UUID

import structlog
from starlette.websockets import WebSocket

from core.actor import Actor
from core.clock import Clock, utc_now
from core.errors import AppError
from core.ids import new_id
from realtime import signalling
from realtime.effects import (
    Acked,
    Admit,
    Effect,
    Errand,
    Fetch,
    Find,
    Hang,
    Leave,
    Listen,
    Play,
    Recheck,
    Relay,
    Run,
    Say,
    Show,
)
from realtime.fanout import Message, Wire
from realtime.frames import Bye, Code, Start, Why
from realtime.gate import Admitted, Gate
from realtime.guests import Guest, Phase
from realtime.hub import Hub
from realtime.limits import Limits
from realtime.log import Log
from realtime.media.port import Seat
from realtime.pictures import Album, Sending
from realtime.positions import Found
from realtime.presence import Present
from realtime.session import Session
from realtime.showing import Showing
from realtime.stage import Stage

#: A snapshot is taken again when the stream grew meanwhile, but not for ever.
SNAPSHOT_ATTEMPTS = 3

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Realtime:
    """What every connection of a process shares; stands at `app.state.realtime`."""

    gate: Gate
    log: Log
    hub: Hub
    stage: Stage
    showing: Showing
    album: Album
    limits: Limits = field(default_factory=Limits)
    clock: Clock = utc_now


class Connection:
    """One phone, from its ticket to its goodbye."""

    def __init__(self, realtime: Realtime, wire: Wire) -> None:
        self._realtime, self._wire = realtime, wire
        self._backlog = realtime.limits.backlog
        self._session = Session(
            str(new_id()), realtime.limits, time=time.monotonic, wall=realtime.clock
        )
        self._actor: Actor | None = None
        self._session_id: UUID | None = None
        self._present: Present | None = None
        self.turn = 0
        self._errands: deque[Errand] = deque()
        self._running = False
        self._slow_since: float | None = None
        self._pictures = Sending(wire, self._session.streams)

    async def talk(self, websocket: WebSocket, ticket: str | None) -> None:
        """Converse until one side goes."""
        self._wire.on_shutdown(self._drain)
        self._realtime.hub.start(self._watch_the_door())
        try:
            await self.open(ticket)
            await self._pump(websocket)
        except Exception as error:  # noqa: BLE001 the phone learns of it, the log too
            _log.error("realtime.conversation_failed", exc_info=error)
            self.hang_up(Code.INTERNAL, self._realtime.limits.retry)
        finally:
            self.end()

    async def open(self, ticket: str | None) -> None:
        """Begin: with the ticket from the handshake, if there was one."""
        if self._realtime.hub.draining:
            self._drain()
        elif ticket is not None:
            await self._admit(Admit(ticket))

    async def _pump(self, websocket: WebSocket) -> None:
        while self._session.phase is not Phase.CLOSED:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            said = message.get("text")
            await self.take(message["bytes"] if said is None else said)

    async def take(self, said: str | bytes) -> None:
        """Take in one message of the phone."""
        for effect in self._session.hear(said):
            if isinstance(effect, Admit):
                await self._admit(effect)
            else:
                self._apply(effect)

    async def _watch_the_door(self) -> None:
        """Until it is admitted, a phone is not in the hub and has to be looked after here."""
        while self._session.phase is Phase.STRANGER:
            await asyncio.sleep(self._realtime.limits.sweep)
            self.tick()

    def end(self) -> None:
        """Leave everything: the socket is gone; only what the phone has is still noted."""
        self._errands = deque(one for one in self._errands if isinstance(one, Acked))
        self._apply_all(self._session.leave_all())
        if self._present is not None:
            self._realtime.hub.exit(self)

    # What the hub asks

    @property
    def present(self) -> Present:
        """See `Phone.present`."""
        if self._present is None:
            raise RuntimeError("not admitted yet")
        return self._present

    @property
    def device(self) -> str | None:
        """See `Phone.device`."""
        actor = self._actor
        return str(actor.device_id) if actor and actor.device_id else None

    @property
    def session_id(self) -> UUID | None:
        """See `Phone.session_id`."""
        return self._session_id

    def deliver(self, message: Message) -> bool:
        """See `Phone.deliver`."""
        if self._slow_since is not None:
            return False
        if self._wire.buffered() > self._backlog:
            self._slow_since = time.monotonic()
            return False
        return self._wire.write(message)

    def glimpse(self, message: Message) -> None:
        """See `Phone.glimpse`."""
        if self._slow_since is None and self._wire.buffered() <= self._realtime.limits.passing:
            self._wire.write(message)

    async def drained(self) -> None:
        """See `Phone.drained`."""
        await self._wire.drained()

    def reset(self, stream: str, why: Why) -> None:
        """See `Phone.reset`."""
        self._apply_all(self._session.reset(stream, why))

    def recheck(self) -> None:
        """See `Phone.recheck`."""
        self._apply_all(self._session.recheck())

    def hang_up(self, code: Code, retry: int | None = None) -> None:
        """See `Phone.hang_up`."""
        self._apply_all(self._session.hang(code, retry))

    def is_due(self, now: float) -> bool:
        """See `Phone.is_due`."""
        return self._slow_since is not None or self._session.is_due(now)

    def tick(self) -> None:
        """See `Phone.tick`."""
        self._apply_all(self._session.tick())
        if self._slow_since is not None:
            self._judge_slowness(time.monotonic() - self._slow_since)

    def _judge_slowness(self, slow_for: float) -> None:
        limits = self._realtime.limits
        if self._wire.buffered() <= limits.backlog // 2:
            self._slow_since = None
            for listening in self._session.streams.values():
                self._realtime.hub.catch_up(self, listening)
        elif slow_for >= limits.patience:
            self.hang_up(Code.SLOW)

    def _drain(self) -> None:
        self.hang_up(Code.DRAINING, self._realtime.limits.retry)

    # Carrying out effects

    def _apply_all(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            self._apply(effect)

    def _apply(self, effect: Effect) -> None:
        match effect:
            case Say():
                self._say(Message(effect.frame.encode()))
            case Hang():
                self._wire.write(Message(Bye(code=effect.code, retry=effect.retry).encode()))
                self._wire.hang_up(effect.code)
            case Listen():
                self._realtime.hub.join(self, effect.listening, effect.head)
            case Leave():
                self._realtime.hub.leave(self, effect.listening)
            case Admit():
                raise RuntimeError("only the pump can wait for a ticket")
            case _:
                self._queue(effect)

    def _say(self, message: Message) -> None:
        if self._wire.buffered() > self._realtime.limits.backlog_most:
            self.hang_up(Code.SLOW)
        else:
            self._wire.write(message)

    def _queue(self, errand: Errand) -> None:
        if len(self._errands) >= self._realtime.limits.waiting:
            self.hang_up(Code.RATE, self._realtime.limits.retry)
            return
        self._errands.append(errand)
        if not self._running:
            self._running = True
            self._realtime.hub.start(self._run_errands())

    async def _run_errands(self) -> None:
        try:
            while self._errands:
                await self._run(self._errands.popleft())
        finally:
            self._running = False

    async def _run(self, errand: Errand) -> None:
        try:
            match errand:
                case Find():
                    await self._find(errand)
                case Run() | Play() | Show():
                    await self._answer(errand)
                case Relay():
                    self._pass_on(errand)
                case Fetch():  # a picture takes its time: the next errand does not wait for it
                    self._realtime.hub.start(self._fetch(errand))
                case Acked():
                    await self._acked(errand)
                case Recheck():
                    await self._recheck()
                case _:
                    assert_never(errand)
        except Exception as error:  # noqa: BLE001 the phone learns of it, the log too
            _log.error("realtime.errand_failed", errand=type(errand).__name__, exc_info=error)
            self._apply_all(self._session.failed(errand))

    async def _admit(self, admit: Admit) -> None:
        realtime = self._realtime
        try:
            admitted = await realtime.gate.admit(admit.ticket)
        except AppError:
            self.hang_up(Code.UNAUTHENTICATED)
            return
        except Exception as error:  # noqa: BLE001 the phone learns of it, the log too
            _log.error("realtime.admission_failed", exc_info=error)
            self.hang_up(Code.INTERNAL, realtime.limits.retry)
            return
        self._let_in(admitted, admit.i)

    def _let_in(self, admitted: Admitted, i: int | None) -> None:
        actor, hub = admitted.actor, self._realtime.hub
        device = str(actor.device_id) if actor.device_id else None
        left = (admitted.expires_at - self._realtime.clock()).total_seconds()
        guest = Guest(device or self._session.conn, actor.id, device, admitted.expires_at, left)
        self._apply_all(self._session.admitted(guest, i))
        self._session_id = admitted.session_id
        if self._session.phase is Phase.GUEST and self._present is None:
            self._actor, self._present = actor, Present(peer=guest.peer, who=actor.id)
            self.turn = admitted.turn
            hub.enter(self)

    async def _find(self, find: Find) -> None:
        with ExitStack() as attending:
            answers = {}
            for stream, start in find.wants.items():
                attending.enter_context(self._realtime.hub.attending(stream))
                answers[stream] = await self._locate_if_visible(stream, start)
            self._apply_all(self._session.found(find, answers))

    async def _locate_if_visible(self, stream: str, start: Start) -> Found | None:
        try:
            visible = await self._realtime.gate.may_hear(self._who(), stream)
            return await self._locate(stream, start) if visible else None
        except AppError:  # gone between the question and the snapshot
            return None

    async def _locate(self, stream: str, start: Start) -> Found:
        realtime = self._realtime
        if start == "snapshot":
            return await self._take_snapshot(stream)
        mark = await realtime.log.mark(stream)
        if start == "head" or start[1] >= mark.seq:
            return Found(mark.epoch, mark.seq)
        kept = await realtime.log.first_after(stream, start[1])
        return Found(mark.epoch, mark.seq, kept)

    async def _take_snapshot(self, stream: str) -> Found:
        # Position first: nothing is missed. The same after: nothing in the state is told again.
        for _ in range(SNAPSHOT_ATTEMPTS - 1):
            found = await self._look(stream)
            if (await self._realtime.log.mark(stream)).seq == found.head:
                return found
        return await self._look(stream)

    async def _look(self, stream: str) -> Found:
        mark = await self._realtime.log.mark(stream)
        state = await self._realtime.gate.snapshot(self._who(), stream)
        return Found(mark.epoch, mark.seq, snap=state)

    async def _answer(self, asked: Run | Play | Show) -> None:
        try:
            answer = await self._do(asked)
        except AppError as refusal:
            self._apply_all(self._session.refused(asked.i, refusal))
        else:
            self._apply_all(self._session.done(asked.i, answer))

    async def _do(self, asked: Run | Play | Show) -> dict[str, Any] | None:
        realtime, stream = self._realtime, asked.stream
        match asked:
            case Run(kind=kind, key=key, data=data):
                return await realtime.gate.command(self._who(), kind, stream, key, data)
            case Play(word=word):
                seat = Seat(stream, self.present.peer, self.present.who)
                return await realtime.stage.take(seat, word)
            case Show(kind=kind, shown=shown):
                await realtime.showing.show(self.present, stream, kind, shown)
                return None
            case _:
                assert_never(asked)

    async def _fetch(self, fetch: Fetch) -> None:
        try:
            async with self._pictures.turn(fetch.stream):
                picture = await self._realtime.album.picture(
                    self._who(), fetch.stream, fetch.wanted
                )
                self._apply_all(self._session.done(fetch.i, picture.told))
                await self._pictures.send(fetch.i, fetch.stream, picture.data)
        except AppError as refusal:
            self._apply_all(self._session.refused(fetch.i, refusal))
        except Exception as error:  # noqa: BLE001 the phone learns of it, the log too
            _log.error("realtime.picture_failed", exc_info=error)
            self._apply_all(self._session.failed(fetch))

    def _pass_on(self, relay: Relay) -> None:
        present = self.present
        data = signalling.passed_on(
            relay.kind,
            relay.word,
            stream=relay.stream,
            sender=signalling.sender(present.peer, present.who),
            at=self._realtime.clock(),
        )
        self._realtime.hub.pass_on(relay.word.to, relay.stream, data)
        self._apply_all(self._session.done(relay.i))

    async def _acked(self, acked: Acked) -> None:
        for stream, seq in acked.positions.items():
            await self._realtime.gate.acked(self._who(), stream, seq)

    async def _recheck(self) -> None:
        gate, who = self._realtime.gate, self._who()
        heard = tuple(self._session.streams)
        lost = [stream for stream in heard if not await gate.may_hear(who, stream)]
        self._apply_all(self._session.rechecked(lost))

    def _who(self) -> Actor:
        if self._actor is None:
            raise RuntimeError("not admitted yet")
        return self._actor
