"""A push service (RFC 8030) with its browsers: it checks VAPID, and they open what was sealed.

The first word of a subscription says how the service answers.
"""

import base64
import json
import ssl
import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import http_ece
from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from push.gateway.port import Address
from push.rules import AddressKind
from push.sealing import Keys
from tests.support.tls import self_signed

REFUSALS: dict[str, tuple[int, dict[str, str]]] = {
    "gone": (410, {}),
    "lost": (404, {}),
    "busy": (429, {"Retry-After": "90"}),
    "bad": (400, {}),
    "large": (413, {}),
    "down": (500, {}),
    "resting": (503, {"Retry-After": "120"}),
    "locked": (403, {}),
    "moved": (307, {"Location": "https://127.0.0.1:1/elsewhere"}),
}


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(text: str) -> bytes:
    """Decode base64url without its padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Subscriber:
    """A browser, or an app behind a distributor: it alone can open what was sealed for it."""

    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    secret: bytes = b"sixteen  octets!"

    @property
    def keys(self) -> Keys:
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return Keys(_text(point), _text(self.secret))

    def open(self, sealed: bytes) -> bytes:
        """Open what was sealed for this one, or fail."""
        plain: bytes = http_ece.decrypt(
            sealed, private_key=self.key, auth_secret=self.secret, version="aes128gcm"
        )
        return plain


class PushService:
    """Takes messages for its subscribers and remembers them.

    Attributes:
        kept: by subscription and topic, the last body; a topic replaces what it had before.
        headers: by subscription, the headers of every request that was taken.
        raw: every byte that came.
    """

    def __init__(self, certificate: Path) -> None:
        self.certificate = certificate
        self.url = ""
        self.kept: dict[str, dict[str, bytes]] = defaultdict(dict)
        self.headers: dict[str, list[dict[str, str]]] = defaultdict(list)
        self.subscribers: dict[str, Subscriber] = defaultdict(Subscriber)
        self.asked: Counter[str] = Counter()
        self.raw: list[bytes] = []
        self.server_key = ""
        self.faults: list[str] = []

    def address(self, name: str) -> Address:
        """Return the address of a subscription."""
        return Address(AddressKind.WEBPUSH, f"{self.url}/wpush/{name}")

    def shown(self, name: str) -> list[str]:
        """Return what a subscriber shows, by the ids of the messages."""
        opened = [self.subscribers[name].open(body) for body in self.kept[name].values()]
        return [json.loads(plain)["n"] for plain in opened]

    async def take(self, request: web.Request) -> web.Response:
        """Take a message for a subscription, or refuse it."""
        name, body = request.match_info["name"], await request.read()
        self.raw.append(f"{request.raw_path} {dict(request.headers)} ".encode() + body)
        self.asked[name] += 1
        status, headers = REFUSALS.get(name.partition("-")[0], (0, {}))
        if status:
            return web.Response(status=status, headers=headers)
        fault = self._fault_of(request, body)
        if fault:
            self.faults.append(fault)
            return web.Response(status=401 if "vapid" in fault else 400, text=fault)
        self.headers[name].append(dict(request.headers))
        self.kept[name][request.headers["Topic"]] = body
        return web.Response(status=201, headers={"Location": f"{self.url}/message/1"})

    def _fault_of(self, request: web.Request, body: bytes) -> str:
        said = request.headers
        faults = {
            "no TTL": not said.get("TTL", "").isdigit(),
            "bad urgency": said.get("Urgency") not in {"very-low", "low", "normal", "high"},
            "bad topic": not 0 < len(said.get("Topic", "")) <= 32,
            "bad encoding": said.get("Content-Encoding") != "aes128gcm",
            "too large": len(body) > 4096,
            "vapid refused": not self._is_signed(said.get("Authorization", "")),
        }
        return next((fault for fault, is_so in faults.items() if is_so), "")

    def _is_signed(self, header: str) -> bool:
        scheme, _, rest = header.partition(" ")
        said = dict(part.strip().split("=", 1) for part in rest.split(","))
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(said["k"]))
        signed, _, signature = said["t"].rpartition(".")
        claims, both = json.loads(raw(signed.split(".")[1])), raw(signature)
        r, s = int.from_bytes(both[:32]), int.from_bytes(both[32:])
        try:
            point.verify(encode_dss_signature(r, s), signed.encode(), ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        is_in_time = time.time() < claims["exp"] <= time.time() + 24 * 3600
        is_ours = claims["aud"] == self.url and said["k"] == (self.server_key or said["k"])
        return scheme == "vapid" and is_in_time and is_ours and claims["sub"].startswith("mailto:")


@asynccontextmanager
async def push_service(folder: Path) -> AsyncGenerator[PushService]:
    """Run a push service in this loop, over TLS."""
    key, certificate = self_signed(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    service, app = PushService(certificate), web.Application()
    app.router.add_post("/wpush/{name}", service.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    host, port = runner.addresses[0][:2]
    service.url = f"https://{host}:{port}"
    try:
        yield service
    finally:
        await runner.cleanup()
