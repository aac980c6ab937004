"""The bus between processes: core NATS, which loses what it cannot deliver and says nothing.

Subscribers of this process hear each other without it, so that a dead bus parts the nodes and
nothing else. While it is away nothing is kept for it: on every return, this process and all the
others are told that something was lost, and read the log.
"""

import asyncio
import random
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error, SlowConsumerError

from core.bus.port import LOST, Bus, Heard, Wake
from core.mailbox import MOST_WAITING, Mailbox, size_of

#: A server that does not answer for so long is dead, whatever TCP says.
PATIENCE = 5
#: How often an idle connection is tried, in seconds.
BEAT = 5.0
PAUSE = 0.5
#: How much is sent before the server is asked whether it got it, in bytes.
BATCH = 1024 * 1024

_AWAY = (OSError, TimeoutError, Error)
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class NatsServers:
    """Where the bus is.

    Attributes:
        urls: one or more, separated by commas; they may name a user and a password.
        subject: what this installation's processes publish to; another one needs another.
        ca: the certificate of the authority that the servers' TLS is trusted by, if it is used.
    """

    urls: str
    subject: str = "khonggiay"
    ca: Path | None = None


class NatsBus:
    """Passes on to the other processes what is said in this one, and the reverse."""

    def __init__(self, servers: NatsServers, here: Bus) -> None:
        self._servers = servers
        self._here = here
        self._outbox = Mailbox()
        self._complained = False
        self.is_connected = False

    def publish(self, heard: Heard) -> None:
        """See `Bus.publish`."""
        self._here.publish(heard)
        if self.is_connected:
            self._outbox.put(heard)

    def subscribe(self) -> AbstractAsyncContextManager[AsyncIterator[Heard]]:
        """See `Bus.subscribe`."""
        return self._here.subscribe()

    async def run(self) -> None:
        """See `Bus.run`."""
        while True:
            try:
                async with self._connection() as client:
                    await self._converse(client)
            except _AWAY as error:
                await self._note(error)
            finally:
                self.is_connected = False
            await asyncio.sleep(PAUSE * random.uniform(0.5, 1.5))  # noqa: S311 - jitter

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[Client]:
        """Open a connection; a lost one is never mended but opened anew, here."""
        client = Client()
        try:
            await _cancellable(client.connect(**self._options()))
            yield client
        finally:
            await _abandon(client)

    def _options(self) -> dict[str, Any]:
        options = {
            "servers": self._servers.urls.split(","),
            "error_cb": self._note,
            "closed_cb": self._wake_sender,
            "allow_reconnect": False,
            "max_reconnect_attempts": -1,  # of the first connection: as long as it takes
            "reconnect_time_wait": PAUSE,
            "connect_timeout": PATIENCE,
            "no_echo": True,
            "pending_size": 2 * MOST_WAITING,
        }
        if self._servers.ca is not None:
            # From the first byte, so that nobody between can talk us out of it.
            context = ssl.create_default_context(cafile=self._servers.ca)
            options |= {"tls": context, "tls_handshake_first": True}
        return options

    async def _converse(self, client: Client) -> None:
        subject = self._servers.subject
        await client.subscribe(subject, cb=self._receive, pending_bytes_limit=MOST_WAITING)
        await _cancellable(client.flush(PATIENCE))
        _log.info("bus.connected")
        self._outbox = Mailbox()
        self.is_connected, self._complained = True, False
        self._here.publish(LOST)
        self._outbox.put(LOST)
        while True:
            await self._send(client, await self._next())
            await _cancellable(client.flush(PATIENCE))

    async def _next(self) -> list[Heard]:
        try:
            async with asyncio.timeout(BEAT):
                return await self._outbox.take()
        except TimeoutError:
            return []

    async def _send(self, client: Client, waiting: list[Heard]) -> None:
        sent = 0
        for heard in waiting:
            payload = _encode(heard, client.max_payload)
            if payload is not None:
                await client.publish(self._servers.subject, payload)
            sent += size_of(heard)
            if sent > BATCH:
                await _cancellable(client.flush(PATIENCE))
                sent = 0

    async def _receive(self, message: Msg) -> None:
        heard = _decode(message.data)
        if heard is not None:
            self._here.publish(heard)

    async def _note(self, error: Exception) -> None:
        """Say once that the bus is away, not at every try; an error may name secrets."""
        if isinstance(error, SlowConsumerError):
            self._here.publish(LOST)
        elif not self._complained:
            self._complained = True
            _log.warning("bus.away", error=type(error).__name__)

    async def _wake_sender(self) -> None:
        self._outbox.put(LOST)


async def _cancellable(work: Coroutine[Any, Any, None]) -> None:
    """Await the library's `work`; it waits in ways that can swallow a cancellation."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    finally:
        task.cancel()


async def _abandon(client: Client) -> None:
    """Close, whether the server still reads or not; the library's own close waits for it."""
    with suppress(*_AWAY):
        async with asyncio.timeout(1):
            await _cancellable(client.close())
    writer = getattr(client._transport, "_io_writer", None)  # noqa: SLF001
    if writer is not None:
        writer.transport.abort()


def _encode(heard: Heard, most: int) -> bytes | None:
    """Return what is sent: a line with stream and position, then the frame; `LOST` is empty.

    A frame that is too large is left out: the log has it. None: no log has it either.
    """
    if not isinstance(heard, Wake):
        return b""
    position = "" if heard.seq is None else str(heard.seq)
    line = f"{heard.stream} {position}\n".encode()
    if len(line) + len(heard.data) <= most:
        return line + heard.data
    return None if heard.seq is None else line


def _decode(payload: bytes) -> Heard | None:
    """Return what was sent, or None for what no process of ours would send."""
    if not payload:
        return LOST
    line, _, data = payload.partition(b"\n")
    try:
        stream, position = line.decode().split(" ")
        return Wake(stream, int(position) if position else None, data)
    except ValueError:
        _log.warning("bus.not_understood", size=len(payload))
        return None
