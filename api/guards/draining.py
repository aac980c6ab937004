"""What a stopping server cannot finish in time is answered all the same."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import MEDIA_TYPE, problem_of
from core.errors import Stopping


class Draining:
    """An ASGI layer for a server that cancels what still runs when its time to stop is up.

    Whoever asks again with the same Idempotency-Key loses nothing by it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; answer it where the server stops before its answer began."""
        has_begun = False

        async def noted(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except asyncio.CancelledError:  # a task of the server's own; it ends here
            if scope["type"] == "http" and not has_begun:
                await _refuse(send)


async def _refuse(send: Send) -> None:
    body = problem_of(Stopping.code, Stopping.status, {}).model_dump_json().encode()
    headers = {"content-type": MEDIA_TYPE, "content-length": str(len(body)), "connection": "close"}
    pairs = [(k.encode(), v.encode()) for k, v in (headers | Stopping.headers).items()]
    await send({"type": "http.response.start", "status": int(Stopping.status), "headers": pairs})
    await send({"type": "http.response.body", "body": body})
