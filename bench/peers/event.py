"""What every peer sends: the event of a turned page, as large as ours."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import orjson

_ROOM, _ID = UUID(int=7), UUID(int=9)


def event(number: int) -> dict[str, Any]:
    """Return the event with this number, in the envelope of `khonggiay.v1`."""
    return {
        "t": "ev",
        "s": f"room:{_ROOM}",
        "q": 1_000_000 + number,
        "id": str(_ID),
        "k": "meeting.page_turned",
        "at": "2026-01-05T08:00:00.123456+00:00",
        "d": {
            "meeting_id": str(_ROOM),
            "by": str(_ID),
            "document_id": str(_ID),
            "revision_id": str(_ID),
            "page": number % 90 + 10,
        },
    }


def encoded(number: int) -> bytes:
    """Return the event as JSON."""
    return orjson.dumps(event(number))


#: Publishes the event of a number; calls the second argument just before the first frame leaves.
Publish = Callable[[int, Callable[[], None]], Awaitable[None]]


async def serve_control(port: int, publish: Publish) -> None:
    """Take `<count> <µs>` on a line, and publish so many events, one every so many µs."""
    number = 0

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal number
        while line := await reader.readline():
            count, interval = map(int, line.split())
            due = time.monotonic()
            for _ in range(count):
                number += 1
                await publish(number, lambda: writer.write(b"ok\n"))
                due += interval / 1e6
                await asyncio.sleep(max(0.0, due - time.monotonic()) if interval else 0)

    server = await asyncio.start_server(take, "127.0.0.1", port)
    await server.serve_forever()
