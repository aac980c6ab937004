"""Use-cases of people and their devices: each function is one transaction's worth of work."""

from collections.abc import Iterable
from uuid import UUID

from api.people.errors import DeviceNeeded, KeyTaken
from api.people.events import DeviceApproved, DeviceRegistered, DeviceRevoked, SessionEnded, Why
from api.people.models import Account, Agency, Official, Unit
from api.people.rules import must_be_anothers, must_have_room
from core import sessions
from core.actor import Actor, Role
from core.db import Tx
from core.devices import DeviceMove
from core.errors import NotFound
from core.sessions import Device, Principal
from core.tokens import Proof


def found_agency(tx: Tx, *, name: str, organ_id: str, abbreviation: str, seat: str) -> Agency:
    """Enter an agency."""
    agency = Agency(name=name, organ_id=organ_id, abbreviation=abbreviation, seat=seat)
    tx.session.add(agency)
    return agency


def add_unit(tx: Tx, agency: Agency, name: str, *, parent_id: UUID | None = None) -> Unit:
    """Add a unit to an agency."""
    unit = Unit(agency_id=agency.id, name=name, parent_id=parent_id)
    tx.session.add(unit)
    return unit


def engage(
    tx: Tx, unit: Unit, *, full_name: str, position: str, phone_number: str | None = None
) -> Official:
    """Enter an official; without an account they cannot log in yet."""
    official = Official(
        agency_id=unit.agency_id,
        unit_id=unit.id,
        full_name=full_name,
        position=position,
        phone_number=phone_number,
    )
    tx.session.add(official)
    return official


def open_account(
    tx: Tx, official: Official, *, account: str, password_hash: str, roles: Iterable[Role]
) -> None:
    """Let an official log in, with these roles."""
    named = sorted(str(role) for role in roles)
    tx.session.add(Account(name=account, official_id=official.id, password_hash=password_hash))
    tx.session.add(Principal(official_id=official.id, agency_id=official.agency_id, roles=named))


async def enter_device(
    tx: Tx, actor: Actor, *, name: str, proof: Proof, address: str = ""
) -> Device:
    """Return the device of a proven key, registering it as pending when it is new."""
    device = await sessions.device_by_key(tx, proof.thumbprint)
    if device is None:
        device = await _register(tx, actor, name, proof)
    if device.official_id != actor.id:
        raise KeyTaken
    tx.audit(actor, "people.logged_in", device.id, state=device.state, address=address)
    return device


async def _register(tx: Tx, actor: Actor, name: str, proof: Proof) -> Device:
    # One key after the other, or several at once would all find room for one more.
    await tx.session.get_one(Principal, actor.id, with_for_update=True, populate_existing=True)
    others = await sessions.count_devices(tx, actor.id)
    must_have_room(others)
    device = Device(
        agency_id=actor.agency_id,
        official_id=actor.id,
        name=name,
        thumbprint=proof.thumbprint,
        public_jwk=dict(proof.public_jwk),
        registered_at=tx.now,
        changed_at=tx.now,
    )
    tx.session.add(device)
    tx.emit(
        DeviceRegistered(
            device_id=device.id, official_id=actor.id, by=actor.id, is_first=others == 0
        )
    )
    return device


async def approve_device(tx: Tx, actor: Actor, device_id: UUID) -> Device:
    """Let an administrator approve a colleague's device."""
    actor.must_be(Role.ADMINISTRATOR)
    device = await _device(tx, actor, device_id)
    must_be_anothers(device.official_id, actor.id)
    sessions.move_device(tx, device, DeviceMove.APPROVE)
    tx.emit(DeviceApproved(device_id=device.id, official_id=device.official_id, by=actor.id))
    tx.audit(actor, "people.device_approved", device.id)
    return device


async def revoke_device(tx: Tx, actor: Actor, device_id: UUID) -> Device:
    """Let the owner or an administrator shut a device out, with its tokens and sockets."""
    device = await _device(tx, actor, device_id)
    if device.official_id != actor.id:
        actor.must_be(Role.ADMINISTRATOR)
    shut_out(tx, actor, device)
    return device


def shut_out(tx: Tx, actor: Actor, device: Device) -> None:
    """Revoke a device and end its session."""
    sessions.move_device(tx, device, DeviceMove.REVOKE)
    sessions.end_session(tx, device)
    tx.emit(DeviceRevoked(device_id=device.id, official_id=device.official_id, by=actor.id))
    tx.audit(actor, "people.device_revoked", device.id)


async def log_out(tx: Tx, actor: Actor) -> None:
    """End the session of the device that asks, with its tokens and sockets."""
    await end_session(tx, actor, must_have_device(actor), "logged_out")


async def end_session(tx: Tx, actor: Actor, device_id: UUID, why: Why) -> None:
    """End a device's session; its owner's other phones hear why."""
    device = await tx.session.get_one(Device, device_id)
    sessions.end_session(tx, device)
    tx.emit(SessionEnded(device_id=device_id, official_id=actor.id, by=actor.id, why=why))
    tx.audit(actor, f"people.{why}", device_id)


def must_have_device(actor: Actor) -> UUID:
    """Return the device that speaks, or refuse a console session."""
    if actor.device_id is None:
        raise DeviceNeeded
    return actor.device_id


async def _device(tx: Tx, actor: Actor, device_id: UUID) -> Device:
    """Return a device under its lock: an approval must not undo a revocation beside it."""
    device = await tx.session.get(Device, device_id, with_for_update=True, populate_existing=True)
    visible = device is not None and (
        device.official_id == actor.id
        or (device.agency_id == actor.agency_id and Role.ADMINISTRATOR in actor.roles)
    )
    if device is None or not visible:
        raise NotFound(id=str(device_id))
    return device
