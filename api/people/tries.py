"""Counting log-ins before they are judged, so that guesses sent side by side count as well."""

from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import case
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import col, delete, update

from api.people.models import LoginTries
from api.people.rules import (
    FREE_TRIES,
    FREE_TRIES_OF_ADDRESS,
    PEACE,
    lock_after,
    must_not_be_locked,
)
from core.actor import Actor
from core.db import Tx


async def count(tx: Tx, account: str, address: str) -> None:
    """Count a try, or refuse it while the account or the address is shut.

    The try that uses up the free ones shuts the account until its own outcome is known: whoever
    comes in the meantime is refused, however right the password is.
    """
    await _count(tx, _key("address", address), FREE_TRIES_OF_ADDRESS)
    await _count(tx, _key("account", account), FREE_TRIES)


async def clear(tx: Tx, account: str, address: str) -> None:
    """Start anew: the password was right. The address is only spared this one try."""
    address_key, account_key = _key("address", address), _key("account", account)
    spared = update(LoginTries).where(col(LoginTries.key) == address_key)
    await tx.session.exec(spared.values(tries=col(LoginTries.tries) - 1))  # locked first, as above
    await tx.session.exec(delete(LoginTries).where(col(LoginTries.key) == account_key))


async def count_codes(tx: Tx, actor: Actor) -> None:
    """Count a typed code of an official, or refuse it: six digits are quickly guessed."""
    await _count(tx, _key("code", str(actor.id)), FREE_TRIES)
    tx.audit(actor, "people.code_shown", actor.id)


async def clear_codes(tx: Tx, official_id: UUID) -> None:
    """Start anew: the code was right."""
    mine = col(LoginTries.key) == _key("code", str(official_id))
    await tx.session.exec(delete(LoginTries).where(mine))


async def forget_old(tx: Tx) -> None:
    """Drop counts that have had their day of peace."""
    await tx.session.exec(delete(LoginTries).where(col(LoginTries.last_at) <= tx.now - PEACE))


async def _count(tx: Tx, key: str, free: int) -> None:
    postgresql = tx.session.get_bind().dialect.name == "postgresql"
    insert = postgresql_insert if postgresql else sqlite_insert
    peace = col(LoginTries.last_at) <= tx.now - PEACE
    statement = (
        insert(LoginTries)
        .values(key=key, tries=1, last_at=tx.now)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={"tries": case((peace, 1), else_=col(LoginTries.tries) + 1), "last_at": tx.now},
        )
        .returning(col(LoginTries.tries), col(LoginTries.locked_until))
    )
    tries, locked_until = (await (await tx.session.connection()).execute(statement)).one()
    must_not_be_locked(locked_until, tx.now)  # rolls the count back: waiting costs nothing more
    await _lock(tx, key, lock_after(tries, free))


async def _lock(tx: Tx, key: str, pause: timedelta) -> None:
    kept = await tx.session.get_one(LoginTries, key)
    kept.locked_until = tx.now + pause if pause else None
    tx.session.add(kept)


def _key(kind: str, name: str) -> str:
    return sha256(f"{kind}:{name}".encode()).hexdigest()
