"""What every mobile signature service must do. An adapter is done when this passes for it."""

import hashlib
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from api.signing.mssp.port import (
    Mssp,
    Signed,
    TransactionReused,
    UnknownPhone,
    UnknownTransaction,
    Waiting,
)
from api.signing.mssp.simulated import SimulatedMssp
from api.signing.mssp.simulated_ca import SimulatedCa
from api.signing.pdf.certificate import Mechanism
from tests.support.clock import Clock

PHONE = "84912345678"
DIGEST = hashlib.sha256(b"decision").digest()
MECHANISM = Mechanism.RSA_PKCS1_SHA256


@pytest.fixture(params=["simulated"])
async def mssp(tmp_path: Path, clock: Clock) -> Mssp:
    """Each adapter, with one SIM behind `PHONE` that signs within a minute."""
    ca = SimulatedCa(tmp_path / "ca", clock=clock)
    operator = SimulatedMssp(tmp_path / "mssp", ca, clock=clock)
    await operator.enrol(PHONE, name="Nguyễn Văn An", organization="Bộ Thử nghiệm")
    return operator


async def start(mssp: Mssp, transaction_id: UUID, *, digest: bytes = DIGEST) -> None:
    await mssp.start(
        transaction_id=transaction_id,
        phone_number=PHONE,
        digest=digest,
        mechanism=MECHANISM,
        text="Quyết định: trích yếu. Mã 1234",
    )


async def test_a_started_transaction_waits_for_the_signer(mssp: Mssp) -> None:
    transaction_id = uuid4()

    await start(mssp, transaction_id)

    assert await mssp.status(transaction_id) == Waiting()


async def test_the_raw_signature_is_the_certificates_own(mssp: Mssp, clock: Clock) -> None:
    transaction_id = uuid4()
    await start(mssp, transaction_id)
    clock.tick(timedelta(minutes=1))

    status = await mssp.status(transaction_id)

    assert isinstance(status, Signed)
    key = (await mssp.certificate(PHONE)).parsed.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(status.raw, DIGEST, padding.PKCS1v15(), Prehashed(hashes.SHA256()))


async def test_the_signature_stays_what_it_was(mssp: Mssp, clock: Clock) -> None:
    transaction_id = uuid4()
    await start(mssp, transaction_id)
    clock.tick(timedelta(minutes=1))

    statuses = [await mssp.status(transaction_id) for _ in range(2)]

    assert statuses[0] == statuses[1]


async def test_starting_again_is_the_same_transaction(mssp: Mssp, clock: Clock) -> None:
    transaction_id = uuid4()
    await start(mssp, transaction_id)
    clock.tick(timedelta(minutes=1))
    before = await mssp.status(transaction_id)

    await start(mssp, transaction_id)

    assert await mssp.status(transaction_id) == before


async def test_a_transaction_is_not_used_for_something_else(mssp: Mssp) -> None:
    transaction_id = uuid4()
    await start(mssp, transaction_id)

    with pytest.raises(TransactionReused):
        await start(mssp, transaction_id, digest=bytes(32))


async def test_a_transaction_that_never_arrived_is_unknown(mssp: Mssp) -> None:
    with pytest.raises(UnknownTransaction):
        await mssp.status(uuid4())


@pytest.mark.parametrize("phone_number", ["84999999999", "", "../root", "８４９"])
async def test_a_number_without_sim_is_unknown(mssp: Mssp, phone_number: str) -> None:
    with pytest.raises(UnknownPhone):
        await mssp.certificate(phone_number)
