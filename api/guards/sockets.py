"""Nobody takes all the sockets: so many from one address at one time."""

from collections import Counter

from starlette.types import ASGIApp, Receive, Scope, Send

from api.guards.rates import address_of, network_of
from api.guards.refusing import refuse
from core.errors import TooFast

#: How long an address waits that has too many; others of it may have gone by then.
RETRY_SECONDS = 30


class SocketCap:
    """An ASGI layer that counts the sockets of each address of this process."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app, self._most = app, most
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a socket in while its address has few."""
        if scope["type"] != "websocket" or not self._most:
            await self._app(scope, receive, send)
            return
        address = network_of(address_of(scope))
        if self._open[address] >= self._most:
            await refuse(TooFast(retry_after_seconds=RETRY_SECONDS), scope, send)
            return
        self._open[address] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]
