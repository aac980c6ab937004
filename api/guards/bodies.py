"""No body is larger than its limit or slower than can be waited for.

Too large is what announces so or what arrives; too slow is what falls silent, or drips.
"""

import asyncio
from contextlib import suppress
from time import monotonic

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.guards.refusing import refuse
from core.config import Http
from core.errors import AppError, TooLarge, TooSlow

_FORM = "multipart/form-data"
#: What a body must bring in each second, once its first seconds are over.
LEAST_RATE = 1024


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
            await refuse(TooLarge(limit=limit), scope, send, close=True)
            return
        exchange = _Exchange(receive, send, limit, limits.body_seconds)
        with suppress(TooLarge, TooSlow):
            await self._app(scope, exchange.receive, exchange.send)
        if exchange.refusal is not None and not exchange.answered:
            await refuse(exchange.refusal, scope, send, close=True)


def _limit_for(content_type: str, limits: Http) -> int:
    is_form = content_type.lower().startswith(_FORM)
    return limits.upload_limit if is_form else limits.body_limit


class _Exchange:
    """Watches a request's body; once that is refused, no other answer leaves."""

    def __init__(self, receive: Receive, send: Send, limit: int, patience: float) -> None:
        self.refusal: AppError | None = None
        self.answered = False
        self._receive = receive
        self._send = send
        self._limit = limit
        self._patience = patience
        self._since = monotonic()
        self._arrived = 0
        self._ended = False

    async def receive(self) -> Message:
        """Pass on the next part of the body."""
        if self._ended:  # then the next message is that the phone has gone: that may take long
            return await self._receive()
        message = await self._next()
        self._arrived += len(message.get("body", b""))
        self._ended = not message.get("more_body", False)
        if self._arrived > self._limit:
            self._refuse(TooLarge(limit=self._limit))
        if not self._ended and monotonic() > self._since + self._allowed():
            self._refuse(TooSlow())
        return message

    async def send(self, message: Message) -> None:
        """Pass on the answer; what the framework makes of a body that broke off is no answer."""
        if self.refusal is None:
            self.answered = True
            await self._send(message)

    async def _next(self) -> Message:
        try:
            async with asyncio.timeout(self._patience):
                return await self._receive()
        except TimeoutError:
            self._refuse(TooSlow())
            raise

    def _allowed(self) -> float:
        return self._patience + self._arrived / LEAST_RATE

    def _refuse(self, refusal: AppError) -> None:
        self.refusal = refusal
        raise refusal
