"""What one process remembers is bounded, and never outlives a revocation."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from core import sessions
from core.actor import Role
from core.db import Database
from core.devices import DeviceMove
from core.ids import new_id
from core.sessions import Device, DeviceRevoked, Memory, Principal, SessionEnded
from core.tokens import BadProof, Proof
from tests.support.clock import Clock


@pytest.fixture
async def device(db: Database) -> Device:
    """A clerk's approved phone with a session."""
    async with db.begin() as tx:
        official, agency = new_id(), new_id()
        tx.session.add(Principal(official_id=official, agency_id=agency, roles=["clerk"]))
        device = Device(
            agency_id=agency,
            official_id=official,
            name="phone",
            thumbprint="print",
            public_jwk={},
            registered_at=tx.now,
            changed_at=tx.now,
        )
        sessions.move_device(tx, device, DeviceMove.APPROVE)
        sessions.begin_session(tx, device)
    return device


def ids(device: Device) -> tuple[UUID, UUID, UUID | None]:
    return device.official_id, device.id, device.session_id


async def change(db: Database, device: Device, how: Callable[[Device], object]) -> None:
    async with db.begin() as tx:
        how(await tx.session.get_one(Device, device.id))


def end(device: Device) -> None:
    device.session_id = None


async def test_an_actor_has_the_roles_of_the_official(db: Database, device: Device) -> None:
    actor = await Memory(db).actor(*ids(device))

    assert (actor.id, actor.device_id) == (device.official_id, device.id)
    assert actor.roles == {Role.CLERK}


async def test_a_change_elsewhere_counts_after_seconds(
    db: Database, device: Device, clock: Clock
) -> None:
    memory = Memory(db)
    await memory.actor(*ids(device))
    await change(db, device, end)
    clock.tick(sessions.CACHED_FOR)

    with pytest.raises(SessionEnded):
        await memory.actor(*ids(device))


async def test_a_request_beside_an_uncommitted_change_does_not_bring_the_old_answer_back(
    db: Database, device: Device
) -> None:
    memory = Memory(db)
    memory.forget()
    await memory.actor(*ids(device))
    await change(db, device, end)

    with pytest.raises(SessionEnded):
        await memory.actor(*ids(device))


async def test_a_closed_account_has_no_say(db: Database, device: Device, clock: Clock) -> None:
    async with db.begin() as tx:
        (await tx.session.get_one(Principal, device.official_id)).closed_at = tx.now

    with pytest.raises(DeviceRevoked):
        await Memory(db).actor(*ids(device))


async def test_a_new_session_ends_the_one_before(db: Database, device: Device) -> None:
    before = ids(device)
    async with db.begin() as tx:
        sessions.begin_session(tx, await tx.session.get_one(Device, device.id))

    with pytest.raises(SessionEnded):
        await Memory(db).actor(*before)


def proof(number: int) -> Proof:
    return Proof("thumbprint", {}, str(number))


async def test_a_proof_is_remembered_for_as_long_as_it_is_good(db: Database, clock: Clock) -> None:
    memory = Memory(db)
    clock.tick(timedelta(seconds=119))
    memory.see(proof(0))
    clock.tick(timedelta(seconds=1))
    memory.see(proof(1))
    clock.tick(timedelta(seconds=118))

    with pytest.raises(BadProof):
        memory.see(proof(0))


async def test_proofs_take_bounded_memory(
    db: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MOST_PROOFS", 100)
    memory = Memory(db)

    for number in range(1000):
        memory.see(proof(number))

    assert len(memory._proofs) + len(memory._older_proofs) <= 100


async def test_the_same_proof_of_two_keys_is_two_proofs(db: Database) -> None:
    memory = Memory(db)
    memory.see(Proof("one", {}, "id"))

    memory.see(Proof("other", {}, "id"))


async def test_a_proof_of_a_change_is_used_up_once_for_every_node(db: Database) -> None:
    async with db.begin() as tx:
        await sessions.use_up(tx, proof(1))

    with pytest.raises(BadProof):
        async with db.begin() as tx:
            await sessions.use_up(tx, proof(1))


async def test_what_is_of_no_use_any_more_is_dropped(
    db: Database, device: Device, clock: Clock
) -> None:
    async with db.begin() as tx:
        await sessions.use_up(tx, proof(1))
        await sessions.make_ticket(tx, device.id, tx.now)
    clock.tick(timedelta(days=31))

    async with db.begin() as tx:
        await sessions.forget_old(tx)

    async with db.begin() as tx:
        await sessions.use_up(tx, proof(1))
        for table in (sessions.RealtimeTicket, sessions.RefreshToken):
            assert (await tx.session.exec(select(table))).all() == []
