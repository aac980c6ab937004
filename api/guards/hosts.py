"""Requests for names that are not ours, and sockets for web pages that nobody allowed."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.guards.refusing import refuse
from core.config import Http
from core.errors import AppError, ForeignPage, UnknownHost


class Hosts:
    """An ASGI layer that answers for our own names only, if any are set."""

    def __init__(self, app: ASGIApp, http: Http) -> None:
        self._app = app
        self._hosts = frozenset(name.lower() for name in http.hosts)
        self._origins = frozenset(http.origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "lifespan":
            refusal = self._refusal(scope)
            if refusal is not None:
                await refuse(refusal, scope, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> AppError | None:
        if not self._hosts and scope["type"] == "http":
            return None
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        if self._hosts and _name_of(host) not in self._hosts:
            return UnknownHost()
        if scope["type"] == "websocket" and not self._may_connect(headers.get("origin"), host):
            return ForeignPage()
        return None

    def _may_connect(self, origin: str | None, host: str) -> bool:
        """Say whether a page may open a socket: CORS does not keep it from that. Apps name none."""
        return origin is None or origin in self._origins or urlsplit(origin).netloc.lower() == host


def _name_of(host: str) -> str:
    """Return a host without its port; an IPv6 address keeps its brackets."""
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host
