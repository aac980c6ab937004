"""Who may speak, from which device: principals, devices, refresh families, tickets, used proofs.

`api/deps.py` asks here who is asking; the routes over these rows belong to `api/people`.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, SQLModel, col, delete, select, update

from core.actor import Actor, Role
from core.columns import choice, json_field
from core.db import Database, ReadTx, Tx
from core.devices import DeviceMove, DeviceState, after
from core.errors import AppError
from core.ids import new_id
from core.tokens import PROOF_WINDOW, BadProof, BadToken, hash_of

REFRESH_LIFETIME = timedelta(days=30)
REFRESH_GRACE = timedelta(seconds=10)
TICKET_LIFETIME = timedelta(seconds=30)
#: How long an answer to "who is this device?" may be remembered in one process.
CACHED_FOR = timedelta(seconds=5)
CACHE_SIZE = 10_000


class DevicePending(AppError):
    """The device is waiting for an administrator's approval."""

    status = HTTPStatus.FORBIDDEN
    code = "identity.device_pending"


class DeviceRevoked(AppError):
    """The device or the account may no longer speak."""

    status = HTTPStatus.UNAUTHORIZED
    code = "identity.device_revoked"


class RefreshRefused(AppError):
    """The refresh token is unknown, expired or was used before; log in again."""

    status = HTTPStatus.UNAUTHORIZED
    code = "identity.refresh_refused"


class TicketRefused(AppError):
    """The ticket is unknown, used or expired; ask for a new one."""

    status = HTTPStatus.UNAUTHORIZED
    code = "identity.ticket_refused"


class Principal(SQLModel, table=True):
    """An official as the door knows them; `api/people` writes it."""

    __tablename__: ClassVar[str] = "principal"

    official_id: UUID = Field(primary_key=True)
    agency_id: UUID
    roles: list[str] = json_field()
    closed_at: datetime | None = None


class Device(SQLModel, table=True):
    """A phone, known by the thumbprint of its key."""

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


class RefreshToken(SQLModel, table=True):
    """One link of a refresh chain; only its hash is kept."""

    __tablename__: ClassVar[str] = "refresh_token"

    hash: str = Field(primary_key=True, max_length=64)
    family: UUID = Field(index=True)
    device_id: UUID = Field(index=True)
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


class RealtimeTicket(SQLModel, table=True):
    """Lets one socket in, once."""

    __tablename__: ClassVar[str] = "realtime_ticket"

    hash: str = Field(primary_key=True, max_length=64)
    official_id: UUID
    device_id: UUID | None = None
    expires_at: datetime
    session_until: datetime
    used_at: datetime | None = None


class SeenProof(SQLModel, table=True):
    """A proof that a changing request has used up."""

    __tablename__: ClassVar[str] = "seen_proof"

    hash: str = Field(primary_key=True, max_length=64)
    at: datetime = Field(index=True)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a ticket proved: who, and until when the socket may live."""

    actor: Actor
    session_until: datetime


# --- devices -------------------------------------------------------------------------------


async def device_by_key(view: ReadTx, thumbprint: str) -> Device | None:
    """Return the device that owns a key."""
    statement = select(Device).where(Device.thumbprint == thumbprint)
    return (await view.session.exec(statement)).first()


def move_device(tx: Tx, device: Device, move: DeviceMove) -> None:
    """Approve or revoke; the only place that changes a device's state."""
    device.state = after(device.state, move)
    device.changed_at = tx.now
    tx.session.add(device)


async def end_families_of(tx: Tx, device_id: UUID) -> None:
    """Make every refresh token of a device worthless."""
    statement = update(RefreshToken).where(
        col(RefreshToken.device_id) == device_id, col(RefreshToken.revoked_at).is_(None)
    )
    await tx.session.exec(statement.values(revoked_at=tx.now))


# --- refresh -------------------------------------------------------------------------------


def begin_family(tx: Tx, device_id: UUID) -> str:
    """Return the first refresh token of a new chain."""
    token = secrets.token_urlsafe(32)
    tx.session.add(_link(tx, token, new_id(), device_id))
    return token


