"""Files on their way up: nobody unknown sends one, and none is larger than the limit."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from fastapi import Request, Response, UploadFile
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive
from typing_extensions import override

from api.deps import Once, identify
from core.errors import TooLarge

CHUNK = 1024 * 1024


class Upload(Once):
    """A route that takes a file: who asks is known, and the size counted, while it comes in."""

    asks_who: ClassVar[bool] = True

    @override
    def get_route_handler(self) -> Callable[[Request], Any]:
        """Wrap the route's handler."""
        handle = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            if self.asks_who:
                await identify(request)
            meter = _Meter(request.receive, request.app.state.engines.settings.http.upload_limit)
            announced = request.headers.get("content-length", "")
            meter.must_fit(int(announced) if announced.isdecimal() else 0)
            try:
                response: Response = await handle(Request(request.scope, meter.receive))
            except HTTPException:  # how the form's reader reports what broke off
                meter.must_fit(meter.received)
                raise
            return response

        return bounded


class PublicUpload(Upload):
    """A route that takes a file from anybody; the size is counted all the same."""

    asks_who: ClassVar[bool] = False


class _Meter:
    """Counts what comes in and breaks off behind the limit."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self.received = 0

    def must_fit(self, size: int) -> None:
        """Refuse more than the limit."""
        if size > self._limit:
            raise TooLarge(limit=self._limit)

    async def receive(self) -> Message:
        """Pass the next message on."""
        message = await self._receive()
        self.received += len(message.get("body", b""))
        self.must_fit(self.received)
        return message


async def save(upload: UploadFile, target: Path) -> Path:
    """Write an uploaded file to a local one."""
    with await asyncio.to_thread(target.open, "xb") as file:
        while chunk := await upload.read(CHUNK):
            await asyncio.to_thread(file.write, chunk)
    return target
