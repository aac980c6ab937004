"""What an attacker knows and can do: everything but the victim's key, and sometimes our own key."""

import json
import secrets
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import httpx2 as httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from api.demo.phone import Phone
from core.tokens import hash_of, public_jwk
from tests.support.jws import Sign, by_hand, es256, rs256
from tests.support.ministry import BASE_URL

#: A read, a read on the short lane, and a change.
TARGETS = (("GET", "/me"), ("GET", "/inbox"), ("POST", "/realtime/tickets"))
Headers = list[tuple[bytes, bytes]]


@cache
def _another() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Attacker:
    """Has the victim's tokens and proofs from the wire, and a phone of their own."""

    http: httpx.AsyncClient
    victim: Phone
    now: Callable[[], datetime]
    #: The server's own key: with it, only what is said can be wrong.
    stolen: rsa.RSAPrivateKey
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    other: rsa.RSAPrivateKey = field(default_factory=_another)

    @property
    def claims(self) -> dict[str, Any]:
        """Read what the victim's token says; it is no secret."""
        body = self.victim.access_token.split(".")[1]
        said: dict[str, Any] = json.loads(urlsafe_b64decode(body + "=="))
        return said

    def public(self, encoding: serialization.Encoding) -> bytes:
        """Return our public key, which anybody may have."""
        kind = serialization.PublicFormat.SubjectPublicKeyInfo
        return self.stolen.public_key().public_bytes(encoding, kind)

    def token(
        self,
        header: dict[str, Any] | None = None,
        claims: dict[str, Any] | None = None,
        sign: Sign | None = None,
    ) -> str:
        """Forge an access token, right but for the changes; what is None is left out."""
        front = {"alg": "RS256", "typ": "at+jwt"} | (header or {})
        said = _without_none(self.claims | (claims or {}))
        return by_hand(_without_none(front), said, sign or rs256(self.stolen))

    def proof(
        self,
        method: str,
        path: str,
        token: str,
        *,
        header: dict[str, Any] | None = None,
        claims: dict[str, Any] | None = None,
        key: ec.EllipticCurvePrivateKey | None = None,
    ) -> str:
        """Forge a proof of the victim's key, or of another one, right but for the changes."""
        key = key or self.victim.key
        front = {"alg": "ES256", "typ": "dpop+jwt", "jwk": public_jwk(key.public_key())}
        said = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": f"{BASE_URL}{path}",
            "iat": int(self.now().timestamp()),
            "ath": hash_of(token),
        }
        return by_hand(
            _without_none(front | (header or {})), _without_none(said | (claims or {})), es256(key)
        )

    async def send(
        self, method: str, path: str, authorization: str | bytes, *proofs: str | bytes
    ) -> httpx.Response:
        """Send a request with just these headers."""
        headers: Headers = [(b"Authorization", _raw(authorization))]
        headers += [(b"DPoP", _raw(proof)) for proof in proofs]
        return await self.http.request(method, f"{BASE_URL}{path}", headers=headers)


def _raw(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _without_none(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}
