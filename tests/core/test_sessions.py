"""A proof of a change is used up once for every node, and nothing useless is kept."""

from datetime import timedelta

import pytest
from sqlmodel import select

from core import proofs, sessions
from core.db import Database
from core.sessions import Device
from core.tokens import BadProof, Proof
from tests.support.clock import Clock


def proof(number: int) -> Proof:
    return Proof("thumbprint", {}, str(number))


async def test_a_proof_of_a_change_is_used_up_once_for_every_node(db: Database) -> None:
    async with db.begin() as tx:
        await proofs.use_up(tx, proof(1))

    with pytest.raises(BadProof):
        async with db.begin() as tx:
            await proofs.use_up(tx, proof(1))


async def test_what_is_of_no_use_any_more_is_dropped(
    db: Database, device: Device, clock: Clock
) -> None:
    async with db.begin() as tx:
        await proofs.use_up(tx, proof(1))
        await sessions.make_ticket(tx, device.id, tx.now)
    clock.tick(timedelta(days=31))

    async with db.begin() as tx:
        await sessions.forget_old(tx)

    async with db.begin() as tx:
        await proofs.use_up(tx, proof(1))
        for table in (sessions.RealtimeTicket, sessions.RefreshToken):
            assert (await tx.session.exec(select(table))).all() == []
