"""Use-cases of the CSC server: each function is one transaction's worth of work."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from uuid import UUID

from sqlmodel import col, delete, select, update

from api.people.factors.rules import Deed
from api.people.factors.step_up import StepUp, must_step_up
from api.people.models import Official
from api.people.service import must_have_device
from api.signing.csc.errors import CscError, HashesNeeded, WrongRedirect, invalid, no_token
from api.signing.csc.events import ApplicationPrompted
from api.signing.csc.models import CscAuthorization, CscClient, CscGrant
from api.signing.csc.rules import (
    CODE_LIFETIME,
    SAD_LIFETIME,
    TOKEN_LIFETIME,
    Order,
    Scope,
    State,
    Wish,
    must_sign_so,
)
from api.signing.pdf.certificate import Mechanism
from api.signing.progress import free_phone, take_phone
from api.signing.rules import verification_code
from core import sessions
from core.actor import Actor, Role
from core.db import ReadTx, Tx
from core.errors import NotFound
from core.ids import new_id
from core.tokens import base64url, hash_of

_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Caller:
    """An application that speaks for an official."""

    client_id: UUID
    application: str
    official_id: UUID
    agency_id: UUID
    phone_number: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """What an application brings to exchange its code."""

    client_id: str
    secret: str
    redirect_uri: str
    code: str
    verifier: str


# --- the agency's applications --------------------------------------------------------------


async def register(
    tx: Tx, actor: Actor, *, name: str, redirect_uri: str, is_public: bool
) -> tuple[CscClient, str]:
    """Let an application in; its secret is shown this one time."""
    actor.must_be(Role.ADMINISTRATOR)
    secret = "" if is_public else secrets.token_urlsafe(32)
    client = CscClient(
        agency_id=actor.agency_id,
        name=name,
        redirect_uri=redirect_uri,
        secret_hash=hash_of(secret) if secret else None,
        created_at=tx.now,
    )
    tx.session.add(client)
    tx.audit(actor, "csc.register", client.id)
    return client, secret


async def clients(view: ReadTx, actor: Actor) -> Sequence[CscClient]:
    """List the agency's applications."""
    actor.must_be(Role.ADMINISTRATOR)
    statement = select(CscClient).where(
        CscClient.agency_id == actor.agency_id, col(CscClient.closed_at).is_(None)
    )
    return (await view.session.exec(statement.order_by(col(CscClient.id)).limit(500))).all()


async def close(tx: Tx, actor: Actor, client_id: UUID) -> CscClient:
    """Shut an application out, with every token that it has."""
    actor.must_be(Role.ADMINISTRATOR)
    client = await _client(tx, actor, client_id)
    client.closed_at = client.closed_at or tx.now
    tx.session.add(client)
    tx.audit(actor, "csc.close", client.id)
    return client


async def _client(view: ReadTx, actor: Actor, client_id: UUID) -> CscClient:
    client = await view.session.get(CscClient, client_id)
    if client is None or client.agency_id != actor.agency_id:
        raise NotFound(id=str(client_id))
    return client


# --- what an official allows ----------------------------------------------------------------


async def allow(
    tx: Tx, actor: Actor, wish: Wish, *, multisign: int, step_up: StepUp
) -> tuple[CscGrant, str]:
    """Let an official allow an application what it wants; return the code for it."""
    must_have_device(actor)
    client = await _client(tx, actor, wish.client_id)
    if client.closed_at is not None:
        raise NotFound(id=str(wish.client_id))
    if wish.redirect_uri != client.redirect_uri:
        raise WrongRedirect
    if (wish.scope is Scope.CREDENTIAL) != (0 < len(wish.hashes) <= multisign):
        raise HashesNeeded(most=multisign)
    await must_step_up(tx, actor, step_up, Deed.SIGN, wish.subject)
    code = secrets.token_urlsafe(32)
    grant = CscGrant(
        agency_id=actor.agency_id,
        official_id=actor.id,
        client_id=client.id,
        scope=wish.scope,
        hashes=[each.hex() for each in wish.hashes],
        code_hash=hash_of(code),
        code_challenge=wish.code_challenge,
        granted_at=tx.now,
    )
    tx.session.add(grant)
    tx.audit(actor, "csc.allow", client.id, scope=wish.scope.value, grant=str(grant.id))
    return grant, code


