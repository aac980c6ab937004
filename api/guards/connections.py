"""The connection below the requests: how long a head may be and take, and how many may be open.

uvicorn waits for ever for the head of a request, and keeps all of it. This subclass touches names
that uvicorn does not promise, so its minor version is pinned and tests hold it to a real socket.
"""

from asyncio import TimerHandle, Transport
from collections import Counter
from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any

from pydantic import IPvAnyNetwork
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.guards.rates import network_of
from core.config import Http

#: How long an idle connection is kept: on a slow network a new one costs a phone two round trips.
IDLE_SECONDS = 75


def guarded(http: Http) -> Any:
    """Return what `uvicorn.Config(http=…)` takes."""
    return partial(GuardedHttp, http, Counter())


class GuardedHttp(HttpToolsProtocol):
    """uvicorn's own protocol, which gives up on heads that are too long or too slow.

    Args:
        http: the limits.
        open_ones: how many connections each address has in this process.
        given: what uvicorn gives.
    """

    def __init__(self, http: Http, open_ones: Counter[str], **given: Any) -> None:
        super().__init__(**given)
        self._http, self._open = http, open_ones
        self._address: str | None = None
        self._heads = 0
        self._unfinished = 0
        self._timer: TimerHandle | None = None
        self._refused = False

    @override
    def connection_made(self, transport: Transport) -> None:  # type: ignore[override] # as theirs
        super().connection_made(transport)
        self._wait_for_head()
        self._enter(self.client[0] if self.client else "")

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        heads, begins = self._heads, self._is_between_requests()
        super().data_received(data)
        if begins and self._heads == heads:
            self._take_part_of_head(len(data))

    @override
    def on_headers_complete(self) -> None:
        self._stop_waiting()
        self._heads, self._unfinished = self._heads + 1, 0
        size = sum(len(name) + len(value) for name, value in self.headers) + len(self.url)
        if size > self._http.head_limit:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        else:
            super().on_headers_complete()

    @override
    def on_body(self, body: bytes) -> None:
        if not self._refused:
            super().on_body(body)

    @override
    def on_message_complete(self) -> None:
        if not self._refused:
            super().on_message_complete()

    @override
    def handle_websocket_upgrade(self) -> None:
        self._leave()  # sockets are counted on their own
        self._refused = True  # whatever comes now is for the socket
        super().handle_websocket_upgrade()

    def _is_between_requests(self) -> bool:
        return not self._heads or not self.cycle.more_body

    def _take_part_of_head(self, size: int) -> None:
        """Count what is kept of a head that is not whole yet; it has to end soon."""
        self._unfinished += size
        if self._unfinished > self._http.head_limit:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self._timer is None:
            self._wait_for_head()

    def _enter(self, address: str) -> None:
        most = self._http.connections_per_address
        if not most or _is_one_of(self._http.proxies, address):
            return
        self._address = network_of(address)
        self._open[self._address] += 1
        if self._open[self._address] > most:
            self._refuse(HTTPStatus.TOO_MANY_REQUESTS)

    def _leave(self) -> None:
        self._stop_waiting()
        if self._address is not None:
            self._open[self._address] -= 1
            if not self._open[self._address]:
                del self._open[self._address]
            self._address = None

    def _wait_for_head(self) -> None:
        give_up = partial(self._refuse, HTTPStatus.REQUEST_TIMEOUT)
        self._timer = self.loop.call_later(self._http.head_seconds, give_up)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, status: HTTPStatus) -> None:
        """Say why and hang up: there is no request yet that an application could answer."""
        self._refused = True
        if not self.transport.is_closing():
            line = f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            self.transport.write(f"{line}content-length: 0\r\nconnection: close\r\n\r\n".encode())
            self.transport.close()


def _is_one_of(networks: Sequence[IPvAnyNetwork], address: str) -> bool:
    return bool(networks) and any(ip_address(address) in network for network in networks)
