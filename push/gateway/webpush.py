"""Web Push (RFC 8030, 8291, 8292): browsers, and UnifiedPush through a server of one's own.

The phone names the URL of its push service, so every connection passes the guard, no redirect is
followed and no answer is read. The service proves nothing to us; we prove who we are with VAPID.
"""

import asyncio
import base64
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from typing_extensions import override

from core.keys import load_or_make
from push.errors import BadEndpoint, NoContact
from push.gateway.answers import retry_after
from push.gateway.guard import Guard, Network, NotAllowed
from push.gateway.port import (
    Address,
    Gateway,
    Gone,
    Later,
    Message,
    Outcome,
    Rejected,
    Sent,
    Unauthorized,
    Unreachable,
)
from push.rules import AddressKind, Urgency

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

#: At most so many requests at a time.
PARALLEL = 32
#: Of one request, in seconds.
PATIENCE = 10.0
#: Of a service that has had enough, unless it asks for a longer one.
ENOUGH_PAUSE = timedelta(seconds=60)
#: How long a signature is good; RFC 8292 allows a day.
SIGNATURE_SECONDS = 12 * 3600
MOST_ORIGINS = 1000


@dataclass(frozen=True, slots=True)
class Sender:
    """Who we are to push services.

    Attributes:
        key: the file of our key; it is made once, and phones subscribe to it.
        contact: where their operators reach ours: `mailto:` or `https:`.
        allowed: networks of one's own in which push services stand.
        ca: the certificates of an authority that they are trusted by, beside the system's.
        proxy: between here and there; empty for none.
    """

    key: Path
    contact: str
    allowed: Sequence[Network] = ()
    ca: Path | None = None
    proxy: str = ""

    def must_be_usable(self) -> None:
        """Refuse a contact that push services would refuse."""
        if not self.contact.startswith(("mailto:", "https://")):
            raise NoContact


class WebPushGateway(Gateway):
    """Speaks to whichever push services phones have named."""

    def __init__(self, sender: Sender) -> None:
        sender.must_be_usable()
        self.kinds = frozenset({AddressKind.WEBPUSH})
        self.guard = Guard(sender.allowed)
        self._sender = sender
        self._key = _load(sender.key)
        self._signed: dict[str, tuple[float, str]] = {}
        self._session: ClientSession | None = None
        self._slots = asyncio.Semaphore(PARALLEL)

    @property
    def public_key(self) -> str:
        """Return what a phone subscribes with (`applicationServerKey`)."""
        point = self._key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return _text(point)

    @override
    def provider_of(self, address: Address) -> str:
        parts = urlsplit(address.value)
        return f"{parts.scheme}://{parts.netloc}".lower()

    @override
    async def send(self, address: Address, message: Message) -> Outcome:
        if message.sealed is None:
            return Rejected("not_sealed")
        try:
            self.guard.must_be_an_endpoint(address.value)
        except BadEndpoint:
            return Rejected("address_not_allowed")
        headers = self._headers(message) | self._signature(self.provider_of(address))
        async with self._slots:
            return await self._post(address.value, message.sealed, headers)

    @override
    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> Outcome:
        from aiohttp import ClientConnectorError, ClientError  # noqa: PLC0415 - loaded by now

        session = self._session = self._session or await self._open()
        try:
            async with session.post(
                url, data=body, headers=headers, allow_redirects=False,
                proxy=self._sender.proxy or None,
            ) as answer:  # fmt: skip
                return outcome_of(answer)
        except ClientConnectorError as error:
            if isinstance(error.os_error, NotAllowed):
                return Rejected("address_not_allowed")
            raise Unreachable("no_connection") from error
        except TimeoutError as error:
            raise Unreachable("timed_out") from error
        except ClientError as error:
            raise Unreachable(type(error).__name__) from error

    async def _open(self) -> "ClientSession":
        import aiohttp  # noqa: PLC0415 - only where web push is used

        # Behind a proxy the only connection is the one to the proxy, which the operator has named.
        guarding: dict[str, Any] = {} if self._sender.proxy else {"socket_factory": self.guard.open}
        connector = aiohttp.TCPConnector(limit=PARALLEL, ssl=_trust(self._sender.ca), **guarding)
        return aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=PATIENCE),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )

    def _headers(self, message: Message) -> dict[str, str]:
        return {
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(int(message.time_to_live.total_seconds())),
            "Urgency": "normal" if message.urgency is Urgency.NORMAL else "high",
            "Topic": topic(message.id),
        }

    def _signature(self, origin: str) -> dict[str, str]:
        """Sign for one push service, anew when half of the last signature's time is over."""
        from pywebpush import Vapid  # noqa: PLC0415 - loaded by now, since the message is sealed

        now = time.time()
        good_until, header = self._signed.get(origin, (0.0, ""))
        if good_until - now < SIGNATURE_SECONDS / 2:
            good_until = now + SIGNATURE_SECONDS
            claims = {"aud": origin, "exp": int(good_until), "sub": self._sender.contact}
            header = Vapid(self._key).sign(claims)["Authorization"]
            if len(self._signed) >= MOST_ORIGINS:
                self._signed.clear()
            self._signed[origin] = (good_until, header)
        return {"Authorization": header}


def topic(message_id: UUID) -> str:
    """Return the collapse key: at most 32 characters of base64url."""
    return _text(message_id.bytes)


def outcome_of(answer: "ClientResponse") -> Outcome:
    """Read the answer of a push service."""
    asked = retry_after(answer.headers.get("Retry-After"))
    match answer.status:
        case HTTPStatus.OK | HTTPStatus.CREATED | HTTPStatus.ACCEPTED | HTTPStatus.NO_CONTENT:
            return Sent()
        case HTTPStatus.NOT_FOUND | HTTPStatus.GONE:
            return Gone()
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            raise Unauthorized
        case HTTPStatus.TOO_MANY_REQUESTS:
            return Later(max(asked or ENOUGH_PAUSE, ENOUGH_PAUSE))
        case status if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            if asked is not None:
                return Later(asked)
            raise Unreachable(str(status))
        case status:
            return Rejected(str(status))


def _load(path: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(load_or_make(path, _new_key), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path} is no P-256 key")
    return key


def _new_key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _trust(ca: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca is not None:
        context.load_verify_locations(cafile=ca)
    return context


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
