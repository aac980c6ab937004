"""A third party's application, and the official whose phone it asks."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx2 as httpx

from api.demo.phone import Phone
from api.signing.csc import service
from api.signing.csc.rules import Scope, Wish
from api.wiring import Engines
from core.actor import Actor, Role
from core.tokens import base64url
from tests.support.ministry import Ministry
from tests.support.signing import give_number, operator

#: Its SIM has a P-256 key.
PHONE = "84900004003"
REDIRECT = "https://third.example/back"
APPLICATION = "Cổng dịch vụ công"
SHA256 = "2.16.840.1.101.3.4.2.1"
DIGESTS = tuple(hashlib.sha256(bytes([each])).digest() for each in range(5))
Json = dict[str, Any]


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


HASHES = tuple(map(b64, DIGESTS))


@dataclass
class Application:
    """What a third party has: an id, a secret, and later a token."""

    http: httpx.AsyncClient
    client_id: UUID
    secret: str
    credential: str
    token: str = ""

    async def link(
        self, phone: Phone, verifier: str, *, scope: Scope = Scope.SERVICE,
        digests: Sequence[bytes] = (), **other: Any,
    ) -> Any:  # fmt: skip
        """Let the official open the application's link in their app."""
        challenge = base64url(hashlib.sha256(verifier.encode()).digest())
        wish = Wish(self.client_id, REDIRECT, scope, challenge, tuple(digests))
        asked = {
            "client_id": str(self.client_id),
            "redirect_uri": REDIRECT,
            "scope": scope,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "state": "a state",
            "hashes": [base64url(each) for each in digests],
            **other,
        }
        return await phone.step_up("/csc-grants", wish.subject, json=asked)

    async def exchange(self, code: str, verifier: str, /, **other: str) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "client_id": str(self.client_id),
            "client_secret": self.secret,
            "code_verifier": verifier,
            **other,
        }
        return await self.http.post("/csc/oauth2/token", data=form)

    async def log_in(self, phone: Phone) -> str:
        """Get a token for the official's service."""
        verifier = secrets.token_urlsafe(32)
        code = code_in(await self.link(phone, verifier))
        self.token = (await self.exchange(code, verifier)).json()["access_token"]
        return code

    async def call(self, path: str, body: Any, *, token: str | None = None) -> httpx.Response:
        given = self.token if token is None else token
        headers = {"Authorization": f"Bearer {given}"} if given else {}
        return await self.http.post(f"/csc/{path}", json=body, headers=headers)

    async def sad(self, hashes: Sequence[str] = HASHES[:1]) -> str:
        """Have the phone sign, and get the SAD for it."""
        answer = await self.call("v2/credentials/authorize", self.authorization(hashes))
        return str(answer.json()["SAD"])

    def authorization(self, hashes: Sequence[str] = HASHES[:1], **other: Any) -> Json:
        return {
            "credentialID": self.credential,
            "numSignatures": len(hashes),
            "hashes": list(hashes),
            "hashAlgorithmOID": SHA256,
            **other,
        }

    def order(self, sad: str, hashes: Sequence[str] = HASHES[:1], **other: Any) -> Json:
        return {
            "credentialID": self.credential,
            "SAD": sad,
            "hashes": list(hashes),
            "hashAlgorithmOID": SHA256,
            "signAlgo": "1.2.840.10045.4.3.2",
            **other,
        }


def code_in(allowed: Any) -> str:
    """Return the code that a browser brings back."""
    address = urlsplit(allowed.json()["redirect_to"])
    return str(parse_qs(address.query)["code"][0])


async def registered(
    engines: Engines, ministry: Ministry, http: httpx.AsyncClient, *, phone: str = PHONE
) -> Application:
    """Let an application in, and give the leader a SIM."""
    await give_number(engines, ministry, phone)
    operator(engines).ca.export_trust(engines.settings.trust)
    leader = ministry.leader
    administrator = Actor(leader.id, leader.agency_id, frozenset({Role.ADMINISTRATOR}))
    async with engines.db.begin() as tx:
        client, secret = await service.register(
            tx, administrator, name=APPLICATION, redirect_uri=REDIRECT, is_public=False
        )
    return Application(http, client.id, secret, str(leader.id))
