"""The door: which official and which device stands behind a request.

A device sends `Authorization: DPoP <token>` and a proof of its key for just this request
(RFC 9449). A console session sends `Authorization: Bearer <token>`; production refuses it.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from http import HTTPMethod
from uuid import UUID

from pydantic import BaseModel, Field

from core.actor import Actor
from core.config import Settings
from core.db import Database
from core.keys import load_or_make
from core.memory import Memory
from core.nonces import Nonces
from core.sessions import Device
from core.tokens import (
    ACCESS_LIFETIME,
    CONSOLE_LIFETIME,
    REMEMBERED,
    BadProof,
    BadToken,
    Proof,
    TokenKeys,
    check_proof,
)

SAFE = frozenset({HTTPMethod.GET, HTTPMethod.HEAD, HTTPMethod.OPTIONS})
SOCKET_LIFETIME = timedelta(hours=8)


#: The ids in tokens, read once: the same few thousand devices ask all day.


class Tokens(BaseModel):
    """Tokens of a session; `token_type` says how to send the access token."""

    access_token: str
    token_type: str = Field(description="`DPoP` for a device, `Bearer` for a console session")
    expires_in: int = Field(description="seconds")
    refresh_token: str | None = None
    device_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a request tells who sends it."""

    method: str
    url: str
    authorization: str
    proof: str
    #: The URL with its escapes as they were sent, where it has any: phones may sign either.
    written: str | None = None


class Door:
    """Checks who is asking, and hands out tokens."""

    def __init__(self, settings: Settings, db: Database) -> None:
        keys = settings.keys
        self.is_production = settings.is_production
        sign_on = settings.single_sign_on
        self.takes_passwords = sign_on.local_accounts or not sign_on.is_on
        self.refresh_secret = load_or_make(keys / "refresh.key", lambda: secrets.token_bytes(32))
        self.socket_lifetime = SOCKET_LIFETIME
        self.ice_servers = settings.media.ice_servers
        self._public_url = settings.http.public_url.rstrip("/")
        self._db = db
        self._keys = TokenKeys(keys)
        self._memory = Memory(db)
        self.nonces = Nonces(self.refresh_secret)

    async def identify(self, asked: Asked) -> tuple[Actor, Proof | None]:
        """Return the actor behind a request and the proof it brings, or refuse it.

        Before a change takes effect, the proof must be used up in the change's transaction.
        """
        scheme, _, token = asked.authorization.partition(" ")
        said = self._keys.check(token, self._db.clock())
        proof = None
        if said.thumbprint is None:
            if scheme.lower() != "bearer" or self.is_production:
                raise BadToken
        elif scheme.lower() != "dpop":
            raise BadToken
        else:
            proof = self.prove(asked, access_token=token)
            if not secrets.compare_digest(proof.thumbprint.encode(), said.thumbprint.encode()):
                raise BadProof
        ids = (_id(said.device_id), _id(said.session_id)) if said.device_id else (None, None)
        return await self._memory.actor(_id(said.official_id), *ids), proof

    def prove(self, asked: Asked, *, access_token: str | None) -> Proof:
        """Return the key that a request proves; this process takes the same proof only once."""
        proof = check_proof(
            asked.proof,
            method=asked.method,
            url=self._as_phones_see(asked.url),
            now=self._db.clock(),
            access_token=access_token,
            written=self._as_phones_see(asked.written) if asked.written else None,
        )
        self._memory.see(proof)
        return proof

    def nonce(self) -> str:
        """Return what the next fresh proof must hold."""
        return self.nonces.current(self._db.clock())

    def must_be_fresh(self, proof: Proof) -> None:
        """Refuse a proof that was not made in the last two minutes, for us."""
        self.nonces.must_be_current(proof.nonce, self._db.clock())

    def tokens(self, device: Device, refresh_token: str) -> Tokens:
        """Return the tokens of a device's session."""
        token = self._keys.issue(
            official_id=str(device.official_id),
            device_id=str(device.id),
            session_id=str(device.session_id),
            thumbprint=device.thumbprint,
            now=self._db.clock(),
        )
        return Tokens(
            access_token=token,
            token_type="DPoP",  # noqa: S106 - a scheme
            expires_in=int(ACCESS_LIFETIME.total_seconds()),
            refresh_token=refresh_token,
            device_id=device.id,
        )

    def console_tokens(self, actor: Actor) -> Tokens:
        """Return the bearer token of a console session."""
        token = self._keys.issue_to_console(official_id=str(actor.id), now=self._db.clock())
        return Tokens(
            access_token=token,
            token_type="Bearer",  # noqa: S106 - a scheme
            expires_in=int(CONSOLE_LIFETIME.total_seconds()),
        )

    def forget(self, device_id: UUID | None = None) -> None:
        """Ask the database anew for a device, or for everybody: rights have changed."""
        self._memory.forget(device_id)

    def _as_phones_see(self, url: str) -> str:
        """Return the URL behind a proxy as the phone wrote it into its proof."""
        if not self._public_url:
            return url
        path = url.split("://", 1)[1].partition("/")[2]
        return f"{self._public_url}/{path}"


@lru_cache(REMEMBERED)
def _id(said: str) -> UUID:
    """Read an id of a token; a token of ours that holds none was not made by this house."""
    try:
        return UUID(said)
    except ValueError as error:
        raise BadToken from error
