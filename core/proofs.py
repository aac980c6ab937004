"""Proofs of device keys, each used up by one changing request, on whichever node it came."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import col

from core.db import Tx
from core.sessions import SeenProof
from core.tokens import BadProof, Proof, hash_of


async def use_up(tx: Tx, proof: Proof) -> None:
    """Note a proof in the transaction of the request that it was made for, for every node."""
    if not all(await use_up_all(tx, [proof])):
        raise BadProof


async def use_up_all(tx: Tx, proofs: Sequence[Proof]) -> list[bool]:
    """Note many proofs at the cost of one; return for each whether it was its first use."""
    return await _note(tx, [f"{one.thumbprint}.{one.token_id}" for one in proofs], until=tx.now)


async def note_use(tx: Tx, what: str, *, until: datetime) -> bool:
    """Note that something is used up, and say whether it was for the first time.

    It is forgotten `sessions.PROOF_LIFETIME` after `until`.
    """
    return all(await _note(tx, [what], until=until))


async def _note(tx: Tx, names: Sequence[str], *, until: datetime) -> list[bool]:
    if not names:
        return []
    hashes = [hash_of(name) for name in names]
    postgresql = tx.session.get_bind().dialect.name == "postgresql"
    insert = postgresql_insert if postgresql else sqlite_insert
    rows = [{"hash": one, "at": until} for one in hashes]
    statement = insert(SeenProof).values(rows).on_conflict_do_nothing()
    connection = await tx.session.connection()
    new = set((await connection.execute(statement.returning(col(SeenProof.hash)))).scalars())
    return [one in new and one not in hashes[:place] for place, one in enumerate(hashes)]
