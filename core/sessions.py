"""Who may speak, from which device: principals, devices, refresh families, tickets, used proofs.

`api/deps.py` asks here who is asking; the routes over these rows belong to `api/people`.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Any, ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel, col, delete, func, select, update

from core.actor import Actor, Role
from core.columns import choice, json_field
from core.db import ReadTx, Tx
from core.devices import DeviceMove, DeviceState, after
from core.errors import AppError
from core.ids import new_id
from core.tokens import PROOF_WINDOW, BadToken, hash_of

REFRESH_LIFETIME = timedelta(days=30)
REFRESH_GRACE = timedelta(seconds=10)
TICKET_LIFETIME = timedelta(seconds=30)
#: A proof may be dated up to a minute ahead, and is good until a minute after that date.
PROOF_LIFETIME = 2 * PROOF_WINDOW
#: SQLite takes a limited number of values in one statement.
CHUNK = 500


class SessionEnded(AppError):
    """The session of this device has ended; log in again."""

    status = HTTPStatus.UNAUTHORIZED
    code = "identity.session_ended"
    headers = BadToken.headers


class DevicePending(AppError):
    """The device is waiting for an administrator's approval."""

    status = HTTPStatus.FORBIDDEN
    code = "identity.device_pending"


class DeviceRevoked(AppError):
    """The device or the account may no longer speak."""

    status = HTTPStatus.UNAUTHORIZED
    code = "identity.device_revoked"
    headers = BadToken.headers


class RefreshRefused(AppError):
    """The refresh token is unknown, expired or was used before; log in again."""

    status = HTTPStatus.UNAUTHORIZED
    code = "identity.refresh_refused"
    headers = BadToken.headers


class TicketRefused(AppError):
    """The ticket is unknown, used or expired; ask for a new one."""

    status = HTTPStatus.UNAUTHORIZED
    code = "identity.ticket_refused"
    headers = BadToken.headers


class Principal(SQLModel, table=True):
    """An official as the door knows them; `api/people` writes it."""

    __tablename__: ClassVar[str] = "principal"

    official_id: UUID = Field(primary_key=True)
    agency_id: UUID
    roles: list[str] = json_field()
    closed_at: datetime | None = None


class Device(SQLModel, table=True):
    """A phone, known by the thumbprint of its key; it has one session at a time."""

    __tablename__: ClassVar[str] = "device"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: UUID = Field(index=True)
    official_id: UUID = Field(index=True)
    name: str = Field(max_length=80)
    thumbprint: str = Field(unique=True, max_length=64)
    public_jwk: dict[str, Any] = json_field()
    state: DeviceState = Field(default=DeviceState.PENDING, sa_type=choice(DeviceState))
    registered_at: datetime
    changed_at: datetime
    #: Tokens of any other session are worthless at once.
    session_id: UUID | None = None
    #: How many sockets have been let in; of two, on whichever nodes, the later one counts.
    sockets: int = 0


class RefreshToken(SQLModel, table=True):
    """One link of a refresh chain; only its hash is kept."""

    __tablename__: ClassVar[str] = "refresh_token"

    hash: str = Field(primary_key=True, max_length=64)
    #: The session that the chain carries on.
    family: UUID = Field(index=True)
    agency_id: UUID
    device_id: UUID = Field(index=True)
    expires_at: datetime = Field(index=True)
    used_at: datetime | None = None


class RealtimeTicket(SQLModel, table=True):
    """Lets one socket in, once."""

    __tablename__: ClassVar[str] = "realtime_ticket"

    hash: str = Field(primary_key=True, max_length=64)
    agency_id: UUID
    official_id: UUID
    device_id: UUID
    session_id: UUID
    expires_at: datetime = Field(index=True)
    session_until: datetime
    used_at: datetime | None = None


