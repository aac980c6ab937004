"""Each request gets an id, an answer with safe headers, and one line in the log.

The line names the route's template: paths, queries, bodies and headers may hold what is nobody
else's business.
"""

from asyncio import get_running_loop
from datetime import UTC, datetime
from secrets import token_hex
from time import perf_counter
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.guards.page import FILES, PATH
from api.guards.refusing import refuse
from core import logs
from core.config import Settings
from core.errors import Internal

ID_HEADER = "X-Request-Id"
#: Where the id stands in a request's scope, and the pattern of a route found by other ways.
ID, TEMPLATE = "khonggiay.request_id", "khonggiay.route"
_SAFE = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"cross-origin-resource-policy": b"same-origin",
    b"cache-control": b"no-store",
}
_HSTS = {b"strict-transport-security": b"max-age=63072000"}
#: What everybody may read, and browsers may keep for as long as it has not changed.
_PUBLIC = (FILES, PATH, "/openapi.json")
_REVALIDATED = {b"cache-control": b"no-cache"}
WRITE_SECONDS = 0.2

_log = structlog.get_logger()


class RequestLog:
    """The lines about requests, written some times a second: together they cost a fifth.

    Whatever goes wrong is logged at once; a killed process loses the last lines of what went well.
    """

    def __init__(self) -> None:
        self._waiting: list[dict[str, Any]] = []

    def note(self, scope: Scope, status: int | None, seconds: float) -> None:
        """Note what became of a request."""
        if not self._waiting:
            get_running_loop().call_later(WRITE_SECONDS, self.write)
        self._waiting.append(
            {
                "event": "request" if scope["type"] == "http" else "socket",
                "at": datetime.now(UTC),
                "method": scope.get("method", "GET"),
                "route": template_of(scope),
                "status": status,
                "ms": round(seconds * 1000, 1),
                "id": scope[ID],
            }
        )

    def write(self) -> None:
        """Write what waits."""
        waiting, self._waiting = self._waiting, []
        logs.write_together(waiting)


class Requests:
    """The outermost ASGI layer."""

    def __init__(self, app: ASGIApp, settings: Settings, log: RequestLog) -> None:
        self._app = app
        self._log = log if settings.logs.requests else None
        self._always_https = settings.http.public_url.startswith("https:")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and note what became of it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        scope[ID] = token_hex(8)
        answer = _Answer(send, self._headers(scope))
        since = perf_counter()
        try:
            await self._app(scope, receive, answer.send)
        except Exception as error:
            _log.error("request.failed", route=template_of(scope), id=scope[ID], exc_info=error)
            if scope["type"] == "websocket" or answer.status is not None:
                raise  # the server cuts the connection: half an answer must not look whole
            await refuse(Internal(correlation=scope[ID]), scope, answer.send)
        finally:
            if self._log is not None:
                self._log.note(scope, answer.status, perf_counter() - since)

    def _headers(self, scope: Scope) -> dict[bytes, bytes]:
        headers = _SAFE | {b"x-request-id": scope[ID].encode()}
        if scope["path"].startswith(_PUBLIC):
            headers |= _REVALIDATED
        if self._always_https or scope["scheme"] in {"https", "wss"}:
            headers |= _HSTS
        return headers


class _Answer:
    """Adds headers to an answer that does not have them, and remembers its status."""

    def __init__(self, send: Send, headers: dict[bytes, bytes]) -> None:
        self.status: int | None = None
        self._send, self._headers = send, headers

    async def send(self, message: Message) -> None:
        """Pass on a part of the answer."""
        if message["type"].endswith("response.start"):
            self.status = message["status"]
            given = message.get("headers", [])
            has = {name.lower() for name, _ in given}
            added = [item for item in self._headers.items() if item[0] not in has]
            message = {**message, "headers": [*given, *added]}
        await self._send(message)


def template_of(scope: Scope) -> str:
    """Return the pattern of the route that a request found; of none, nothing that it said."""
    route: Any = scope.get("route")
    return scope.get(TEMPLATE) or str(getattr(route, "path", "")) or "-"
