"""The simulated operator keeps its word through crashes, and misbehaves only on demand."""

import asyncio
import hashlib
import stat
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography import x509

from api.signing.mssp import simulated
from api.signing.mssp.port import REFUSALS, Refusal, Refused, Signed, Waiting
from api.signing.mssp.simulated import SimulatedMssp
from api.signing.mssp.simulated_ca import SimulatedCa
from api.signing.pdf.certificate import Mechanism, SignerCertificate
from api.signing.pdf.errors import WrongRawSignature
from api.signing.pdf.layout import LEADER_FIELD
from api.signing.pdf.raw import check_raw
from api.signing.pdf.signature import prepare
from core.errors import RefusedInProduction
from core.messages import LANGUAGES, catalogue
from tests.support.clock import Clock
from tests.support.signed_papers import Desk

PHONE = "84912345678"
DIGEST = hashlib.sha256(b"decision").digest()


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> SimulatedCa:
    return SimulatedCa(tmp_path_factory.mktemp("ca"))


@pytest.fixture
async def operator(tmp_path: Path, ca: SimulatedCa, clock: Clock) -> SimulatedMssp:
    operator = SimulatedMssp(tmp_path, ca, clock=clock)
    await operator.enrol(PHONE, name="Nguyễn Văn An", organization="Bộ Thử nghiệm")
    return operator


async def test_a_hundred_starts_are_one_prompt(operator: SimulatedMssp) -> None:
    transaction_id = uuid4()

    await asyncio.gather(
        *(
            operator.start(
                transaction_id=transaction_id,
                phone_number=PHONE,
                digest=DIGEST,
                mechanism=Mechanism.RSA_PKCS1_SHA256,
                text="Quyết định",
            )
            for _ in range(100)
        )
    )

    assert operator.prompts() == 1


async def test_it_remembers_after_it_was_killed(operator: SimulatedMssp, clock: Clock) -> None:
    transaction_id = uuid4()
    await operator.start(
        transaction_id=transaction_id,
        phone_number=PHONE,
        digest=DIGEST,
        mechanism=Mechanism.RSA_PKCS1_SHA256,
        text="Quyết định",
    )
    reborn = SimulatedMssp(operator.folder, operator.ca, clock=clock)
    clock.tick(timedelta(minutes=1))

    assert isinstance(await reborn.status(transaction_id), Signed)
    assert reborn.prompts() == 1


@pytest.mark.parametrize(("phone_number", "code"), simulated.MISBEHAVIOUR.items())
async def test_a_magic_number_refuses_in_its_own_way(
    operator: SimulatedMssp, clock: Clock, phone_number: str, code: int
) -> None:
    transaction_id = uuid4()
    await operator.start(
        transaction_id=transaction_id,
        phone_number=phone_number,
        digest=DIGEST,
        mechanism=Mechanism.RSA_PKCS1_SHA256,
        text="Quyết định",
    )
    clock.tick(timedelta(minutes=1))

    status = await operator.status(transaction_id)

    assert status == Refused(code)
    assert isinstance(status, Refused)
    assert status.reason is REFUSALS[code]


async def test_one_phone_never_answers(operator: SimulatedMssp, clock: Clock) -> None:
    transaction_id = uuid4()
    await operator.start(
        transaction_id=transaction_id,
        phone_number=simulated.SILENT,
        digest=DIGEST,
        mechanism=Mechanism.RSA_PKCS1_SHA256,
        text="Quyết định",
    )
    clock.tick(timedelta(days=30))

    assert await operator.status(transaction_id) == Waiting()


async def test_one_phone_signs_something_else(
    operator: SimulatedMssp, clock: Clock, desk: Desk
) -> None:
    signer = await operator.certificate(simulated.WRONG_SIGNATURE)
    prepared = prepare(desk.form(), signer, LEADER_FIELD, signing_time=desk.clock())
    transaction_id = uuid4()
    await operator.start(
        transaction_id=transaction_id,
        phone_number=simulated.WRONG_SIGNATURE,
        digest=prepared.to_sign,
        mechanism=prepared.mechanism,
        text="Quyết định",
    )
    clock.tick(timedelta(minutes=1))

    status = await operator.status(transaction_id)

    assert isinstance(status, Signed)
    with pytest.raises(WrongRawSignature):
        check_raw(prepared, signer, status.raw)


def test_production_refuses_it(tmp_path: Path) -> None:
    with pytest.raises(RefusedInProduction):
        SimulatedCa(tmp_path, production=True)


def test_keys_are_for_the_owner_alone(ca: SimulatedCa) -> None:
    ca.issue_person("sim-1", name="Lê Thị Bình", organization="Bộ Thử nghiệm")

    rights = {stat.S_IMODE(path.stat().st_mode) for path in ca.folder.glob("*.key")}

    assert rights == {0o600}


def test_a_certificate_is_issued_once(ca: SimulatedCa) -> None:
    def issue(name: str) -> SignerCertificate:
        return ca.issue_person("sim-2", name=name, organization="Bộ Thử nghiệm")

    assert issue("Lê Thị Bình") == issue("Another")


def test_a_certificate_may_sign_documents_and_nothing_else(ca: SimulatedCa) -> None:
    issued = ca.issue_person("sim-3", name="Lê Thị Bình", organization="Bộ Thử nghiệm")

    usage = issued.parsed.extensions.get_extension_for_class(x509.KeyUsage).value

    assert usage.digital_signature
    assert usage.content_commitment
    assert not usage.key_cert_sign
    assert issued.name == "Lê Thị Bình"


@pytest.mark.parametrize("label", ["", "../x", "A B", "x" * 65])
def test_a_label_is_no_path(ca: SimulatedCa, label: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        ca.certificate(label)


def test_a_code_nobody_knows_is_the_operators_failure() -> None:
    assert Refused(777).reason is Refusal.OPERATOR_FAILED


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", Refusal)
def test_every_refusal_has_its_sentence(language: str, reason: Refusal) -> None:
    assert f"mssp.{reason}" in catalogue(language)
