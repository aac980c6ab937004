"""A bad mobile network between a phone and a server: far away, narrow, with stalls and drops.

Bytes are passed on as late as the network would deliver them: after those before them, at the rate
of the link, and after the way. A new connection costs a round trip before its first byte leaves.
"""

import asyncio
import random
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """What the network is like; times in seconds, the rate in bytes a second each way."""

    way: float = 0.150
    rate: float = 400_000 / 8
    #: How often nothing passes for a moment, on average, and for how long at most.
    stall_every: float = 6.0
    stall_most: float = 0.6


class Network:
    """A link that is the only way to the server behind it."""

    def __init__(self, behind: int, link: Link, seed: int) -> None:
        self.port = 0
        self.bytes = 0
        self._behind, self._link = behind, link
        self._chance = random.Random(seed)
        self._free_at = {"up": 0.0, "down": 0.0}
        self._stalls_at = self._stalled_until = 0.0
        self._open: set[asyncio.StreamWriter] = set()

    def drop(self) -> None:
        """Lose every connection, without a word to either side."""
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection."""
        begins = asyncio.get_running_loop().time() + 2 * self._link.way
        back, forth = await asyncio.open_connection("127.0.0.1", self._behind)
        self._open |= {writer, forth}
        await asyncio.gather(
            self._carry(reader, forth, "up", begins), self._carry(back, writer, "down", begins)
        )

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str, begins: float
    ) -> None:
        loop, last = asyncio.get_running_loop(), 0.0
        with suppress(OSError):
            while data := await reader.read(1400):  # as much as one packet holds
                self.bytes += len(data)
                leaves = self._leaves(way, len(data), max(begins, loop.time()))
                last = leaves + self._link.way
                loop.call_at(last, _write, writer, data)
        loop.call_at(max(last, loop.time()), writer.close)

    def _leaves(self, way: str, size: int, now: float) -> float:
        """Return when the last of so many bytes has left this end of the link."""
        begins = self._without_stall(max(now, self._free_at[way]))
        self._free_at[way] = begins + size / self._link.rate
        return self._free_at[way]

    def _without_stall(self, moment: float) -> float:
        if not self._stalls_at:
            self._stalls_at = moment + self._chance.expovariate(1 / self._link.stall_every)
        if moment >= self._stalls_at:
            self._stalled_until = moment + self._chance.uniform(0, self._link.stall_most)
            self._stalls_at = 0.0
        return max(moment, self._stalled_until)


def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    if not writer.is_closing():
        writer.write(data)


@dataclass(frozen=True)
class Terminator:
    """Ends TLS in front of a server, as a proxy would."""

    behind: int

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection."""
        with suppress(OSError, ssl.SSLError):
            back, forth = await asyncio.open_connection("127.0.0.1", self.behind)
            await asyncio.gather(_pipe(reader, forth), _pipe(back, writer))


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, ssl.SSLError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def bad_network(
    behind: int, tls: ssl.SSLContext, link: Link, seed: int
) -> AsyncGenerator[Network]:
    """Stand between phones and the server at the port `behind`, with TLS on the whole way."""
    terminator = Terminator(behind)
    async with await asyncio.start_server(terminator.take, "127.0.0.1", 0, ssl=tls) as inner:
        network = Network(inner.sockets[0].getsockname()[1], link, seed)
        async with await asyncio.start_server(network.take, "127.0.0.1", 0) as outer:
            network.port = outer.sockets[0].getsockname()[1]
            yield network
            network.drop()
