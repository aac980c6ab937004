"""The ledger of transactions with an operator, in our database and for every node.

A line is written before a message is sent. Whoever finds one there never sends again: it is not
known whether the message arrived, and a second one could be a second prompt.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import col, delete, update

from api.signing.mssp.models import OperatorTransaction
from core.db import Database


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was asked of an operator, and how it ended."""

    db: Database

    async def begin(self, transaction_id: UUID, asked: bytes) -> bool:
        """Write a transaction down; False where it is there already."""
        async with self.db.begin() as tx:
            postgresql = tx.session.get_bind().dialect.name == "postgresql"
            insert = postgresql_insert if postgresql else sqlite_insert
            line = {"id": transaction_id, "asked": asked, "asked_at": tx.now}
            statement = insert(OperatorTransaction).values(**line).on_conflict_do_nothing()
            done = await (await tx.session.connection()).execute(statement)
            return done.rowcount == 1

    async def find(self, transaction_id: UUID) -> OperatorTransaction | None:
        """Return a transaction."""
        async with self.db.read() as view:
            return await view.session.get(OperatorTransaction, transaction_id)

    async def strike(self, transaction_id: UUID) -> None:
        """Take a transaction back that certainly never left this house."""
        async with self.db.begin() as tx:
            mine = delete(OperatorTransaction).where(col(OperatorTransaction.id) == transaction_id)
            await tx.session.exec(mine)

    async def refer(self, transaction_id: UUID, reference: str) -> None:
        """Keep what the operator calls it; the first name stays."""
        async with self.db.begin() as tx:
            unnamed = (
                update(OperatorTransaction)
                .where(col(OperatorTransaction.id) == transaction_id)
                .where(col(OperatorTransaction.reference).is_(None))
            )
            await tx.session.exec(unnamed.values(reference=reference))

    async def end(self, transaction_id: UUID, code: int, raw: bytes | None = None) -> None:
        """Keep how it ended; the first end stays."""
        async with self.db.begin() as tx:
            unended = (
                update(OperatorTransaction)
                .where(col(OperatorTransaction.id) == transaction_id)
                .where(col(OperatorTransaction.code).is_(None))
            )
            await tx.session.exec(unended.values(code=code, raw=raw))
