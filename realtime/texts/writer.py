"""One client's socket at one text: from its ticket to its goodbye."""

import time
from typing import assert_never
from uuid import UUID

import structlog
from starlette.websockets import WebSocket

from core.actor import Actor
from core.errors import AppError
from core.pace import Pace
from realtime.fanout import Message, Wire
from realtime.frames import Code
from realtime.gate import Admitted
from realtime.texts import wire as words
from realtime.texts.gate import Refused, Written
from realtime.texts.lib0 import BadBytes
from realtime.texts.shelf import OpenText, Shelf
from realtime.texts.updates import NOTHING, BadUpdate

_log = structlog.get_logger()


class Writer:
    """Whoever is at a text; who may only read is one as well, until they try to write."""

    def __init__(self, shelf: Shelf, wire: Wire) -> None:
        self._shelf, self._wire = shelf, wire
        self._admitted: Admitted | None = None
        self._text: OpenText | None = None
        self._may_write = self._has_written = self._is_over = False
        self._answered = 0
        limits = shelf.limits
        self._pace, self._full_at = Pace(limits.burst, limits.rate), time.monotonic()
        self._ends_at = self._recheck_at = float("inf")

    async def talk(self, websocket: WebSocket, ticket: str, name: str) -> None:
        """Converse until one side goes."""
        self._wire.on_shutdown(lambda: self.hang_up(Code.DRAINING))
        try:
            if await self._enter(ticket, name):
                await self._pump(websocket)
        except Exception as error:  # noqa: BLE001 the client learns of it, the log too
            _log.error("realtime.text_failed", exc_info=error)
            self.hang_up(Code.INTERNAL)
        finally:
            self._is_over = True
            if self._text is not None:
                self._shelf.leave(self._text, self)

    async def _enter(self, ticket: str, name: str) -> bool:
        gate = self._shelf.gate
        try:
            self._admitted = admitted = await gate.admit(ticket)
        except AppError:
            self.hang_up(Code.UNAUTHENTICATED)
            return False
        if not await gate.may_read(admitted.actor, name):
            self.hang_up(Code.GONE)
            return False
        left = (admitted.expires_at - self._shelf.clock()).total_seconds()
        self._ends_at = time.monotonic() + left
        self._recheck_at = time.monotonic() + self._shelf.limits.recheck
        self._text = text = self._shelf.enter(name, self)
        # Whoever lost the right before the shelf knew of this socket was not told to ask anew.
        if not await gate.may_read(admitted.actor, name):
            self.hang_up(Code.GONE)
            return False
        await self._ask_for_more(text)
        self._show(text.awareness.everything())
        return True

    async def _ask_for_more(self, text: OpenText) -> None:
        """Ask a client that may write for what it has and we have not."""
        self._may_write = await self._refusal() is None
        if self._may_write:
            self.say(words.asks(await text.vector()))

    async def _refusal(self) -> AppError | None:
        return await self._shelf.gate.refusal(self._actor, self._at.name)

    # What the client says

    async def _pump(self, websocket: WebSocket) -> None:
        while not self._is_over:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            await self._hear(message.get("bytes"))

    async def _hear(self, message: bytes | None) -> None:
        now = time.monotonic()
        if self._pace.wait(self._full_at, now):
            self.hang_up(Code.RATE)
            return
        self._full_at = self._pace.taken(self._full_at, now)
        try:
            await self._take(words.read(message or b""), now)  # a text is no message
        except (BadBytes, BadUpdate):
            self.hang_up(Code.BAD_FRAME)

    async def _take(
        self, said: words.Asks | words.Writes | words.Shows | words.Looks, now: float
    ) -> None:
        text = self._at
        match said:
            case words.Asks():
                answer = words.answers(await text.since(said.vector))
                self._answered = len(answer)
                self.say(answer)
            case words.Writes():
                await self._write(text, said.update)
            case words.Shows():
                text.show(text.awareness.take(self, said.states, self.official_id, now))
            case words.Looks():
                self._show(text.awareness.everything())
            case _:
                assert_never(said)

    async def _write(self, text: OpenText, update: bytes) -> None:
        if update == NOTHING:
            return
        if not self._may_write:
            refusal = await self._refusal()
            if refusal is not None:
                self.refuse(Refused(refusal))
                return
            self._may_write = True
        said = Written(self._actor, update, is_first=not self._has_written)
        self._has_written = True
        if not text.write(self, said):
            self.hang_up(Code.RATE)

    # What the shelf asks

    @property
    def official_id(self) -> UUID:
        """See `Editor.official_id`."""
        return self._actor.id

    @property
    def device(self) -> tuple[UUID, UUID] | None:
        """See `Editor.device`."""
        session_id = self._admitted.session_id if self._admitted else None
        device_id = self._actor.device_id
        return (device_id, session_id) if device_id and session_id else None

    def say(self, message: bytes) -> None:
        """See `Editor.say`; whoever reads too slowly is cut, and is in step again on return."""
        # A whole text may take a slow line a while; what comes meanwhile is no reason to cut it.
        if self._wire.buffered() > self._shelf.limits.backlog_most + self._answered:
            self.hang_up(Code.SLOW)
        else:
            self._wire.write(Message(message, is_binary=True))

    def refuse(self, refused: Refused) -> None:
        """See `Editor.refuse`."""
        self._may_write = self._has_written = False
        self.say(words.denied(refused.why.code))
        if refused.ends is not None:
            self.hang_up(refused.ends)

    def hang_up(self, code: Code) -> None:
        """See `Editor.hang_up`."""
        if not self._is_over:
            self._is_over = True
            self._wire.hang_up(code)

    def recheck(self) -> None:
        """See `Editor.recheck`."""
        self._recheck_at = time.monotonic() + self._shelf.limits.recheck
        self._shelf.start(self._recheck())

    def tick(self) -> None:
        """See `Editor.tick`."""
        now = time.monotonic()
        if now >= self._ends_at:
            self.hang_up(Code.UNAUTHENTICATED)
        elif now >= self._recheck_at:
            self.recheck()

    async def _recheck(self) -> None:
        try:
            if not await self._shelf.gate.may_read(self._actor, self._at.name):
                self.hang_up(Code.GONE)
        except Exception as error:  # noqa: BLE001 the next time may find the database again
            _log.error("realtime.recheck_failed", error=type(error).__name__)
            self._recheck_at = time.monotonic() + self._shelf.limits.retry

    def _show(self, states: bytes | None) -> None:
        if states is not None:
            self.say(words.shows(states))

    @property
    def _actor(self) -> Actor:
        if self._admitted is None:
            raise RuntimeError("not admitted yet")
        return self._admitted.actor

    @property
    def _at(self) -> OpenText:
        if self._text is None:
            raise RuntimeError("not at a text yet")
        return self._text
