"""Signing in at the provider: transaction, network, transaction."""

import secrets
from dataclasses import dataclass

from api.people import flows as people
from api.people.flows import LoggedIn
from api.people.sso import service
from api.people.sso.errors import BadLogoutToken, NoSingleSignOn
from api.people.sso.provider import Provider
from api.people.sso.rules import identity_of, logout_of
from core import proofs
from core.db import Database
from core.tokens import Proof, hash_of


@dataclass(frozen=True, slots=True)
class Tools:
    """What single sign-on works with.

    Attributes:
        provider: the configured one, or None.
        secret: what nonces and verifiers are derived with, the same on every node.
    """

    provider: Provider | None
    secret: bytes

    def must_have_provider(self) -> Provider:
        """Return the provider, or say that there is none."""
        if self.provider is None:
            raise NoSingleSignOn
        return self.provider

    def nonce(self, state: str) -> str:
        """Return what the ID token must hold."""
        return self._derived("nonce", state)

    def verifier(self, state: str) -> str:
        """Return what proves to the provider that it was we who began (RFC 7636)."""
        return self._derived("verifier", state)

    def _derived(self, purpose: str, state: str) -> str:
        return hash_of(f"sso.{purpose}.{self.secret.hex()}.{state}")


async def begin(db: Database, tools: Tools, *, proof: Proof, device_name: str) -> str:
    """Return where the browser has to go; what comes back belongs to this device."""
    state = secrets.token_urlsafe(32)
    url = await tools.must_have_provider().authorization_url(
        state=state, nonce=tools.nonce(state), verifier=tools.verifier(state)
    )
    async with db.begin() as tx:
        service.note_begun(tx, state=state, proof=proof, device_name=device_name)
    return url


@dataclass(frozen=True, slots=True)
class Back:
    """What the browser brought back.

    Attributes:
        issuer: who says to have answered, where that is said.
        address: where it was brought from, as far as it is known.
    """

    state: str
    code: str
    issuer: str | None
    address: str = ""


async def complete(db: Database, tools: Tools, *, proof: Proof, back: Back) -> LoggedIn:
    """Start a session for whom the provider vouches; a new device is registered and must wait."""
    provider = tools.must_have_provider()
    async with db.begin() as tx:
        name = await service.use_up(tx, state=back.state, proof=proof)
    claims = await provider.exchange(back.code, tools.verifier(back.state), back.issuer)
    vouched = identity_of(
        claims,
        issuer=provider.settings.issuer,
        client_id=provider.settings.client_id,
        nonce=tools.nonce(back.state),
        now=db.clock(),
    )
    async with db.read() as view:
        owner = await service.owner_of(view, vouched)
    return await people.log_in(
        db, owner, device_name=name, proof=proof, address=back.address,
        began=lambda tx, device: service.note_session(tx, device, vouched),
    )  # fmt: skip


async def log_out(db: Database, tools: Tools, token: str) -> None:
    """End what the provider has ended; each of its tokens counts once."""
    provider = tools.must_have_provider()
    claims = await provider.logout_claims(token, BadLogoutToken)
    logout = logout_of(
        claims,
        issuer=provider.settings.issuer,
        client_id=provider.settings.client_id,
        now=db.clock(),
    )
    async with db.begin() as tx:
        used = f"logout.{logout.issuer}.{logout.token_id}"
        if not await proofs.note_use(tx, used, until=logout.expires_at):
            raise BadLogoutToken
        await service.end_sessions(tx, logout)
