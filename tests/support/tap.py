"""A tap on the wire: a proxy that passes everything on and keeps what was said."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from tests.support.server import Server

_PACKED = b"Accept-Encoding: gzip, deflate"
# Short ones count as well, or the search would go on at their closing quote; where a frame's length
# reads as a quote, what follows a closing one cannot begin a text.
_STRING = re.compile(rb'"(?![:,\]}])((?:[^"\\\x00-\x1f]|\\.)*)"')
_SECRET = re.compile(rb"(?im)^(?:authorization|dpop|dpop-nonce|cookie|idempotency-key|"
                     rb"sec-websocket-protocol|x-forwarded-for): *([^\r\n]+)")  # fmt: skip
_FIELD = re.compile(rb'name="\w+"\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]{4,})\r\n')


class Tap:
    """What passed, both ways."""

    def __init__(self) -> None:
        self.port = 0
        self._behind = 0
        self._heard: list[bytearray] = []
        self._open: set[asyncio.StreamWriter] = set()

    def in_front_of(self, server: Server) -> str:
        """Pass everything on to a server; return the address to ask instead of its own."""
        self._behind = server.port
        return f"http://127.0.0.1:{self.port}"

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", self._behind)
        self._open.update((writer, forth))
        passing = (self._pass(reader, forth), self._pass(back, writer))
        await asyncio.gather(*passing, return_exceptions=True)
        await self._close(writer, forth)

    async def close(self) -> None:
        """Cut whatever is still connected."""
        await self._close(*self._open)

    async def _close(self, *writers: asyncio.StreamWriter) -> None:
        for writer in writers:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            self._open.discard(writer)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kept = bytearray()
        self._heard.append(kept)
        while data := await reader.read(1 << 16):
            plain = data.replace(_PACKED, b"Accept-Encoding: identity     ")
            kept += plain
            writer.write(plain)
            await writer.drain()
        with suppress(OSError):
            writer.write_eof()

    def strings(self) -> set[str]:
        """Every text in JSON, every field of a form and every header that may hold a secret."""
        found: set[str] = set()
        for one in self._heard:
            found.update(_decoded(text) for text in _STRING.findall(one))
            found.update(text.decode("utf-8", "ignore") for text in _FIELD.findall(one))
            for header in _SECRET.findall(one):
                found.update(part for part in header.decode().split() if len(part) > 8)
        return found


def _decoded(text: bytes) -> str:
    try:
        return str(json.loads(b'"' + text + b'"'))
    except ValueError:  # bytes of a file that look like a text
        return text.decode("utf-8", "ignore")


@asynccontextmanager
async def tapped() -> AsyncGenerator[Tap]:
    """Listen; `in_front_of` names the server."""
    tap = Tap()
    async with await asyncio.start_server(tap.take, "127.0.0.1", 0) as standing:
        tap.port = standing.sockets[0].getsockname()[1]
        yield tap
        await tap.close()