async def grants(view: ReadTx, actor: Actor) -> Sequence[tuple[CscGrant, str]]:
    """List what the official allows at present, and to which application."""
    statement = (
        select(CscGrant, CscClient.name)
        .join(CscClient, col(CscClient.id) == col(CscGrant.client_id))
        .where(CscGrant.official_id == actor.id, CscGrant.agency_id == actor.agency_id)
        .where(col(CscGrant.revoked_at).is_(None), col(CscGrant.token_until) > view.now)
        .order_by(col(CscGrant.id).desc())
    )
    return (await view.session.exec(statement.limit(200))).all()


async def withdraw(tx: Tx, actor: Actor, grant_id: UUID) -> CscGrant:
    """Let the official take back what they allowed."""
    grant = await tx.session.get(CscGrant, grant_id)
    if grant is None or grant.official_id != actor.id:
        raise NotFound(id=str(grant_id))
    grant.revoked_at = grant.revoked_at or tx.now
    tx.session.add(grant)
    tx.audit(actor, "csc.withdraw", grant.client_id, grant=str(grant.id))
    return grant


# --- tokens ---------------------------------------------------------------------------------


async def redeem(tx: Tx, exchange: Exchange) -> tuple[CscGrant, str] | None:
    """Exchange a code for a token; None where the code was used before.

    Whoever shows a used code has it from somebody else: the token that it gave is taken back.
    """
    client = await _authenticated(tx, exchange)
    found = select(CscGrant).where(CscGrant.code_hash == hash_of(exchange.code))
    grant = (await tx.session.exec(found)).first()
    challenge = base64url(sha256(exchange.verifier.encode()).digest())
    if (
        grant is None
        or grant.client_id != client.id
        or exchange.redirect_uri != client.redirect_uri
        or not hmac.compare_digest(grant.code_challenge, challenge)
        or tx.now >= grant.granted_at + CODE_LIFETIME
    ):
        raise CscError("Invalid code", error="invalid_grant")
    token = secrets.token_urlsafe(32)
    unused = (
        update(CscGrant)
        .where(col(CscGrant.id) == grant.id, col(CscGrant.redeemed_at).is_(None))
        .values(redeemed_at=tx.now, token_hash=hash_of(token), token_until=tx.now + TOKEN_LIFETIME)
        .execution_options(synchronize_session=False)
    )
    if (await tx.session.exec(unused)).rowcount == 1:
        return grant, token
    again = update(CscGrant).where(col(CscGrant.id) == grant.id).values(revoked_at=tx.now)
    await tx.session.exec(again)
    return None


async def _authenticated(view: ReadTx, exchange: Exchange) -> CscClient:
    client = await view.session.get(CscClient, _uuid(exchange.client_id))
    secret = hash_of(exchange.secret) if exchange.secret else ""
    if (
        client is None
        or client.closed_at is not None
        or not hmac.compare_digest(client.secret_hash or "", secret)
    ):
        raise CscError("Invalid client", error="invalid_client", status=HTTPStatus.UNAUTHORIZED)
    return client


async def revoke(tx: Tx, token: str) -> None:
    """Take a token back, as its holder wishes (RFC 7009); an unknown one is none already."""
    mine = update(CscGrant).where(col(CscGrant.token_hash) == hash_of(token))
    await tx.session.exec(mine.values(revoked_at=tx.now))


async def caller(view: ReadTx, token: str) -> Caller:
    """Return the application that a token speaks for, and the official whom it speaks of."""
    found = (
        select(CscGrant, CscClient, Official)
        .join(CscClient, col(CscClient.id) == col(CscGrant.client_id))
        .join(Official, col(Official.id) == col(CscGrant.official_id))
        .where(CscGrant.token_hash == hash_of(token), CscGrant.scope == Scope.SERVICE)
        .where(col(CscGrant.revoked_at).is_(None), col(CscGrant.token_until) > view.now)
        .where(col(CscClient.closed_at).is_(None))
    )
    row = (await view.session.exec(found)).first()
    if row is None:
        raise no_token()
    grant, client, official = row
    return await _as_caller(view, grant, client, official)


async def holder(view: ReadTx, grant: CscGrant) -> Caller:
    """Return the application of a grant, and its official."""
    client = await view.session.get_one(CscClient, grant.client_id)
    official = await view.session.get_one(Official, grant.official_id)
    return await _as_caller(view, grant, client, official)


async def _as_caller(
    view: ReadTx, grant: CscGrant, client: CscClient, official: Official
) -> Caller:
    if await sessions.owner_of(view, official.id) is None:
        raise no_token()
    return Caller(client.id, client.name, official.id, grant.agency_id, official.phone_number or "")


# --- authorisations -------------------------------------------------------------------------


