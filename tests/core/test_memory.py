"""What one process remembers is bounded, and never outlives a revocation."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from core import memory as memories
from core import sessions
from core.actor import Role
from core.db import Database
from core.memory import Memory
from core.sessions import Device, DeviceRevoked, Principal, SessionEnded
from core.tokens import BadProof, Proof
from tests.support.clock import Clock


def ids(device: Device) -> tuple[UUID, UUID, UUID | None]:
    return device.official_id, device.id, device.session_id


async def change(db: Database, device: Device, how: Callable[[Device], object]) -> None:
    async with db.begin() as tx:
        how(await tx.session.get_one(Device, device.id))


def end(device: Device) -> None:
    device.session_id = None


def proof(number: int) -> Proof:
    return Proof("thumbprint", {}, str(number))


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
    clock.tick(memories.CACHED_FOR)

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


async def test_a_device_that_is_forgotten_is_asked_for_anew_and_the_others_are_not(
    db: Database, device: Device
) -> None:
    memory = Memory(db)
    await memory.actor(*ids(device))
    memory.forget(UUID(int=1))
    await change(db, device, end)
    assert (await memory.actor(*ids(device))).device_id == device.id

    memory.forget(device.id)

    with pytest.raises(SessionEnded):
        await memory.actor(*ids(device))


async def test_forgotten_devices_take_memory_for_moments_only(db: Database, clock: Clock) -> None:
    memory = Memory(db)
    for number in range(100):
        memory.forget(UUID(int=number))
    clock.tick(memories.CACHED_FOR)

    memory.forget(UUID(int=0))

    assert len(memory._mistrusted) == 1


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
    monkeypatch.setattr(memories, "MOST_PROOFS", 100)
    memory = Memory(db)

    for number in range(1000):
        memory.see(proof(number))

    assert len(memory._proofs) + len(memory._older_proofs) <= 100


async def test_the_same_proof_of_two_keys_is_two_proofs(db: Database) -> None:
    memory = Memory(db)
    memory.see(Proof("one", {}, "id"))

    memory.see(Proof("other", {}, "id"))
