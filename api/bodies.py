"""No body is larger than its limit: refused by what it announces, cut off by what arrives."""

from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import MEDIA_TYPE, problem_of
from core.config import Http
from core.errors import TooLarge

_FORM = "multipart/form-data"


class BodyLimit:
    """An ASGI layer that counts what comes in; files have a larger limit than words."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, as long as it fits."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        limits: Http = scope["app"].state.engines.settings.http
        limit = _limit_for(headers.get("content-type", ""), limits)
        announced = headers.get("content-length", "0")
        if announced.isdecimal() and int(announced) > limit:
            await _refuse(limit, send)
            return
        exchange = _Exchange(receive, send, limit)
        with suppress(TooLarge):
            await self._app(scope, exchange.receive, exchange.send)
        if exchange.is_over:
            await _refuse(limit, send)


def _limit_for(content_type: str, limits: Http) -> int:
    is_form = content_type.lower().startswith(_FORM)
    return limits.upload_limit if is_form else limits.body_limit


class _Exchange:
    """Counts a request's body; once that is over the limit, no other answer leaves."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self.is_over = False
        self._receive = receive
        self._send = send
        self._left = limit

    async def receive(self) -> Message:
        """Pass on the next part of the body."""
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.is_over = True
            raise TooLarge
        return message

    async def send(self, message: Message) -> None:
        """Pass on the answer; what the framework makes of a body that broke off is no answer."""
        if not self.is_over:
            await self._send(message)


async def _refuse(limit: int, send: Send) -> None:
    problem = problem_of(TooLarge.code, TooLarge.status, {"limit": limit})
    body = problem.model_dump_json().encode()
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": int(TooLarge.status), "headers": headers})
    await send({"type": "http.response.body", "body": body})