class SeenProof(SQLModel, table=True):
    """A proof that a changing request has used up."""

    __tablename__: ClassVar[str] = "seen_proof"

    hash: str = Field(primary_key=True, max_length=64)
    at: datetime = Field(index=True)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a ticket proved: who, until when the socket may live, which one of the device it is."""

    actor: Actor
    session_id: UUID
    session_until: datetime
    turn: int


# --- devices -------------------------------------------------------------------------------


async def device_by_key(view: ReadTx, thumbprint: str) -> Device | None:
    """Return the device that owns a key."""
    statement = select(Device).where(Device.thumbprint == thumbprint)
    return (await view.session.exec(statement)).first()


async def count_devices(view: ReadTx, official_id: UUID) -> int:
    """Return how many devices an official has, pending ones included."""
    statement = (
        select(func.count())
        .select_from(Device)
        .where(Device.official_id == official_id, col(Device.state) != DeviceState.REVOKED)
    )
    return (await view.session.exec(statement)).one()


def move_device(tx: Tx, device: Device, move: DeviceMove) -> None:
    """Approve or revoke; the only place that changes a device's state."""
    device.state = after(device.state, move)
    device.changed_at = tx.now
    tx.session.add(device)


def begin_session(tx: Tx, device: Device) -> str:
    """Start a session in place of the one before and return its first refresh token."""
    token = secrets.token_urlsafe(32)
    device.session_id = new_id()
    tx.session.add_all([device, _link(tx, token, device, device.session_id)])
    return token


async def end_all(tx: Tx) -> int:
    """End the session of every device; return how many there were."""
    open_ones = update(Device).where(col(Device.session_id).is_not(None))
    return (await tx.session.exec(open_ones.values(session_id=None))).rowcount


def end_session(tx: Tx, device: Device) -> None:
    """Make the device's access tokens, refresh tokens and tickets worthless at once."""
    device.session_id = None
    tx.session.add(device)


# --- refresh -------------------------------------------------------------------------------


async def rotate(tx: Tx, token: str, *, thumbprint: str, secret: bytes) -> tuple[Device, str]:
    """Use up a refresh token and return its device and its successor.

    The successor is derived, so that a phone that lost the answer gets the same one within the
    grace. A reuse after it means that the token leaked: the caller must end the session of the
    device that `RefreshReused` names.
    """
    link = await tx.session.get(RefreshToken, hash_of(token))
    device = await tx.session.get(Device, link.device_id) if link else None
    if link is None or device is None or not hmac.compare_digest(device.thumbprint, thumbprint):
        raise RefreshRefused
    if device.state is not DeviceState.APPROVED:
        raise DeviceRevoked
    if device.session_id != link.family or link.expires_at <= tx.now:
        raise RefreshRefused
    successor = hmac.new(secret, token.encode(), sha256).hexdigest()
    if await _use(tx, link):
        tx.session.add(_link(tx, successor, device, link.family))
    elif link.used_at is None or tx.now > link.used_at + REFRESH_GRACE:
        raise RefreshReused(device.id, Actor(device.official_id, device.agency_id))
    return device, successor


async def _use(tx: Tx, link: RefreshToken) -> bool:
    """Mark a link as used; of two requests at once only one is the first."""
    first = (
        update(RefreshToken)
        .where(col(RefreshToken.hash) == link.hash, col(RefreshToken.used_at).is_(None))
        .values(used_at=tx.now)
        .execution_options(synchronize_session=False)
    )
    marked = (await tx.session.exec(first)).rowcount == 1
    await tx.session.refresh(link)
    return marked


class RefreshReused(Exception):
    """A used refresh token came again after its grace."""

    def __init__(self, device_id: UUID, actor: Actor) -> None:
        super().__init__()
        self.device_id = device_id
        self.actor = actor


def _link(tx: Tx, token: str, device: Device, family: UUID) -> RefreshToken:
    return RefreshToken(
        hash=hash_of(token),
        family=family,
        agency_id=device.agency_id,
        device_id=device.id,
        expires_at=tx.now + REFRESH_LIFETIME,
    )


# --- tickets -------------------------------------------------------------------------------


