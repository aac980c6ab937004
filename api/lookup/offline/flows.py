"""Telling a phone what changed for it since it last asked.

Rights change without a fact, as when a delegation ends: so what a phone has is compared with what
its official may see now. The answer can be asked for again: what a phone has at the cursor that it
sends is kept until it sends the next one.
"""

from datetime import timedelta
from uuid import UUID

from sqlmodel import col, delete

from api.lookup.offline import queries
from api.lookup.offline.models import OfflineCopy
from api.lookup.offline.queries import Delta
from api.lookup.offline.rules import difference, packed
from core.actor import Actor
from core.db import Database, ReadTx, Tx

#: A phone that has not asked for so long begins anew.
FORGOTTEN_AFTER = timedelta(days=90)


async def sync(db: Database, actor: Actor, cursor: UUID | None) -> Delta:
    """Return what changed since the answer that gave the cursor; nothing new writes nothing."""
    async with db.read() as view:
        delta = await _compared(view, actor, cursor)
    if cursor and not (delta.reset or delta.change.sent or delta.change.gone):
        return delta
    async with db.begin() as tx:
        delta = await _compared(tx, actor, cursor)
        return await _noted(tx, actor, cursor, delta)


async def _compared(view: ReadTx, actor: Actor, cursor: UUID | None) -> Delta:
    held = await queries.held(view, _holder(actor), cursor)
    change = difference(held or {}, await queries.wanted(view, actor))
    kept = await queries.kept(view, actor, change.sent)
    return Delta(cursor, held is None, change, kept)


async def _noted(tx: Tx, actor: Actor, cursor: UUID | None, delta: Delta) -> Delta:
    copy = OfflineCopy(
        agency_id=actor.agency_id,
        holder_id=_holder(actor),
        held=packed(delta.change.held),
        at=tx.now,
    )
    its_own = delete(OfflineCopy).where(col(OfflineCopy.holder_id) == copy.holder_id)
    await tx.session.exec(its_own.where(col(OfflineCopy.id) != cursor) if cursor else its_own)
    tx.session.add(copy)
    sent, gone = len(delta.change.sent), len(delta.change.gone)
    tx.audit(actor, "lookup.sync", actor.id, sent=sent, gone=gone)
    return Delta(copy.id, delta.reset, delta.change, delta.kept)


def _holder(actor: Actor) -> UUID:
    return actor.device_id or actor.id


async def forget_old(tx: Tx) -> None:
    """Drop what is known of phones that have not asked for long."""
    old = tx.now - FORGOTTEN_AFTER
    await tx.session.exec(delete(OfflineCopy).where(col(OfflineCopy.at) < old))
