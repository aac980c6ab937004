"""What every mobile signature service must do. An adapter is done when this passes for it."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from api.signing.mssp import simulated_phones as phones
from api.signing.mssp.codes import REFUSALS
from api.signing.mssp.csc import CscMssp
from api.signing.mssp.port import (
    Mssp,
    Refused,
    Signed,
    Status,
    TransactionReused,
    UnknownPhone,
    UnknownTransaction,
    Waiting,
)
from api.signing.mssp.simulated import SimulatedMssp
from api.signing.mssp.simulated_ca import SimulatedCa
from api.signing.pdf.certificate import Mechanism, fits
from api.signing.pdf.raw import check_digest
from core.db import Database
from tests.support import operators
from tests.support.clock import Clock
from tests.support.databases import SqliteFactory

PHONE = "84912345678"
DIGEST = hashlib.sha256(b"decision").digest()
MECHANISM = Mechanism.RSA_PKCS1_SHA256


MADE_WITH = {
    PHONE: Mechanism.RSA_PKCS1_SHA256,
    "84912345679": Mechanism.RSA_PSS_SHA256,
    "84912345670": Mechanism.ECDSA_P256_SHA256,
    "84912345671": Mechanism.ECDSA_P384_SHA256,
}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys take long to make; certificates are good for as long as the tests' clock needs."""
    return tmp_path_factory.mktemp("authority")


@pytest.fixture
async def core(authority: Path, tmp_path: Path, clock: Clock) -> SimulatedMssp:
    """The operator itself, with SIMs that sign within a minute."""
    operator = SimulatedMssp(tmp_path / "prompts", SimulatedCa(authority, clock=clock), clock=clock)
    for number, mechanism in MADE_WITH.items():
        await operator.enrol(
            number, name="Nguyễn Văn An", organization="Bộ Thử nghiệm", mechanism=mechanism
        )
    return operator


@pytest.fixture
async def ours(sqlite: SqliteFactory, tmp_path: Path, clock: Clock) -> AsyncGenerator[Database]:
    """Our own database, for adapters that must remember what they asked."""
    db = Database(sqlite.url(tmp_path), clock=clock)
    yield db
    await db.dispose()


@pytest.fixture(params=operators.WAYS)
async def mssp(
    request: pytest.FixtureRequest, core: SimulatedMssp, ours: Database, tmp_path: Path
) -> AsyncGenerator[Mssp]:
    """Each way to that operator: inside this process, and over the network."""
    async with operators.reached(request.param, tmp_path, core, ours) as way:
        yield way


#: What CSC has a word for; everything else arrives as a failure of the operator.
CSC_HAS_WORDS_FOR = {401, 402, 208}


async def ended(mssp: Mssp, clock: Clock, transaction_id: UUID) -> Status:
    """Let time pass until the transaction has ended."""
    for _ in range(400):
        status = await mssp.status(transaction_id)
        if status != Waiting():
            return status
        clock.tick(timedelta(seconds=1))
        await asyncio.sleep(0.01)
    return Waiting()


async def start(
    mssp: Mssp,
    transaction_id: UUID,
    *,
    digest: bytes = DIGEST,
    phone: str = PHONE,
    mechanism: Mechanism = MECHANISM,
) -> None:
    await mssp.start(
        transaction_id=transaction_id,
        phone_number=phone,
        digest=digest,
        mechanism=mechanism,
        text="Quyết định: trích yếu. Mã 1234",
    )


async def test_a_started_transaction_waits_for_the_signer(mssp: Mssp) -> None:
    transaction_id = uuid4()

    await start(mssp, transaction_id)

    assert await mssp.status(transaction_id) == Waiting()


async def test_the_raw_signature_is_the_certificates_own(mssp: Mssp, clock: Clock) -> None:
    transaction_id = uuid4()
    await start(mssp, transaction_id)

    status = await ended(mssp, clock, transaction_id)

    assert isinstance(status, Signed)
    key = (await mssp.certificate(PHONE)).parsed.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(status.raw, DIGEST, padding.PKCS1v15(), Prehashed(hashes.SHA256()))


@pytest.mark.parametrize("phone", MADE_WITH)
async def test_every_kind_of_key_signs_in_its_own_way(mssp: Mssp, clock: Clock, phone: str) -> None:
    transaction_id, signer = uuid4(), await mssp.certificate(phone)
    wanted = replace(signer, mechanism=MADE_WITH[phone])
    assert fits(wanted.parsed, wanted.mechanism)
    await start(mssp, transaction_id, phone=phone, mechanism=wanted.mechanism)

    status = await ended(mssp, clock, transaction_id)

    assert isinstance(status, Signed)
    check_digest(wanted, status.raw, DIGEST)


async def test_every_refusal_of_the_standard_arrives_as_it_is(mssp: Mssp, clock: Clock) -> None:
    asked = {phone: uuid4() for phone in phones.REFUSING}
    for phone, transaction_id in asked.items():
        await start(mssp, transaction_id, phone=phone)

    told = {phone: await ended(mssp, clock, each) for phone, each in asked.items()}

    words = CSC_HAS_WORDS_FOR if isinstance(mssp, CscMssp) else set(REFUSALS)
    assert told == {
        phone: Refused(code if code in words else 900) for phone, code in phones.REFUSING.items()
    }


@pytest.mark.parametrize("phone", ["84900000100", "84900000400", "84900000504", "84900000502"])
async def test_what_is_no_refusal_ends_in_a_signature(mssp: Mssp, clock: Clock, phone: str) -> None:
    transaction_id = uuid4()
    await start(mssp, transaction_id, phone=phone)
    waiting = await mssp.status(transaction_id)

    assert waiting == Waiting()
    assert isinstance(await ended(mssp, clock, transaction_id), Signed)


async def test_a_hundred_starts_at_once_are_one_prompt(
    mssp: Mssp, core: SimulatedMssp, clock: Clock
) -> None:
    transaction_id = uuid4()

    await asyncio.gather(*(start(mssp, transaction_id) for _ in range(100)))
    await ended(mssp, clock, transaction_id)

    assert core.prompts() == 1


async def test_a_refusal_stays_what_it_was(mssp: Mssp, clock: Clock) -> None:
    transaction_id = uuid4()
    await start(mssp, transaction_id, phone="84900000401")
    await ended(mssp, clock, transaction_id)

    assert [await mssp.status(transaction_id) for _ in range(2)] == [Refused(401), Refused(401)]


async def test_the_signature_stays_what_it_was(mssp: Mssp, clock: Clock) -> None:
    transaction_id = uuid4()
    await start(mssp, transaction_id)
    await ended(mssp, clock, transaction_id)

    statuses = [await mssp.status(transaction_id) for _ in range(2)]

    assert statuses[0] == statuses[1]


async def test_starting_again_is_the_same_transaction(mssp: Mssp, clock: Clock) -> None:
    transaction_id = uuid4()
    await start(mssp, transaction_id)
    before = await ended(mssp, clock, transaction_id)

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
