"""Leases: which messages a worker has in hand, and what became of them, a batch at a time."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import col, delete, or_, select, tuple_, update
from sqlmodel.sql.expression import Select
from sqlmodel.sql.sqltypes import UTCDateTime

from core.db import Database, Tx
from core.reads import HotRead, given
from push import messages
from push.gateway.port import Address
from push.models import PushAddress, PushMessage, QuietHours
from push.quiet import Hours
from push.rules import AddressKind, Move, State, Urgency
from push.sealing import Keys

#: Longer than a whole window of messages takes when each of them runs into its time-out.
LEASE = timedelta(seconds=60)
_WAITING = col(PushMessage.state) == State.WAITING


@dataclass(frozen=True, slots=True)
class Leased:
    """A message that this worker has in hand, and where it goes."""

    id: UUID
    notification_id: UUID
    device_id: UUID
    official_id: UUID
    urgency: Urgency
    precedence: int
    attempt: int
    expires_at: datetime
    address: Address
    keys: Keys | None
    rich: bool
    judged: bool
    quiet: Hours | None


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a leased message: it moved on, or waits for another try.

    Attributes:
        expires_at: until when it may wait, if that changes.
        counts: whether this was a try.
    """

    leased: Leased
    move: Move | None = None
    next_at: datetime | None = None
    expires_at: datetime | None = None
    error: str | None = None
    counts: bool = True


class Leases:
    """The messages to some kinds of addresses."""

    def __init__(self, db: Database, kinds: Iterable[AddressKind]) -> None:
        self._db = db
        self._kinds = sorted(kinds)
        now = given("now", UTCDateTime())
        self._is_due = HotRead(self._due(now).with_only_columns(col(PushMessage.id)).limit(1))

    async def take(self, most: int) -> list[Leased]:
        """Lease what is due, the most urgent first; a killed worker's leases run out."""
        if most <= 0 or not await self._db.rows(self._is_due, now=self._db.clock()):
            return []
        async with self._db.begin() as tx:
            due = self._due(tx.now).with_for_update(of=PushMessage, skip_locked=True)
            found = (await tx.session.exec(due.limit(most))).all()
            ids = [message.id for message, *_ in found]
            taking = update(PushMessage).where(col(PushMessage.id).in_(ids))
            values = {"attempt": col(PushMessage.attempt) + 1, "leased_until": tx.now + LEASE}
            await tx.session.exec(
                taking.values(**values).execution_options(synchronize_session=False)
            )
            return [_leased(*row) for row in found]

    def _due(
        self, now: datetime | ColumnElement[datetime]
    ) -> Select[PushMessage, PushAddress, QuietHours | None]:
        leased_until = col(PushMessage.leased_until)
        theirs = col(QuietHours.official_id) == col(PushMessage.official_id)
        return (
            select(PushMessage, PushAddress, QuietHours)
            .join(PushAddress, col(PushAddress.device_id) == col(PushMessage.device_id))
            .join(QuietHours, theirs, isouter=True)
            .where(_WAITING, col(PushMessage.next_at) <= now)
            .where(or_(leased_until.is_(None), leased_until <= now))
            .where(col(PushAddress.kind).in_(self._kinds))
            .order_by(col(PushMessage.precedence), col(PushMessage.next_at))
        )

    async def settle(self, fates: Sequence[Fate]) -> None:
        """Note what became of a batch; a receipt that was faster stays."""
        async with self._db.begin() as tx:
            ids = [fate.leased.id for fate in fates]
            ours = select(PushMessage.id).where(col(PushMessage.id).in_(ids))
            await tx.session.exec(ours.order_by(col(PushMessage.id)).with_for_update())
            for move, moved in _by_move(fates).items():
                await _settle_move(tx, move, moved)
            await _put_back(tx, [fate for fate in fates if fate.move is None])


def _leased(message: PushMessage, address: PushAddress, quiet: QuietHours | None) -> Leased:
    return Leased(
        id=message.id,
        notification_id=message.notification_id,
        device_id=message.device_id,
        official_id=message.official_id,
        urgency=message.urgency,
        precedence=message.precedence,
        attempt=message.attempt + 1,
        expires_at=message.expires_at,
        address=Address(address.kind, address.value),
        keys=keys_of(address),
        rich=address.rich,
        judged=message.judged,
        quiet=Hours(quiet.starts, quiet.ends) if quiet else None,
    )


def keys_of(address: PushAddress) -> Keys | None:
    """Return the keys that a device gave with its address."""
    return Keys(address.p256dh, address.auth) if address.p256dh and address.auth else None


def _by_move(fates: Iterable[Fate]) -> dict[Move, list[Fate]]:
    grouped: dict[Move, list[Fate]] = defaultdict(list)
    for fate in fates:
        if fate.move is not None:
            grouped[fate.move].append(fate)
    return grouped


async def _settle_move(tx: Tx, move: Move, fates: Sequence[Fate]) -> None:
    for error in {fate.error for fate in fates}:
        ids = [fate.leased.id for fate in fates if fate.error == error]
        sent = {"sent_at": tx.now} if move is Move.SEND else {}
        await messages.move_on(tx, move, col(PushMessage.id).in_(ids), error=error, **sent)
    if move is Move.LOSE_ADDRESS:
        await _forget(tx, [(fate.leased.device_id, fate.leased.address.value) for fate in fates])
    if move in {Move.LOSE_ADDRESS, Move.GIVE_UP}:
        await messages.call_up(tx, [fate.leased.notification_id for fate in fates])


async def _forget(tx: Tx, addresses: Sequence[tuple[UUID, str]]) -> None:
    """Drop addresses that reach nobody, unless the phone has given a new one meanwhile."""
    same = tuple_(col(PushAddress.device_id), col(PushAddress.value)).in_(addresses)
    await tx.session.exec(delete(PushAddress).where(same))


async def _put_back(tx: Tx, fates: Sequence[Fate]) -> None:
    if not fates:
        return
    changing = (
        update(PushMessage)
        .where(col(PushMessage.id) == bindparam("its_id"), _WAITING)
        .values(
            next_at=bindparam("its_next_at"),
            expires_at=bindparam("its_expires_at"),
            attempt=bindparam("its_attempt"),
            error=bindparam("its_error"),
            leased_until=None,
        )
    )
    values = [
        {
            "its_id": fate.leased.id,
            "its_next_at": fate.next_at,
            "its_expires_at": fate.expires_at or fate.leased.expires_at,
            "its_attempt": fate.leased.attempt - (not fate.counts),
            "its_error": fate.error,
        }
        for fate in fates
    ]
    await (await tx.session.connection()).execute(changing, values)
