"""Logging in: the slow check of the password stands between two transactions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from api.people import passwords, service, tries
from api.people import queries as people
from api.people.errors import KeyTaken, NoConsole, TooManyDevices, WrongPassword
from api.people.factors import queries as factors
from api.people.factors.errors import WrongFactor
from api.people.factors.rules import Deed, Owned
from api.people.factors.step_up import StepUp, count, must_step_up
from api.people.models import Account
from core import sessions
from core.actor import Actor
from core.db import Database, Tx
from core.devices import DeviceState
from core.errors import AppError
from core.sessions import Device, DevicePending, RefreshRefused, RefreshReused
from core.tokens import Proof

#: Notes more about a session in the transaction that starts it.
Began = Callable[[Tx, Device], None]


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A session's start: who, on which device, and the first refresh token."""

    device: Device
    refresh_token: str


async def check_password(
    db: Database, account: str, password: str, *, address: str, proof: Proof | None = None
) -> Actor:
    """Return who the account belongs to, or refuse; too many wrong tries shut it for a while.

    Args:
        db: where.
        account: the name that was given.
        password: what was given with it.
        address: where it was asked from, as far as it is known.
        proof: of the device's key. The owner's own approved devices are counted apart, and stand
            in the actor.
    """
    async with db.begin() as tx:
        kept = await tx.session.get(Account, account)
        owner = await sessions.owner_of(tx, kept.official_id) if kept else None
        if owner is not None and proof is not None:
            owner = await people.at_own_device(tx, owner, proof.thumbprint)
        device_id = owner.device_id if owner else None
        await tries.count(tx, account, address, device_id)
    usable = kept.password_hash if kept is not None and owner is not None else None
    right = await passwords.is_right(password, usable)
    if owner is None or not right:
        if owner is not None:
            await _note_refused(db, owner, address, WrongPassword())
        raise WrongPassword
    async with db.begin() as tx:
        await tries.clear(tx, account, address, device_id)
    return owner


async def check_factor(db: Database, actor: Actor, step_up: StepUp, *, address: str = "") -> None:
    """Refuse whoever has a second factor and does not show it."""
    async with db.read() as view:
        if await factors.owned(view, actor.id) == Owned():
            return
    await count(db, actor, step_up)
    subject = b"log in" + step_up.proof.thumbprint.encode()
    try:
        async with db.begin() as tx:
            await must_step_up(tx, actor, step_up, Deed.LOG_IN, subject)
            await tries.clear_codes(tx, actor)
    except WrongFactor as refusal:
        await _note_refused(db, actor, address, refusal)
        raise


async def _note_refused(db: Database, actor: Actor, address: str, refusal: AppError) -> None:
    """Write into the audit that somebody did not come in, and why."""
    async with db.begin() as tx:
        tx.audit(actor, "people.log_in_refused", actor.id, address=address, why=refusal.code)


async def open_console(db: Database, actor: Actor, *, address: str) -> None:
    """Refuse a console session to whoever has a second factor: it could not be shown there."""
    async with db.begin() as tx:
        if await factors.owned(tx, actor.id) != Owned():
            raise NoConsole
        tx.audit(actor, "people.console_opened", actor.id, address=address)


async def log_in(
    db: Database,
    actor: Actor,
    *,
    device_name: str,
    proof: Proof,
    address: str = "",
    began: Began | None = None,
) -> LoggedIn:
    """Start a session on an approved device; a new device is registered and must wait.

    Args:
        db: where.
        actor: who, however that was found out.
        device_name: what a new device is called.
        proof: of the device's key.
        address: where it was asked from, as far as it is known.
        began: notes more in the transaction that starts the session.
    """
    entering = {"name": device_name, "proof": proof, "address": address}
    try:
        device, token = await _enter_at_once(db, actor, began, **entering)
    except (KeyTaken, TooManyDevices) as refusal:
        await _note_refused(db, actor, address, refusal)
        raise
    if device.state is DeviceState.PENDING:
        raise DevicePending(device_id=str(device.id))
    if device.state is not DeviceState.APPROVED:
        raise sessions.DeviceRevoked
    return LoggedIn(device, token)


async def _enter_at_once(
    db: Database, actor: Actor, began: Began | None, **entering: Any
) -> tuple[Device, str]:
    try:
        return await _enter(db, actor, began, **entering)
    except IntegrityError:  # the same new key at the same moment; now it is known
        return await _enter(db, actor, began, **entering)


async def _enter(
    db: Database, actor: Actor, began: Began | None, **entering: Any
) -> tuple[Device, str]:
    async with db.begin() as tx:
        device = await service.enter_device(tx, actor, **entering)
        if device.state is not DeviceState.APPROVED:
            return device, ""
        token = sessions.begin_session(tx, device)
        if began is not None:
            began(tx, device)
        return device, token


async def refresh(db: Database, token: str, *, proof: Proof, secret: bytes) -> LoggedIn:
    """Exchange a refresh token; a leaked one ends its device's session."""
    try:
        async with db.begin() as tx:
            device, successor = await sessions.rotate(
                tx, token, thumbprint=proof.thumbprint, secret=secret
            )
    except RefreshReused as reused:
        async with db.begin() as tx:
            await service.end_session(tx, reused.actor, reused.device_id, "refresh_reused")
        raise RefreshRefused from reused
    return LoggedIn(device, successor)
