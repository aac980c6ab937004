"""Use-cases of second factors: each function is one transaction's worth of work."""

from typing import Any
from uuid import UUID

from sqlmodel import col, delete

from api.people import queries as people
from api.people import tries
from api.people.events import FactorsChanged
from api.people.factors import codes, passkeys, queries
from api.people.factors.errors import BadPasskey, FactorExists, OwnFactors, WrongFactor
from api.people.factors.models import Passkey, RecoveryCode, Totp
from api.people.factors.passkeys import Person
from api.people.factors.rules import Deed, challenge, must_have_room
from api.people.factors.step_up import StepUp, Tools, context_of, must_step_up, use_code
from api.people.models import Official
from core.actor import Actor, Role
from core.db import ReadTx, Tx
from core.errors import NotFound


async def begin_totp(tx: Tx, actor: Actor, step_up: StepUp) -> str:
    """Return the secret of a new authenticator app; it counts once it is confirmed."""
    await _must_step_up(tx, actor, step_up)
    kept = await queries.totp(tx, actor.id)
    if kept is not None and kept.confirmed_at is not None:
        raise FactorExists
    secret = codes.new_secret()
    sealed = step_up.tools.vault.seal(secret.encode(), context_of(actor.id))
    if kept is None:
        kept = Totp(official_id=actor.id, agency_id=actor.agency_id, sealed_secret=sealed,
                    begun_at=tx.now)  # fmt: skip
    kept.sealed_secret, kept.begun_at, kept.last_step = sealed, tx.now, 0
    tx.session.add(kept)
    return secret


async def confirm_totp(tx: Tx, actor: Actor, tools: Tools, code: str) -> list[str]:
    """Let the authenticator app count from now on; return recovery codes if these are the first."""
    app = await queries.totp(tx, actor.id)
    if app is None:
        raise WrongFactor
    if app.confirmed_at is not None:
        raise FactorExists
    await use_code(tx, tools.vault, app, code)
    await tx.session.refresh(app)
    app.confirmed_at = tx.now
    tx.session.add(app)
    await tries.clear_codes(tx, actor)
    _tell(tx, actor, "totp_added")
    return await _first_codes(tx, actor)


async def remove_totp(tx: Tx, actor: Actor, step_up: StepUp) -> None:
    """Take the authenticator app away; a second time changes nothing."""
    await _must_step_up(tx, actor, step_up)
    app = await queries.totp(tx, actor.id)
    if app is not None:
        await tx.session.delete(app)
        _tell(tx, actor, "totp_removed")


async def passkey_options(view: ReadTx, actor: Actor, tools: Tools) -> dict[str, Any]:
    """Return what the phone hands to its authenticator to make a passkey."""
    official = await people.official(view, actor, actor.id)
    known = [kept.credential_id for kept in await queries.passkeys(view, actor.id)]
    asked = challenge(_new_passkey(actor.id), tools.nonces.current(view.now))
    person = Person(official.id, official.full_name)
    return passkeys.options(tools.party, person, asked, known)


async def add_passkey(
    tx: Tx, actor: Actor, step_up: StepUp, *, credential: dict[str, Any], name: str
) -> list[str]:
    """Keep a new passkey; return recovery codes if these are the first."""
    asked = challenge(_new_passkey(actor.id), step_up.proof.nonce)
    made = passkeys.judge_new(step_up.tools.party, credential, asked)
    known = await queries.passkey(tx, made.credential_id)
    if known is not None:
        if known.official_id != actor.id:
            raise BadPasskey
        return []  # sent twice
    must_have_room(await queries.count_passkeys(tx, actor.id))
    await _must_step_up(tx, actor, step_up)
    tx.session.add(
        Passkey(
            agency_id=actor.agency_id,
            official_id=actor.id,
            name=name,
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            is_synced=made.is_synced,
            added_at=tx.now,
        )
    )
    _tell(tx, actor, "passkey_added")
    return await _first_codes(tx, actor)


async def remove_passkey(tx: Tx, actor: Actor, step_up: StepUp, passkey_id: UUID) -> None:
    """Take a passkey away."""
    kept = await tx.session.get(Passkey, passkey_id)
    if kept is None or kept.official_id != actor.id:
        raise NotFound(id=str(passkey_id))
    await _must_step_up(tx, actor, step_up)
    await tx.session.delete(kept)
    _tell(tx, actor, "passkey_removed")


async def renew_codes(tx: Tx, actor: Actor, step_up: StepUp) -> list[str]:
    """Return new recovery codes; the old ones are worthless."""
    await _must_step_up(tx, actor, step_up)
    await _drop_codes(tx, actor.id)
    _tell(tx, actor, "recovery_codes_renewed")
    return await _first_codes(tx, actor)


async def reset(tx: Tx, actor: Actor, step_up: StepUp, official_id: UUID) -> None:
    """Let an administrator take every second factor of a colleague away who has lost them all."""
    actor.must_be(Role.ADMINISTRATOR)
    official: Official = await people.official(tx, actor, official_id)
    if official.id == actor.id:
        raise OwnFactors
    await _must_step_up(tx, actor, step_up)
    await tx.session.exec(delete(Passkey).where(col(Passkey.official_id) == official_id))
    await tx.session.exec(delete(Totp).where(col(Totp.official_id) == official_id))
    await _drop_codes(tx, official_id)
    tx.emit(FactorsChanged(official_id=official_id, by=actor.id, what="reset"))
    tx.audit(actor, "people.factors_reset", official_id)


# --- what all of them stand on --------------------------------------------------------------


async def _must_step_up(tx: Tx, actor: Actor, step_up: StepUp) -> None:
    await must_step_up(tx, actor, step_up, Deed.CHANGE_FACTORS, b"factors" + actor.id.bytes)
    await tries.clear_codes(tx, actor)


def _tell(tx: Tx, actor: Actor, what: str) -> None:
    """Tell the official's phones and the audit: nobody changes how somebody proves unseen."""
    tx.emit(FactorsChanged.model_validate({"official_id": actor.id, "by": actor.id, "what": what}))
    tx.audit(actor, f"people.{what}", actor.id)


def _new_passkey(official_id: UUID) -> bytes:
    return b"new passkey" + official_id.bytes


async def _first_codes(tx: Tx, actor: Actor) -> list[str]:
    if await queries.unused_codes(tx, actor.id):
        return []
    made = codes.new_recovery_codes()
    for code in made:
        kept = codes.recovery_hash(actor.id, code)
        row = RecoveryCode(hash=kept, official_id=actor.id, agency_id=actor.agency_id)
        tx.session.add(row)
    return made


async def _drop_codes(tx: Tx, official_id: UUID) -> None:
    mine = col(RecoveryCode.official_id) == official_id
    await tx.session.exec(delete(RecoveryCode).where(mine))