async def make_ticket(tx: Tx, device_id: UUID, session_until: datetime) -> str:
    """Return a ticket that lets one socket of the device in, once, within 30 seconds."""
    device = await tx.session.get_one(Device, device_id)
    if device.session_id is None:
        raise SessionEnded
    ticket = secrets.token_urlsafe(32)
    tx.session.add(
        RealtimeTicket(
            hash=hash_of(ticket),
            agency_id=device.agency_id,
            official_id=device.official_id,
            device_id=device.id,
            session_id=device.session_id,
            expires_at=tx.now + TICKET_LIFETIME,
            session_until=session_until,
        )
    )
    return ticket


async def redeem_ticket(tx: Tx, ticket: str) -> Ticket:
    """Use up a ticket; the second use is refused."""
    statement = (
        update(RealtimeTicket)
        .where(
            col(RealtimeTicket.hash) == hash_of(ticket),
            col(RealtimeTicket.used_at).is_(None),
            col(RealtimeTicket.expires_at) > tx.now,
        )
        .values(used_at=tx.now)
    )
    used = await tx.session.exec(statement)
    row = await tx.session.get(RealtimeTicket, hash_of(ticket))
    if used.rowcount != 1 or row is None:
        raise TicketRefused
    actor = await actor_of(tx, row.official_id, row.device_id, row.session_id)
    turn = await _next_turn(tx, row.device_id)
    return Ticket(actor, row.session_id, row.session_until, turn)


async def _next_turn(tx: Tx, device_id: UUID) -> int:
    """Number the sockets of a device, for all nodes in the same order."""
    statement = (
        update(Device)
        .where(col(Device.id) == device_id)
        .values(sockets=col(Device.sockets) + 1)
        .returning(col(Device.sockets))
        .execution_options(synchronize_session=False)
    )
    turn: int = (await (await tx.session.connection()).execute(statement)).scalar_one()
    return turn


# --- who is asking -------------------------------------------------------------------------


async def actor_of(
    view: ReadTx, official_id: UUID, device_id: UUID | None, session_id: UUID | None
) -> Actor:
    """Return the actor, if the account is open, the device approved and the session its last."""
    owner = await owner_of(view, official_id)
    if owner is None:
        raise DeviceRevoked
    if device_id is not None:
        device = await view.session.get(Device, device_id)
        if device is None or device.official_id != official_id:
            raise BadToken
        _must_speak(device, session_id)
    return replace(owner, device_id=device_id)


async def ended(view: ReadTx, holders: Mapping[UUID, UUID]) -> dict[UUID, AppError]:
    """Say which of these devices, each in a session, may not speak any more, and why."""
    found: dict[UUID, AppError] = {}
    ids = list(holders)
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        statement = (
            select(Device, Principal.closed_at)
            .join(Principal, col(Principal.official_id) == col(Device.official_id))
            .where(col(Device.id).in_(some))
        )
        for device, closed_at in (await view.session.exec(statement)).all():
            try:
                _must_speak(device, holders[device.id])
                if closed_at is not None:
                    raise DeviceRevoked
            except AppError as refusal:
                found[device.id] = refusal
    return found


async def owner_of(view: ReadTx, official_id: UUID) -> Actor | None:
    """Return an official, unless the account is closed."""
    principal = await view.session.get(Principal, official_id)
    if principal is None or principal.closed_at is not None:
        return None
    return Actor(official_id, principal.agency_id, frozenset(map(Role, principal.roles)))


def _must_speak(device: Device, session_id: UUID | None) -> None:
    if device.state is DeviceState.PENDING:
        raise DevicePending(device_id=str(device.id))
    if device.state is not DeviceState.APPROVED:
        raise DeviceRevoked
    if device.session_id is None or device.session_id != session_id:
        raise SessionEnded


async def forget_old(tx: Tx) -> None:
    """Drop proofs, tickets and refresh tokens that nobody can use any more."""
    old = tx.now - PROOF_LIFETIME
    await tx.session.exec(delete(SeenProof).where(col(SeenProof.at) < old))
    await tx.session.exec(delete(RealtimeTicket).where(col(RealtimeTicket.expires_at) < old))
    await tx.session.exec(delete(RefreshToken).where(col(RefreshToken.expires_at) < old))
