"""Counting log-ins before they are judged, so that guesses sent side by side count as well.

Whoever tries with the key of an approved device of the account's owner is counted by that device
alone: strangers can shut an account to strangers, never to its owner's own phones.
"""

from hashlib import sha256
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import col, delete, update

from api.people.models import LoginTries
from api.people.rules import (
    FORGIVEN_EVERY,
    FREE_TRIES,
    FREE_TRIES_OF_ADDRESS,
    PEACE,
    forgiven,
    lock_after,
    must_not_be_locked,
)
from core.actor import Actor
from core.db import Tx


async def count(tx: Tx, account: str, address: str, device_id: UUID | None = None) -> None:
    """Count a try, or refuse it while the device, or the account or the address, is shut.

    The try that uses up the free ones shuts the account until its own outcome is known: whoever
    comes in the meantime is refused, however right the password is.

    Args:
        tx: is rolled back where it refuses: waiting costs nothing more.
        account: the name that was given.
        address: where from.
        device_id: the approved device of the account's owner whose key was proved, if it was one.
    """
    if device_id is not None:
        await _count(tx, _key("device", str(device_id)))
        return
    await _count_address(tx, _key("address", address))
    await _count(tx, _key("account", account))


async def clear(tx: Tx, account: str, address: str, device_id: UUID | None = None) -> None:
    """Start anew: the password was right. The address is only spared this one try."""
    if device_id is not None:
        await _forget(tx, _key("device", str(device_id)))
        return
    of_address = col(LoginTries.key) == _key("address", address)
    spared = {"tries": col(LoginTries.tries) - 1, "locked_until": None}
    await tx.session.exec(update(LoginTries).where(of_address).values(**spared))  # locked first
    await _forget(tx, _key("account", account))


async def count_codes(tx: Tx, actor: Actor) -> None:
    """Count a typed code of an official, or refuse it: six digits are quickly guessed."""
    await _count(tx, _key_of_codes(actor))
    tx.audit(actor, "people.code_shown", actor.id)


async def clear_codes(tx: Tx, actor: Actor) -> None:
    """Start anew: the code was right."""
    await _forget(tx, _key_of_codes(actor))


async def forget_old(tx: Tx) -> None:
    """Drop counts that have had their day of peace."""
    await tx.session.exec(delete(LoginTries).where(col(LoginTries.last_at) <= tx.now - PEACE))


async def _count(tx: Tx, key: str) -> None:
    kept = await _held(tx, key)
    kept.tries -= forgiven(kept.tries, tx.now - kept.last_at)
    kept.last_at = tx.now
    _take(tx, kept, FREE_TRIES)


async def _count_address(tx: Tx, key: str) -> None:
    kept = await _held(tx, key)
    gone = forgiven(kept.tries, tx.now - kept.last_at, one_by_one=True)
    kept.tries -= gone
    kept.last_at = kept.last_at + gone * FORGIVEN_EVERY if kept.tries else tx.now
    _take(tx, kept, FREE_TRIES_OF_ADDRESS)


async def _held(tx: Tx, key: str) -> LoginTries:
    """Return a count under its lock, unless it is shut."""
    postgresql = tx.session.get_bind().dialect.name == "postgresql"
    insert = postgresql_insert if postgresql else sqlite_insert
    begun = insert(LoginTries).values(key=key, tries=0, last_at=tx.now)
    # An update that changes nothing: it locks the row, so that nobody deletes it meanwhile.
    same = {"tries": col(LoginTries.tries)}
    held = begun.on_conflict_do_update(index_elements=["key"], set_=same)
    await (await tx.session.connection()).execute(held)
    kept = await tx.session.get_one(LoginTries, key, populate_existing=True)
    must_not_be_locked(kept.locked_until, tx.now)
    return kept


def _take(tx: Tx, kept: LoginTries, free: int) -> None:
    kept.tries += 1
    pause = lock_after(kept.tries, free)
    kept.locked_until = tx.now + pause if pause else None
    tx.session.add(kept)


async def _forget(tx: Tx, key: str) -> None:
    await tx.session.exec(delete(LoginTries).where(col(LoginTries.key) == key))


def _key_of_codes(actor: Actor) -> str:
    return _key("code", str(actor.device_id or actor.id))


def _key(kind: str, name: str) -> str:
    return sha256(f"{kind}:{name}".encode()).hexdigest()
