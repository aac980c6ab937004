"""Stepping up (RFC 9470): before a grave deed, somebody shows that it is really them, just now.

What is signed is a challenge over the deed's subject and the server's nonce: for a signature the
request's id and the digest of the paper. Nothing is kept in between.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, update

from api.people import tries
from api.people.factors import codes, passkeys, queries
from api.people.factors.errors import StepUpNeeded, WrongFactor
from api.people.factors.models import Passkey, RecoveryCode, Totp
from api.people.factors.passkeys import RelyingParty
from api.people.factors.rules import (
    BOUND,
    MAX_AGE,
    Deed,
    Factor,
    accepted,
    challenge,
    on_the_wire,
)
from core.actor import Actor
from core.db import Database, Tx
from core.nonces import Nonces
from core.tokens import Proof
from core.vault import Vault

#: What can be guessed, and so has to be counted.
CODES = frozenset({Factor.TOTP, Factor.RECOVERY_CODE})


@dataclass(frozen=True, slots=True)
class Tools:
    """What second factors are judged with."""

    vault: Vault
    nonces: Nonces
    party: RelyingParty


@dataclass(frozen=True, slots=True)
class Shown:
    """What the header `Step-Up` shows.

    Attributes:
        factor: what it is; the device alone when there is no header.
        code: what was typed, for codes.
        assertion: what the authenticator signed, for passkeys.
    """

    factor: Factor = Factor.DEVICE
    code: str = ""
    assertion: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class StepUp:
    """One request's proof of its device and what it shows beside it."""

    tools: Tools
    proof: Proof
    shown: Shown


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was shown, so that somebody else can judge it years later.

    Attributes:
        proof: the device's own proof, whole.
        public_jwk: the device's key.
        passkey: assertion and public key of the passkey, where one was used.
    """

    factor: Factor
    at: datetime
    nonce: str
    challenge: bytes
    proof: str
    public_jwk: dict[str, str]
    passkey: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what is kept."""
        return {
            "factor": self.factor,
            "at": self.at.isoformat(),
            "nonce": self.nonce,
            "challenge": on_the_wire(self.challenge),
            "proof": self.proof,
            "public_jwk": self.public_jwk,
            "passkey": self.passkey,
        }


async def count(db: Database, actor: Actor, step_up: StepUp) -> None:
    """Count a code before it is judged, in a transaction that its refusal does not undo."""
    if step_up.shown.factor in CODES:
        step_up.tools.nonces.must_be_current(step_up.proof.nonce, db.clock())
        async with db.begin() as tx:
            await tries.count_codes(tx, actor)


async def must_step_up(
    tx: Tx, actor: Actor, step_up: StepUp, deed: Deed, subject: bytes
) -> Evidence:
    """Return the evidence that it is really the actor, just now, for this subject; or ask for it.

    Codes are counted before: see `count`.
    """
    proof, shown = step_up.proof, step_up.shown
    wanted = accepted(deed, await queries.owned(tx, actor.id))
    asked = challenge(subject, proof.nonce)
    if shown.factor not in wanted or not _vouches(deed, proof, asked):
        raise _needed(step_up.tools, wanted, subject, tx.now)
    step_up.tools.nonces.must_be_current(proof.nonce, tx.now)
    kept = await _CHECKS[shown.factor](tx, actor.id, step_up, asked)
    return Evidence(
        shown.factor, tx.now, proof.nonce, asked, proof.text, proof.public_jwk, passkey=kept
    )


def _vouches(deed: Deed, proof: Proof, asked: bytes) -> bool:
    return deed not in BOUND or proof.challenge == on_the_wire(asked)


def _needed(
    tools: Tools, wanted: tuple[Factor, ...], subject: bytes, now: datetime
) -> StepUpNeeded:
    nonce = tools.nonces.current(now)
    return StepUpNeeded(
        acr_values=" ".join(wanted),
        max_age=int(MAX_AGE.total_seconds()),
        nonce=nonce,
        challenge=on_the_wire(challenge(subject, nonce)),
        rp_id=tools.party.domain,
    )


# --- what each factor has to hold -----------------------------------------------------------


async def _check_device(_: Tx, __: UUID, ___: StepUp, ____: bytes) -> None:
    """The proof of the device's key says it all."""


async def _check_totp(tx: Tx, official_id: UUID, step_up: StepUp, _: bytes) -> None:
    app = await queries.totp(tx, official_id)
    if app is None:
        raise WrongFactor
    await use_code(tx, step_up.tools.vault, app, step_up.shown.code)


async def use_code(tx: Tx, vault: Vault, app: Totp, code: str) -> None:
    """Take a code of an authenticator app, once: its time step and those before are used up."""
    secret = vault.open(app.sealed_secret, context_of(app.official_id)).decode()
    step = codes.step_of(secret, code, tx.now)
    newer = (
        update(Totp)
        .where(col(Totp.official_id) == app.official_id, col(Totp.last_step) < step)
        .values(last_step=step)
        .execution_options(synchronize_session=False)
    )
    if (await tx.session.exec(newer)).rowcount != 1:
        raise WrongFactor


async def _check_recovery_code(tx: Tx, official_id: UUID, step_up: StepUp, _: bytes) -> None:
    kept = codes.recovery_hash(official_id, step_up.shown.code)
    unused = (
        update(RecoveryCode)
        .where(col(RecoveryCode.hash) == kept, col(RecoveryCode.used_at).is_(None))
        .values(used_at=tx.now)
    )
    if (await tx.session.exec(unused)).rowcount != 1:
        raise WrongFactor


async def _check_passkey(
    tx: Tx, official_id: UUID, step_up: StepUp, asked: bytes
) -> dict[str, Any]:
    assertion = step_up.shown.assertion or {}
    kept = await queries.passkey(tx, passkeys.credential_id(assertion))
    if kept is None or kept.official_id != official_id:
        raise WrongFactor
    count = passkeys.judge(step_up.tools.party, kept, assertion, asked)
    await _count(tx, kept, count)
    return {"assertion": assertion, "public_key": on_the_wire(kept.public_key)}


async def _count(tx: Tx, kept: Passkey, count: int) -> None:
    """Keep the new count; of two equal assertions at once only one is the first."""
    unchanged = (
        update(Passkey)
        .where(col(Passkey.id) == kept.id, col(Passkey.sign_count) == kept.sign_count)
        .values(sign_count=count, used_at=tx.now)
        .execution_options(synchronize_session=False)
    )
    if (await tx.session.exec(unchanged)).rowcount != 1:
        raise WrongFactor


def context_of(official_id: UUID) -> str:
    """Return what a sealed secret belongs to."""
    return f"totp:{official_id}"


_CHECKS: dict[Factor, Callable[[Tx, UUID, StepUp, bytes], Awaitable[dict[str, Any] | None]]] = {
    Factor.DEVICE: _check_device,
    Factor.TOTP: _check_totp,
    Factor.RECOVERY_CODE: _check_recovery_code,
    Factor.PASSKEY: _check_passkey,
}