async def begin(
    tx: Tx, who: Caller, digests: tuple[bytes, ...], signer: dict[str, Any]
) -> CscAuthorization:
    """Note the intent to ask the official's phone, with a fresh transaction for each hash."""
    authorization = CscAuthorization(
        agency_id=who.agency_id,
        official_id=who.official_id,
        client_id=who.client_id,
        phone_number=who.phone_number,
        hashes=[each.hex() for each in digests],
        transactions=[str(new_id()) for _ in digests],
        signer=signer,
        started_at=tx.now,
    )
    await tx.session.get_one(Official, who.official_id, with_for_update=True)  # one at a time
    if not await take_phone(tx, authorization, UUID(authorization.transactions[0])):
        raise CscError(
            "The signer's phone is busy",
            error="temporarily_unavailable",
            status=HTTPStatus.SERVICE_UNAVAILABLE,
        )
    tx.session.add(authorization)
    codes = [verification_code(each) for each in digests]
    tx.emit(
        ApplicationPrompted(
            official_id=who.official_id, application=who.application, verification_codes=codes
        )
    )
    signer_themselves = Actor(who.official_id, who.agency_id)
    tx.audit(signer_themselves, "csc.prompt", who.client_id, authorization=str(authorization.id))
    return authorization


async def note_signed(tx: Tx, begun: CscAuthorization, signatures: list[str]) -> str:
    """Keep the signatures that the phone gave; return the SAD that fetches them, once."""
    sad = secrets.token_urlsafe(32)
    await free_phone(tx, begun.phone_number)
    await _move(
        tx, begun.id, State.PROMPTING, State.AUTHORISED,
        signatures=signatures, sad_hash=hash_of(sad), sad_until=tx.now + SAD_LIFETIME,
    )  # fmt: skip
    return sad


async def note_refused(tx: Tx, begun: CscAuthorization) -> None:
    """Note that the phone gave no signature."""
    await free_phone(tx, begun.phone_number)
    await _move(tx, begun.id, State.PROMPTING, State.REFUSED)


async def fetch(tx: Tx, who: Caller, order: Order) -> tuple[list[str], str]:
    """Use up a SAD: return its signatures, or the response that fetches them later."""
    found = select(CscAuthorization).where(CscAuthorization.sad_hash == hash_of(order.sad))
    kept = (await tx.session.exec(found)).first()
    if (
        kept is None
        or (kept.official_id, kept.client_id) != (who.official_id, who.client_id)
        or kept.state is not State.AUTHORISED
        or kept.sad_until is None
    ):
        raise invalid("SAD")
    if tx.now >= kept.sad_until:
        raise CscError("SAD expired")
    if [each.hex() for each in order.digests] != kept.hashes:
        raise CscError("Hash is not authorized by the SAD")
    must_sign_so(order, Mechanism(kept.signer["mechanism"]))
    signatures = kept.signatures or []
    if not order.asynchronous:
        await _move(tx, kept.id, State.AUTHORISED, State.REDEEMED, signatures=None)
        return signatures, ""
    response = secrets.token_urlsafe(32)
    await _move(tx, kept.id, State.AUTHORISED, State.REDEEMED, response_hash=hash_of(response))
    return [], response


async def poll(view: ReadTx, who: Caller, response: str) -> list[str]:
    """Return the signatures behind a response, while they are kept."""
    found = select(CscAuthorization).where(
        CscAuthorization.response_hash == hash_of(response),
        CscAuthorization.official_id == who.official_id,
        CscAuthorization.client_id == who.client_id,
        col(CscAuthorization.sad_until) > view.now,
    )
    kept = (await view.session.exec(found)).first()
    if kept is None or kept.signatures is None:
        raise invalid("responseID")
    return kept.signatures


async def _move(tx: Tx, authorization_id: UUID, since: State, to: State, **values: Any) -> None:
    """Move an authorisation on; of two at once only one is the first."""
    still = (
        update(CscAuthorization)
        .where(col(CscAuthorization.id) == authorization_id, col(CscAuthorization.state) == since)
        .values(state=to, **values)
        .execution_options(synchronize_session=False)
    )
    if (await tx.session.exec(still)).rowcount != 1:
        raise invalid("SAD")


async def forget_old(tx: Tx) -> None:
    """Drop what nobody can use any more; the audit keeps that it was."""
    old = tx.now - _KEPT
    await tx.session.exec(delete(CscAuthorization).where(col(CscAuthorization.started_at) < old))
    await tx.session.exec(delete(CscGrant).where(col(CscGrant.granted_at) < old))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
