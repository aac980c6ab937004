"""Logging in: the slow check of the password stands between two transactions."""

from dataclasses import dataclass

from api.people import passwords, service
from api.people.errors import WrongPassword
from api.people.models import Account
from api.people.rules import must_not_be_locked
from core import sessions
from core.actor import Actor
from core.db import Database
from core.devices import DeviceState
from core.sessions import Device, DevicePending, RefreshRefused, RefreshReused
from core.tokens import Proof


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A session's start: who, on which device, and the first refresh token."""

    device: Device
    refresh_token: str


async def check_password(db: Database, account: str, password: str) -> Actor:
    """Return who the account belongs to, or refuse; counts wrong tries."""
    async with db.read() as view:
        kept = await view.session.get(Account, account)
    if kept is not None:
        must_not_be_locked(kept.locked_until, db.clock())
    right = await passwords.is_right(password, kept.password_hash if kept else None)
    if kept is None:
        raise WrongPassword
    async with db.begin() as tx:
        await service.note_try(tx, account, right=right)
    if not right:
        raise WrongPassword
    async with db.read() as view:
        return await sessions.actor_of(view, kept.official_id, None)


async def log_in(db: Database, actor: Actor, *, device_name: str, proof: Proof) -> LoggedIn:
    """Start a session on an approved device; a new device is registered and must wait."""
    async with db.begin() as tx:
        device = await service.enter_device(tx, actor, name=device_name, proof=proof)
        approved = device.state is DeviceState.APPROVED
        token = sessions.begin_family(tx, device.id) if approved else ""
    if device.state is DeviceState.PENDING:
        raise DevicePending(device_id=str(device.id))
    if not approved:
        raise sessions.DeviceRevoked
    return LoggedIn(device, token)


async def refresh(db: Database, token: str, *, proof: Proof, secret: bytes) -> LoggedIn:
    """Exchange a refresh token; a leaked one shuts its device's sessions out."""
    try:
        async with db.begin() as tx:
            device, successor = await sessions.rotate(
                tx, token, thumbprint=proof.thumbprint, secret=secret
            )
    except RefreshReused as reused:
        async with db.begin() as tx:
            await sessions.end_families_of(tx, reused.device_id)
            tx.audit(reused.actor, "people.refresh_reused", reused.device_id)
        raise RefreshRefused from reused
    return LoggedIn(device, successor)
