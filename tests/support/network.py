"""A network between phones and a server that can be lost, silently, and comes back."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from tests.support.server import Server


class Network:
    """Passes everything on, until it is lost: then nothing more arrives, and nobody is told."""

    def __init__(self) -> None:
        self.port = 0
        self._behind = 0
        self._is_lost = False
        self._open: set[asyncio.StreamWriter] = set()

    def in_front_of(self, server: Server) -> str:
        """Pass everything on to a server; return the address to ask instead of its own."""
        self._behind = server.port
        return f"http://127.0.0.1:{self.port}"

    def lose(self) -> None:
        """From now on what is sent disappears, and who comes anew gets no answer."""
        self._is_lost = True

    def mend(self) -> None:
        """Pass on what comes from now on; what stood before is found to be broken."""
        self._is_lost = False
        for writer in tuple(self._open):
            writer.transport.abort()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with suppress(OSError):
            if self._is_lost:
                await reader.read()  # until `mend` breaks it off
            else:
                await self._connect(reader, writer)
        self._drop(writer)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", self._behind)
        self._open.add(forth)
        try:
            passing = (self._pass(reader, forth), self._pass(back, writer))
            await asyncio.gather(*passing, return_exceptions=True)
        finally:
            self._drop(forth)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1 << 16):
                if not self._is_lost:
                    writer.write(data)
                    await writer.drain()
        finally:
            if not self._is_lost:
                writer.close()

    def _drop(self, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()
        self._open.discard(writer)


@asynccontextmanager
async def network() -> AsyncGenerator[Network]:
    """Stand in the way; `in_front_of` names the server."""
    between = Network()
    async with await asyncio.start_server(between.take, "127.0.0.1", 0, backlog=512) as standing:
        between.port = standing.sockets[0].getsockname()[1]
        yield between
        between.mend()
