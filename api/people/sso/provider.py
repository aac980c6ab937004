"""The configured OpenID provider over the network: discovery, keys, and the code's exchange.

It is the only one that is ever asked, whatever a token or a phone says: issuer, client and
algorithm come from the settings, the addresses from the issuer's own discovery.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import httpx
import orjson

from api.people.sso.errors import ProviderRefused, ProviderUnreachable
from core.access import SingleSignOn, is_private_line
from core.clock import Clock
from core.errors import AppError
from core.issuers import ID_TYPES, LOGOUT_TYPES, claims_of, keys_of, kid_of
from core.tokens import base64url

#: Keys are fetched anew after this, and at most once in `SPACING` for a key that is not known.
LIFETIME = timedelta(hours=1)
SPACING = timedelta(minutes=1)
#: Before anything is known, a provider that was away is asked again sooner.
FIRST_SPACING = timedelta(seconds=5)
TIMEOUT = 10.0
LARGEST_ANSWER = 256 * 1024
MOST_KEYS = 50
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What we use of a provider's discovery document."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    names_itself: bool


class Cached(Generic[T]):
    """Something fetched, kept for a while, and never asked for too often."""

    def __init__(self, fetch: Callable[[], Awaitable[T]], clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = asyncio.Lock()
        self._kept: tuple[datetime, T] | None = None
        self._asked_at: datetime | None = None

    async def get(self, good: Callable[[T], bool] = lambda _: True) -> T:
        """Return what is kept; fetch it when it is old or not `good`, if that may be."""
        async with self._lock:
            kept = self._kept
            if kept and self._clock() < kept[0] + LIFETIME and good(kept[1]):
                return kept[1]
            if self._may_ask():
                self._asked_at = self._clock()
                kept = self._kept = (self._asked_at, await self._fetch())
            if kept is None:
                raise ProviderUnreachable
            return kept[1]

    def _may_ask(self) -> bool:
        spacing = SPACING if self._kept else FIRST_SPACING
        return self._asked_at is None or self._clock() >= self._asked_at + spacing


class Provider:
    """The ministry's identity provider.

    Args:
        settings: who it is, and who we are to it.
        clock: for the ages of what is kept.
        transport: another way to it, for tests.
    """

    def __init__(
        self,
        settings: SingleSignOn,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.settings = settings
        self._transport = transport
        self._metadata = Cached(self._discover, clock)
        self._keys = Cached(self._fetch_keys, clock)

    async def authorization_url(self, *, state: str, nonce: str, verifier: str) -> str:
        """Return where the person's browser has to go (code flow with PKCE)."""
        metadata = await self._metadata.get()
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": self.settings.redirect_uri,
            "scope": self.settings.scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": base64url(sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        joint = "&" if urlsplit(metadata.authorization_endpoint).query else "?"
        return f"{metadata.authorization_endpoint}{joint}{urlencode(asked)}"

    async def exchange(self, code: str, verifier: str, answered_by: str | None) -> dict[str, Any]:
        """Return the genuine claims of the ID token that a code stands for; not yet judged.

        Args:
            code: what the browser brought.
            verifier: of PKCE.
            answered_by: the issuer in the browser's answer (RFC 9207), against mix-ups.
        """
        metadata = await self._metadata.get()
        if answered_by != self.settings.issuer and (answered_by or metadata.names_itself):
            raise ProviderRefused
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.settings.redirect_uri,
            "code_verifier": verifier,
        }
        answer = await self._ask("POST", metadata.token_endpoint, **self._as_client(form))
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderRefused
        return await self._claims(token, ID_TYPES, ProviderRefused)

    async def logout_claims(self, token: str, refusal: type[AppError]) -> dict[str, Any]:
        """Return the genuine claims of a logout token; not yet judged."""
        return await self._claims(token, LOGOUT_TYPES, refusal)

    async def _claims(
        self, token: str, kinds: tuple[str | None, ...], refusal: type[AppError]
    ) -> dict[str, Any]:
        algorithm = self.settings.algorithm
        kid = kid_of(token, algorithm, kinds, refusal)
        keys = await self._keys.get(lambda known: kid in known)
        if kid not in keys:
            raise refusal
        return claims_of(token, keys[kid], refusal)

    def _as_client(self, form: dict[str, str]) -> dict[str, Any]:
        """Say who we are: with our secret (RFC 6749 section 2.3.1), or as a public client."""
        secret = self.settings.client_secret.get_secret_value()
        if not secret:
            return {"data": form | {"client_id": self.settings.client_id}}
        return {"data": form, "auth": (quote(self.settings.client_id, ""), quote(secret, ""))}

    async def _discover(self) -> Metadata:
        address = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        said = await self._ask("GET", address)
        methods = said.get("code_challenge_methods_supported", ["S256"])
        algorithms = said.get("id_token_signing_alg_values_supported", [])
        if (
            said.get("issuer") != self.settings.issuer
            or "S256" not in methods
            or self.settings.algorithm not in algorithms
        ):
            raise ProviderRefused
        return Metadata(
            authorization_endpoint=_address(said, "authorization_endpoint"),
            token_endpoint=_address(said, "token_endpoint"),
            jwks_uri=_address(said, "jwks_uri"),
            names_itself=said.get("authorization_response_iss_parameter_supported") is True,
        )

    async def _fetch_keys(self) -> dict[str, Any]:
        metadata = await self._metadata.get()
        said = await self._ask("GET", metadata.jwks_uri)
        given = said.get("keys")
        if not isinstance(given, list):
            raise ProviderRefused
        return keys_of(given[:MOST_KEYS], self.settings.algorithm)

    async def _ask(self, method: str, address: str, **options: Any) -> dict[str, Any]:
        """Ask the provider for a JSON object; nothing else is believed."""
        try:
            async with (
                httpx.AsyncClient(
                    transport=self._transport, timeout=TIMEOUT, trust_env=False
                ) as client,
                client.stream(method, address, **options) as answer,
            ):
                body = await _limited(answer)
        except httpx.HTTPError as error:
            raise ProviderUnreachable from error
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ProviderUnreachable
        if answer.status_code != HTTPStatus.OK:
            raise ProviderRefused
        return _object(body)


def _address(said: dict[str, Any], name: str) -> str:
    """Take an address of the provider only where nobody can listen in."""
    address = said.get(name)
    if not isinstance(address, str) or not is_private_line(address):
        raise ProviderRefused
    return address


async def _limited(answer: httpx.Response) -> bytes:
    body = b""
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > LARGEST_ANSWER:
            raise ProviderRefused
    return body


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ProviderRefused from error
    if not isinstance(said, dict):
        raise ProviderRefused
    return said
