"""How bytes reach phones: one frame, made once, written to every socket without a coroutine.

The subclass of uvicorn's protocol touches names that uvicorn does not promise, so uvicorn's minor
version is pinned in pyproject.toml and `tests/realtime/test_fanout.py` holds both ways to the same
contract. All that a phone gets goes through `write`: a mixture with ASGI's `send` could overtake.
"""

import asyncio
import struct
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol, cast

from starlette.websockets import WebSocket, WebSocketDisconnect
from typing_extensions import override
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from core.pace import Pace
from realtime.frames import Code

EXTENSION = "khonggiay.fanout"
#: After our close frame: for the peer's answer, and for what is still to be written.
GRACE = 1.0
#: RFC 6455 pings of one phone; the protocol has its own, these come from libraries.
PINGS = Pace(20, 1.0)

_SHORT, _MIDDLE = 126, 1 << 16
_FINAL_TEXT, _FINAL_BINARY = 0x81, 0x82


class Message:
    """One message for many phones, with its RFC 6455 frame (unmasked, whole) in front of hand.

    Text, if nothing else is said; parts of pictures and edits of minutes are binary.
    """

    __slots__ = ("data", "frame", "is_binary")

    def __init__(self, data: bytes, *, is_binary: bool = False) -> None:
        self.data, self.is_binary = data, is_binary
        self.frame = _header(_FINAL_BINARY if is_binary else _FINAL_TEXT, len(data)) + data


def _header(first: int, size: int) -> bytes:
    if size < _SHORT:
        return bytes((first, size))
    if size < _MIDDLE:
        return struct.pack("!BBH", first, 126, size)
    return struct.pack("!BBQ", first, 127, size)


class Wire(Protocol):
    """The way to one phone."""

    def write(self, message: Message) -> bool:
        """Write at once or not at all; False: the phone is gone."""
        ...

    def buffered(self) -> int:
        """Return how many bytes wait for the phone to read."""
        ...

    async def drained(self) -> None:
        """Wait until the phone has read most of it."""
        ...

    def hang_up(self, code: int) -> None:
        """Close, at the latest after a moment of grace, whether the phone reads or not."""
        ...

    def on_shutdown(self, goodbye: Callable[[], None]) -> None:
        """Have `goodbye` called when the server begins to stop."""
        ...


class FanoutWebSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's own protocol, plus a way for ASGI applications to write a prepared frame."""

    _goodbye: Callable[[], None] | None = None
    _pings_full_at = 0.0

    @override
    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):  # a rejected handshake has none
            extensions = cast("dict[str, Any]", self.scope["extensions"])
            extensions[EXTENSION] = self

    def forget_handshake(self) -> None:
        """Let go of what an accepted handshake said: many phones would keep it for hours."""
        del self.request, self.response
        self.scope["headers"] = []

    @override
    def shutdown(self) -> None:
        if self._goodbye is not None and self._writable():
            self._goodbye()
        else:
            super().shutdown()

    @override
    def handle_ping(self) -> None:
        # Their answers go past `write` and its limits: a flood nobody reads would fill the memory.
        now = self.loop.time()
        if PINGS.wait(self._pings_full_at, now):
            self.hang_up(Code.RATE)
        else:
            self._pings_full_at = PINGS.taken(self._pings_full_at, now)
            super().handle_ping()

    def write(self, message: Message) -> bool:
        """See `Wire.write`; called for every phone of every event, so `_writable` is unfolded."""
        if self.close_sent or self.disconnected or self.transport.is_closing():
            return False
        self.transport.write(message.frame)
        return True

    def buffered(self) -> int:
        """See `Wire.buffered`."""
        return self.transport.get_write_buffer_size()

    async def drained(self) -> None:
        """See `Wire.drained`."""
        await self.writable.wait()

    def on_shutdown(self, goodbye: Callable[[], None]) -> None:
        """See `Wire.on_shutdown`."""
        self._goodbye = goodbye

    def hang_up(self, code: int) -> None:
        """See `Wire.hang_up`.

        uvicorn's own close waits until the phone has read everything, which a stuck one never does.
        """
        if not self._writable():
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code})
        self.conn.send_close(code)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:  # else the peer's answer is never read
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(GRACE, self.transport.abort)

    def _writable(self) -> bool:
        # A close by the peer and `shutdown` leave `close_sent` alone: the transport knows.
        return (
            self.handshake_complete
            and not (self.close_sent or self.disconnected)
            and not self.transport.is_closing()
        )


class SocketWire:
    """The same over plain ASGI, for servers without the extension: slower, same meaning.

    One limit: ASGI cannot abort, so the socket of a reader that is stuck for good stays open until
    the network gives it up. It has left its streams by then, and nothing more is written to it.
    """

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._queue: asyncio.Queue[Message | int] = asyncio.Queue()
        self._waiting = 0
        self._closing = False
        self._empty = asyncio.Event()
        self._empty.set()

    def write(self, message: Message) -> bool:
        """See `Wire.write`."""
        if self._closing:
            return False
        self._waiting += len(message.frame)
        self._empty.clear()
        self._queue.put_nowait(message)
        return True

    def buffered(self) -> int:
        """See `Wire.buffered`."""
        return self._waiting

    async def drained(self) -> None:
        """See `Wire.drained`."""
        await self._empty.wait()

    def on_shutdown(self, goodbye: Callable[[], None]) -> None:
        """See `Wire.on_shutdown`; plain ASGI does not tell: the server closes with 1012."""

    def hang_up(self, code: int) -> None:
        """See `Wire.hang_up`."""
        if not self._closing:
            self._closing = True
            self._queue.put_nowait(code)

    async def send_all(self) -> None:
        """Send what is written, until the end."""
        with suppress(WebSocketDisconnect, RuntimeError):  # Starlette's words for "gone"
            while True:
                item = await self._queue.get()
                if isinstance(item, int):
                    await self._websocket.close(item)
                    return
                if item.is_binary:
                    await self._websocket.send_bytes(item.data)
                else:
                    await self._websocket.send_text(item.data.decode())
                self._waiting -= len(item.frame)
                if not self._waiting:
                    self._empty.set()
        self._closing = True
        self._empty.set()


@asynccontextmanager
async def wire_of(websocket: WebSocket) -> AsyncGenerator[Wire]:
    """Give the fastest way to the phone of an accepted `websocket`."""
    fast = websocket.scope.get("extensions", {}).get(EXTENSION)
    if fast is not None:
        fast.forget_handshake()
        yield fast
        return
    wire = SocketWire(websocket)
    sending = asyncio.create_task(wire.send_all())
    try:
        yield wire
        if wire._closing:  # noqa: SLF001 let the close frame out
            async with asyncio.timeout(GRACE):
                await sending
    except TimeoutError:
        pass
    finally:
        sending.cancel()
