"""A provider that says whatever a test wants; it answers without a network."""

from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from core.access import SingleSignOn
from tests.support.jws import by_hand, part, rs256
from tests.support.oidc.claims import CLIENT, ISSUER

SETTINGS = SingleSignOn(
    issuer=ISSUER, client_id=CLIENT, redirect_uri="https://office.example/signed-in"
)
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
WEAK = rsa.generate_private_key(public_exponent=65537, key_size=1024)


def jwk_of(key: rsa.RSAPrivateKey, kid: str = "one", **more: Any) -> dict[str, Any]:
    """Show a public key as a provider's set does."""
    numbers = key.public_key().public_numbers()
    size = (numbers.n.bit_length() + 7) // 8
    return {
        "kty": "RSA",
        "kid": kid,
        "use": "sig",
        "e": "AQAB",
        "n": part(numbers.n.to_bytes(size)),
    } | more


def ec_jwk_of(key: ec.EllipticCurvePrivateKey, kid: str = "one") -> dict[str, Any]:
    """Show a public P-256 key as a provider's set does."""
    numbers = key.public_key().public_numbers()
    return {
        "kty": "EC", "crv": "P-256", "kid": kid,
        "x": part(numbers.x.to_bytes(32)), "y": part(numbers.y.to_bytes(32)),
    }  # fmt: skip


class Liar:
    """What it says of itself, its keys, and the ID token that any code stands for."""

    def __init__(self) -> None:
        self.discovery: dict[str, Any] = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/auth",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        }
        self.keys: Any = {"keys": [jwk_of(KEY)]}
        self.token: Any = {}
        self.asked: list[str] = []
        self.away = False

    @property
    def transport(self) -> httpx.MockTransport:
        """Return the way to it."""
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if self.away:
            raise httpx.ConnectError("away", request=request)
        said = {"/.well-known/openid-configuration": self.discovery, "/keys": self.keys,
                "/token": self.token}[request.url.path]  # fmt: skip
        if isinstance(said, httpx.Response):
            return said
        return httpx.Response(200, json=said)


def signed(claims: Any, *, key: rsa.RSAPrivateKey = KEY, kid: Any = "one", **header: Any) -> str:
    """Sign by hand: nothing keeps a liar from saying anything."""
    front = {"alg": "RS256", "typ": "JWT", "kid": kid} | header
    return by_hand(
        {name: value for name, value in front.items() if value is not None}, claims, rs256(key)
    )
