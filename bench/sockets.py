"""A crowd of WebSocket clients in one process that only looks for marks in what arrives.

Frames are not taken apart: a client that did more could not keep up with the servers it measures.
What every phone must have got is checked by the number of bytes, which is the same for all.
"""

import select
import socket
import struct
import time
from collections.abc import Iterable, Sequence

HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n{more}\r\n"
)
PATIENCE = 120.0
_CHUNK = 1 << 18
_AT_ONCE = 256


class Crowd:
    """Sockets that are opened together and wait together."""

    def __init__(self, port: int) -> None:
        self.received: list[int] = []
        self.closed: set[int] = set()
        self._port = port
        self._sockets: list[socket.socket] = []
        self._numbers: dict[int, int] = {}
        self._early: list[tuple[bytes, int, float]] = []
        self._poll = select.epoll()

    def __len__(self) -> int:
        return len(self._sockets)

    def open(self, path: str, subprotocols: Iterable[str]) -> None:
        """Open a socket for each offer of subprotocols (may be empty), so many at a time."""
        offers = list(subprotocols)
        for start in range(0, len(offers), _AT_ONCE):
            some = offers[start : start + _AT_ONCE]
            first = len(self)
            for offer in some:
                self._connect(path, offer)
            self.wait(b"\r\n\r\n", range(first, len(self)))

    def say(self, text: str, numbers: Iterable[int] | None = None) -> None:
        """Send a text frame from each of these sockets (all of them)."""
        frame = masked(text.encode())
        for number in range(len(self)) if numbers is None else numbers:
            self._sockets[number].sendall(frame)

    def wait(
        self, mark: bytes, numbers: Iterable[int] | None = None, *, patience: float = PATIENCE
    ) -> list[float]:
        """Return when each socket got `mark`, in seconds of `time.perf_counter`."""
        pending = set(range(len(self)) if numbers is None else numbers)
        arrived = self._take_early(mark, pending)
        tails: dict[int, bytes] = {}
        until, keep = time.perf_counter() + patience, max(1, len(mark) - 1)
        while pending:
            events = self._poll.poll(1.0, _AT_ONCE)
            if time.perf_counter() > until:
                raise TimeoutError(f"{len(pending)} sockets wait for {mark!r}")
            for descriptor, _ in events:
                number = self._numbers[descriptor]
                data = self._sockets[number].recv(_CHUNK)
                if not data:
                    self._lose(number, expected=number in pending)
                    continue
                self.received[number] += len(data)
                if number not in pending:
                    continue
                seen = tails.pop(number, b"") + data
                if self._has(mark, number, seen):
                    pending.discard(number)
                    arrived.append(time.perf_counter())
                else:
                    tails[number] = seen[-keep:]
        return arrived

    def _has(self, mark: bytes, number: int, data: bytes) -> bool:
        """Say whether `data` has the mark; what came along with it is noted for the next wait."""
        count = data.count(mark)
        now = time.perf_counter()
        self._early += [(mark, number, now)] * (count - 1)
        return count > 0

    def _take_early(self, mark: bytes, pending: set[int]) -> list[float]:
        """Return when marks came that were waited for only now."""
        arrived, left = [], []
        for early in self._early:
            if early[0] == mark and early[1] in pending:
                pending.discard(early[1])
                arrived.append(early[2])
            else:
                left.append(early)
        self._early = left
        return arrived

    def ask(self, number: int, text: str, mark: bytes) -> bytes:
        """Send a frame from one socket and return what came until `mark` did."""
        self.say(text, [number])
        said, one = b"", self._sockets[number]
        while mark not in said:
            said += one.recv(_CHUNK)
        self.received[number] += len(said)
        return said

    def settle(self, seconds: float = 0.5) -> float:
        """Read until nothing has come for a while; return when the last came."""
        last = time.perf_counter()
        while events := self._poll.poll(seconds, _AT_ONCE):
            for descriptor, _ in events:
                number = self._numbers[descriptor]
                data = self._sockets[number].recv(_CHUNK)
                self.received[number] += len(data)
                if not data:
                    self._lose(number, expected=False)
            last = time.perf_counter()
        return last

    def close(self) -> None:
        """Close every socket."""
        for one in self._sockets:
            one.close()
        self._poll.close()

    def _connect(self, path: str, offer: str) -> None:
        one = socket.create_connection(("127.0.0.1", self._port))
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        more = f"Sec-WebSocket-Protocol: {offer}\r\n" if offer else ""
        one.sendall(HANDSHAKE.format(path=path, port=self._port, more=more).encode())
        self._numbers[one.fileno()] = len(self)
        self._sockets.append(one)
        self.received.append(0)
        self._poll.register(one, select.EPOLLIN)

    def _lose(self, number: int, *, expected: bool) -> None:
        self._poll.unregister(self._sockets[number])
        self.closed.add(number)
        if expected:
            raise ConnectionError(f"socket {number} was closed")


class Control:
    """The line on which a server is told to publish, and says when it does."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._file = self._socket.makefile("rb")

    def publish(self, count: int, interval: float = 0.0) -> None:
        """Have so many events published, one every `interval` seconds, or as fast as it goes."""
        self._socket.sendall(f"{count} {round(interval * 1e6)}\n".encode())

    def published(self) -> float:
        """Return when the server said that the next event is out."""
        if not self._file.readline():
            raise ConnectionError("the server is gone")
        return time.perf_counter()

    def close(self) -> None:
        """Hang up."""
        self._file.close()
        self._socket.close()


def masked(payload: bytes) -> bytes:
    """Return a client's text frame; a mask of zeros leaves the text as it is."""
    size = len(payload)
    if size < 126:
        return bytes((0x81, 0x80 | size)) + bytes(4) + payload
    return struct.pack("!BBH", 0x81, 0x80 | 126, size) + bytes(4) + payload


def same_for_all(received: Sequence[int]) -> bool:
    """Say whether all got the same number of bytes."""
    return len(set(received)) == 1