async def rotate(tx: Tx, token: str, *, thumbprint: str, secret: bytes) -> tuple[Device, str]:
    """Use up a refresh token and return its device and its successor.

    The successor is derived, so that a phone that lost the answer gets the same one within the
    grace. A reuse after it means that the token leaked: the caller must end the families of the
    device that `RefreshReused` names.
    """
    link = await tx.session.get(RefreshToken, hash_of(token))
    device = await tx.session.get(Device, link.device_id) if link else None
    if link is None or device is None or not hmac.compare_digest(device.thumbprint, thumbprint):
        raise RefreshRefused
    if link.revoked_at is not None or link.expires_at <= tx.now:
        raise RefreshRefused
    if device.state is not DeviceState.APPROVED:
        raise DeviceRevoked
    successor = hmac.new(secret, token.encode(), sha256).hexdigest()
    if link.used_at is None:
        link.used_at = tx.now
        tx.session.add(_link(tx, successor, link.family, device.id))
    elif tx.now > link.used_at + REFRESH_GRACE:
        raise RefreshReused(device.id, Actor(device.official_id, device.agency_id))
    return device, successor


class RefreshReused(Exception):
    """A used refresh token came again after its grace."""

    def __init__(self, device_id: UUID, actor: Actor) -> None:
        super().__init__()
        self.device_id = device_id
        self.actor = actor


def _link(tx: Tx, token: str, family: UUID, device_id: UUID) -> RefreshToken:
    return RefreshToken(
        hash=hash_of(token),
        family=family,
        device_id=device_id,
        expires_at=tx.now + REFRESH_LIFETIME,
    )


# --- tickets -------------------------------------------------------------------------------


def make_ticket(tx: Tx, actor: Actor, session_until: datetime) -> str:
    """Return a ticket that lets one socket in, once, within 30 seconds."""
    ticket = secrets.token_urlsafe(32)
    tx.session.add(
        RealtimeTicket(
            hash=hash_of(ticket),
            official_id=actor.id,
            device_id=actor.device_id,
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
    return Ticket(await actor_of(tx, row.official_id, row.device_id), row.session_until)


# --- who is asking -------------------------------------------------------------------------


async def actor_of(view: ReadTx, official_id: UUID, device_id: UUID | None) -> Actor:
    """Return the actor, if the account is open and the device approved."""
    principal = await view.session.get(Principal, official_id)
    if principal is None or principal.closed_at is not None:
        raise DeviceRevoked
    if device_id is not None:
        device = await view.session.get(Device, device_id)
        if device is None or device.official_id != official_id:
            raise BadToken
        if device.state is DeviceState.PENDING:
            raise DevicePending(device_id=str(device.id))
        if device.state is not DeviceState.APPROVED:
            raise DeviceRevoked
    roles = frozenset(Role(role) for role in principal.roles)
    return Actor(official_id, principal.agency_id, roles, device_id)


class Memory:
    """Remembers for moments who a device is and which proofs it has seen, in bounded memory."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._actors: dict[tuple[UUID, UUID | None], tuple[datetime, Actor]] = {}
        self._proofs: dict[str, datetime] = {}

    async def actor(self, official_id: UUID, device_id: UUID | None) -> Actor:
        """Return who is asking; a revocation elsewhere counts after `CACHED_FOR` at the latest."""
        now = self._db.clock()
        kept = self._actors.get((official_id, device_id))
        if kept is not None and kept[0] > now:
            return kept[1]
        async with self._db.read() as view:
            actor = await actor_of(view, official_id, device_id)
        if len(self._actors) >= CACHE_SIZE:
            self._actors.clear()
        self._actors[official_id, device_id] = (now + CACHED_FOR, actor)
        return actor

    def forget(self) -> None:
        """Drop every answer: somebody's rights or devices have changed."""
        self._actors.clear()

    def see(self, token_id: str, thumbprint: str) -> None:
        """Note a proof of a safe request; the second time it is a replay."""
        now = self._db.clock()
        key = f"{thumbprint}.{token_id}"
        if key in self._proofs:
            raise BadProof
        if len(self._proofs) >= CACHE_SIZE:
            fresh = now - 2 * PROOF_WINDOW
            self._proofs = {k: at for k, at in self._proofs.items() if at > fresh}
        self._proofs[key] = now

    async def use_up(self, token_id: str, thumbprint: str) -> None:
        """Note a proof of a changing request, durably and for every node."""
        try:
            async with self._db.begin() as tx:
                key = hash_of(f"{thumbprint}.{token_id}")
                tx.session.add(SeenProof(hash=key, at=tx.now))
        except IntegrityError as error:
            raise BadProof from error


async def forget_old(tx: Tx) -> None:
    """Drop proofs and tickets that nobody can use any more."""
    old = tx.now - 2 * PROOF_WINDOW
    await tx.session.exec(delete(SeenProof).where(col(SeenProof.at) < old))
    await tx.session.exec(delete(RealtimeTicket).where(col(RealtimeTicket.expires_at) < old))
