"""Use-cases of single sign-on: each function is one transaction's worth of work."""

from uuid import UUID

from sqlmodel import col, delete, select, update

from api.people import queries as people
from api.people import service as devices
from api.people.sso.errors import IdentityTaken, NotLinked, SignInRefused
from api.people.sso.models import Identity, SignIn, SsoSession
from api.people.sso.rules import SIGN_IN_LIFETIME, Logout
from api.people.sso.rules import Identity as Vouched
from core import sessions
from core.actor import Actor, Role
from core.db import ReadTx, Tx
from core.sessions import Device
from core.tokens import Proof, hash_of


def note_begun(tx: Tx, *, state: str, proof: Proof, device_name: str) -> None:
    """Note a sign-in that only this device can complete, once."""
    tx.session.add(
        SignIn(
            state_hash=hash_of(state),
            thumbprint=proof.thumbprint,
            device_name=device_name,
            expires_at=tx.now + SIGN_IN_LIFETIME,
        )
    )


async def use_up(tx: Tx, *, state: str, proof: Proof) -> str:
    """Use up a sign-in that this device began, and return what the device is called."""
    key = hash_of(state)
    mine = (
        update(SignIn)
        .where(
            col(SignIn.state_hash) == key,
            col(SignIn.thumbprint) == proof.thumbprint,
            col(SignIn.used_at).is_(None),
            col(SignIn.expires_at) > tx.now,
        )
        .values(used_at=tx.now)
    )
    if (await tx.session.exec(mine)).rowcount != 1:
        raise SignInRefused
    return (await tx.session.get_one(SignIn, key)).device_name


async def owner_of(view: ReadTx, vouched: Vouched) -> Actor:
    """Return the official whom the provider's subject is."""
    kept = await view.session.get(Identity, (vouched.issuer, vouched.subject))
    owner = await sessions.owner_of(view, kept.official_id) if kept else None
    if owner is None:
        raise NotLinked(subject=vouched.subject)
    return owner


def note_session(tx: Tx, device: Device, vouched: Vouched) -> None:
    """Note which session of the provider a device's session came from."""
    if device.session_id is None:
        raise RuntimeError
    tx.session.add(
        SsoSession(
            session_id=device.session_id,
            agency_id=device.agency_id,
            device_id=device.id,
            issuer=vouched.issuer,
            subject=vouched.subject,
            provider_session=vouched.session,
            began_at=tx.now,
        )
    )


async def end_sessions(tx: Tx, logout: Logout) -> int:
    """End the sessions that came from those which the provider has ended; return how many."""
    statement = select(SsoSession).where(SsoSession.issuer == logout.issuer)
    if logout.session is not None:
        statement = statement.where(SsoSession.provider_session == logout.session)
    if logout.subject is not None:
        statement = statement.where(SsoSession.subject == logout.subject)
    ended = 0
    for came in (await tx.session.exec(statement)).all():
        device = await tx.session.get(Device, came.device_id)
        if device is not None and device.session_id == came.session_id:
            owner = Actor(device.official_id, device.agency_id)
            await devices.end_session(tx, owner, device.id, "signed_out_elsewhere")
            ended += 1
        await tx.session.delete(came)
    return ended


async def link(tx: Tx, actor: Actor, official_id: UUID, *, issuer: str, subject: str) -> None:
    """Let an administrator say who an official is at the provider; repeating it is harmless."""
    actor.must_be(Role.ADMINISTRATOR)
    official = await people.official(tx, actor, official_id)
    kept = await tx.session.get(Identity, (issuer, subject))
    if kept is not None and kept.official_id == official.id:
        return
    theirs = select(Identity).where(Identity.issuer == issuer, Identity.official_id == official.id)
    if kept is not None or (await tx.session.exec(theirs)).first() is not None:
        raise IdentityTaken
    tx.session.add(
        Identity(
            issuer=issuer, subject=subject, agency_id=official.agency_id, official_id=official.id,
            linked_at=tx.now,
        )
    )  # fmt: skip
    tx.audit(actor, "people.identity_linked", official.id)


async def unlink(tx: Tx, actor: Actor, official_id: UUID, *, issuer: str) -> None:
    """Let an administrator take an official's identity away; a second time changes nothing."""
    actor.must_be(Role.ADMINISTRATOR)
    official = await people.official(tx, actor, official_id)
    theirs = (col(Identity.issuer) == issuer) & (col(Identity.official_id) == official.id)
    if (await tx.session.exec(delete(Identity).where(theirs))).rowcount:
        tx.audit(actor, "people.identity_unlinked", official.id)


async def forget_old(tx: Tx) -> None:
    """Drop sign-ins that nobody can complete any more, and sessions that ended otherwise."""
    await tx.session.exec(delete(SignIn).where(col(SignIn.expires_at) < tx.now))
    living = select(Device.session_id).where(col(Device.session_id).is_not(None))
    ended = col(SsoSession.session_id).not_in(living)
    await tx.session.exec(delete(SsoSession).where(ended))
