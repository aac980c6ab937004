"""Trust services over HTTP: allow-listed hosts, small answers, little time, no detours."""

import asyncio
import socket
from dataclasses import dataclass, field
from ipaddress import ip_address

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from typing_extensions import override

from api.signing.trust.addresses import AllowList
from api.signing.trust.errors import TrustServiceSilent
from api.signing.trust.port import WIRES, Question, TrustServices

_CHUNK = 64 << 10
_AT_ONCE = 16
_TO_CONNECT = 3.0
_OK = 200


class GuardedResolver(AbstractResolver):
    """Resolves names, and refuses those that lead where nobody may be sent.

    The connection is made to just the addresses that were looked at: a name that resolves
    differently the next time gains nothing.
    """

    def __init__(self, allowed: AllowList) -> None:
        self._allowed = allowed

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        return [self._checked(host, port, each[0], str(each[4][0])) for each in found]

    @override
    async def close(self) -> None:
        """Keep nothing."""

    def _checked(self, host: str, port: int, family: int, address: str) -> ResolveResult:
        self._allowed.must_allow_address(ip_address(address.partition("%")[0]))
        return ResolveResult(
            hostname=host, host=address, port=port, family=family, proto=0,
            flags=socket.AI_NUMERICHOST,
        )  # fmt: skip


@dataclass
class HttpTrustServices(TrustServices):
    """One shared client for all of them."""

    allowed: AllowList
    seconds: float = 10.0
    _session: aiohttp.ClientSession | None = field(default=None, init=False, repr=False)
    _places: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(_AT_ONCE), init=False, repr=False
    )

    @override
    async def ask(self, question: Question) -> bytes:
        self.allowed.must_allow(question.url)
        try:
            async with self._places, asyncio.timeout(self.seconds):
                return await self._exchange(question)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as failure:
            raise TrustServiceSilent(why=type(failure).__name__) from failure

    @override
    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _exchange(self, question: Question) -> bytes:
        wire = WIRES[question.kind]
        method = "POST" if wire.asks_with else "GET"
        headers = {"Accept-Encoding": "identity"} | (
            {"Content-Type": wire.asks_with} if wire.asks_with else {}
        )
        async with self._client().request(
            method, question.url, data=question.body or None, headers=headers, allow_redirects=False
        ) as response:
            if response.status != _OK:
                raise TrustServiceSilent(why="status", status=response.status)
            return await _bounded(response.content, wire.most_bytes)

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                resolver=GuardedResolver(self.allowed), use_dns_cache=False, limit=_AT_ONCE
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=self.seconds, sock_connect=_TO_CONNECT),
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._session


async def _bounded(stream: aiohttp.StreamReader, most: int) -> bytes:
    """Read an answer whole, or give up as soon as it is too large."""
    parts, size = [], 0
    async for part in stream.iter_chunked(_CHUNK):
        size += len(part)
        if size > most:
            raise TrustServiceSilent(why="too_large")
        parts.append(part)
    return b"".join(parts)
