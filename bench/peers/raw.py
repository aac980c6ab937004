"""The floor of fan-out: an asyncio protocol that writes one prepared frame to every transport."""

import asyncio
import sys
from collections.abc import Callable
from typing import cast

import uvloop
from typing_extensions import override

from bench.peers.event import encoded, serve_control
from realtime.fanout import Message

_ANSWER = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
_transports: set[asyncio.Transport] = set()


class _Phone(asyncio.Protocol):
    transport: asyncio.Transport

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    @override
    def data_received(self, data: bytes) -> None:
        self.transport.write(_ANSWER)
        _transports.add(self.transport)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        _transports.discard(self.transport)


async def _publish(number: int, out: Callable[[], None]) -> None:
    frame = Message(encoded(number)).frame
    out()
    for transport in _transports:
        transport.write(frame)


async def _main(port: int, control: int) -> None:
    loop = asyncio.get_running_loop()
    await loop.create_server(_Phone, "127.0.0.1", port, backlog=2048)
    await serve_control(control, _publish)


if __name__ == "__main__":
    uvloop.run(_main(int(sys.argv[1]), int(sys.argv[2])))
