"""An HTTP load client that only counts: keep-alive connections, requests made beforehand."""

import asyncio
import socket
from collections import deque
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import uvloop
from typing_extensions import override

CONNECTIONS = 32
_END = b"\r\n\r\n"
_OK = b"HTTP/1.1 200"


class _Connection(asyncio.Protocol):
    """Sends the next request as soon as the answer to the last one is complete."""

    def __init__(self, waiting: deque[bytes], done: asyncio.Future[None]) -> None:
        self._waiting, self._done = waiting, done
        self._answer = b""
        self._transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    @override
    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, end, body = self._answer.partition(_END)
        if not end or len(body) < _length(head):
            return
        if not head.startswith(_OK):
            self._finish(RuntimeError(self._answer[:600].decode()))
            return
        self._answer = b""
        self._ask()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._finish(exc)

    def _ask(self) -> None:
        if self._transport is None:
            return
        if self._waiting:
            self._transport.write(self._waiting.popleft())
        else:
            self._transport.close()

    def _finish(self, error: Exception | None) -> None:
        if self._done.done():
            return
        if error is None:
            self._done.set_result(None)
        else:
            self._done.set_exception(error)


def send_all(port: int, requests: Iterable[bytes], *, connections: int = CONNECTIONS) -> None:
    """Send every request once, and wait for all answers; any but 200 is an error."""
    uvloop.run(_send_all(port, deque(requests), connections))


async def _send_all(port: int, waiting: deque[bytes], connections: int) -> None:
    loop = asyncio.get_running_loop()
    ends = []
    for _ in range(connections):
        done = loop.create_future()
        await loop.create_connection(lambda d=done: _Connection(waiting, d), "127.0.0.1", port)  # type: ignore[misc]
        ends.append(done)
    await asyncio.gather(*ends)


def answers(port: int, requests: Iterable[bytes]) -> list[bytes]:
    """Send requests side by side, each on a connection of its own; return the answers' bodies."""
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return list(pool.map(lambda request: send_one(port, request), requests))


def send_one(port: int, request: bytes) -> bytes:
    """Send a request on a connection of its own and return the body of its answer."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request)
        answer = b""
        while _END not in answer or len(answer.partition(_END)[2]) < _length(answer):
            answer += connection.recv(1 << 16)
    head, _, body = answer.partition(_END)
    if not head.startswith(_OK):
        raise RuntimeError(answer[:600].decode())
    return body


def post(port: int, path: str, **headers: str) -> bytes:
    """Return a POST without a body, ready to send."""
    return request(port, path, "POST", **headers, **{"Content-Length": "0"})


def request(port: int, path: str, method: str = "GET", **headers: str) -> bytes:
    """Return a request without a body, ready to send."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            return int(line[15:])
    return 0
