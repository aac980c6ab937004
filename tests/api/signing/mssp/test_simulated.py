"""The simulated operator keeps its word through crashes, and misbehaves only on demand."""

import asyncio
import hashlib
import stat
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography import x509

from api.signing.mssp import simulated_phones as phones
from api.signing.mssp.codes import (
    NAMES,
    NEXT_STEPS,
    REFUSALS,
    Progress,
    Refusal,
    meaning_of,
)
from api.signing.mssp.errors import WrongPin
from api.signing.mssp.port import Refused, Signed, Waiting
from api.signing.mssp.simulated import SimulatedMssp
from api.signing.mssp.simulated_ca import SimulatedCa
from api.signing.pdf.certificate import Mechanism, SignerCertificate
from api.signing.pdf.errors import WrongRawSignature
from api.signing.pdf.layout import LEADER_FIELD
from api.signing.pdf.raw import check_raw
from api.signing.pdf.signature import prepare
from core.errors import NotFound, RefusedInProduction
from core.messages import LANGUAGES, Language, catalogue
from tests.architecture.source import ROOT
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


@pytest.mark.parametrize(("phone_number", "code"), phones.REFUSING.items())
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
        phone_number=phones.SILENT,
        digest=DIGEST,
        mechanism=Mechanism.RSA_PKCS1_SHA256,
        text="Quyết định",
    )
    clock.tick(timedelta(days=30))

    assert await operator.status(transaction_id) == Waiting()


async def test_one_phone_signs_something_else(
    operator: SimulatedMssp, clock: Clock, desk: Desk
) -> None:
    signer = await operator.certificate(phones.WRONG_SIGNATURE)
    prepared = prepare(desk.form(), signer, LEADER_FIELD, signing_time=desk.clock())
    transaction_id = uuid4()
    await operator.start(
        transaction_id=transaction_id,
        phone_number=phones.WRONG_SIGNATURE,
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


async def test_a_phone_can_sign_when_nobody_waits_any_more(
    operator: SimulatedMssp, clock: Clock
) -> None:
    transaction_id = uuid4()
    await ask(operator, transaction_id, phones.LATE)
    clock.tick(phones.PROMPT_LIFETIME)
    when_time_is_up = await operator.status(transaction_id)
    clock.tick(timedelta(minutes=1))

    assert when_time_is_up == Waiting()
    assert isinstance(await operator.status(transaction_id), Signed)


async def test_a_phone_takes_as_long_as_its_number_says(
    operator: SimulatedMssp, clock: Clock
) -> None:
    transaction_id = uuid4()
    await ask(operator, transaction_id, "84900001042")
    clock.tick(timedelta(seconds=41))
    before = await operator.status(transaction_id)
    clock.tick(timedelta(seconds=1))

    assert before == Waiting()
    assert isinstance(await operator.status(transaction_id), Signed)


BY_HAND = "84900003001"


async def ask(operator: SimulatedMssp, transaction_id: UUID, phone: str = BY_HAND) -> None:
    await operator.start(
        transaction_id=transaction_id,
        phone_number=phone,
        digest=DIGEST,
        mechanism=Mechanism.RSA_PKCS1_SHA256,
        text="Quyết định: trích yếu Mã 1234",
    )


async def test_the_pin_signs_what_the_phone_shows(operator: SimulatedMssp, clock: Clock) -> None:
    transaction_id = uuid4()
    await ask(operator, transaction_id)
    clock.tick(timedelta(minutes=4))
    (shown,) = operator.shown_on(BY_HAND)

    operator.type_pin(BY_HAND, shown.id, phones.PIN)

    assert shown.asked.text == "Quyết định: trích yếu Mã 1234"
    assert isinstance(await operator.status(transaction_id), Signed)
    assert operator.shown_on(BY_HAND) == []


async def test_a_third_wrong_pin_blocks_the_sim_until_it_is_unblocked(
    operator: SimulatedMssp,
) -> None:
    first, second, third = uuid4(), uuid4(), uuid4()
    await ask(operator, first)
    for _ in range(2):
        with pytest.raises(WrongPin):
            operator.type_pin(BY_HAND, first, "000000")
    operator.type_pin(BY_HAND, first, "000000")
    await ask(operator, second)
    blocked = [await operator.status(one) for one in (first, second)]

    operator.unblock(BY_HAND)
    await ask(operator, third)

    assert blocked == [Refused(402), Refused(402)]
    assert await operator.status(third) == Waiting()


async def test_a_right_pin_forgives_the_wrong_ones_before(operator: SimulatedMssp) -> None:
    for _ in range(3):
        transaction_id = uuid4()
        await ask(operator, transaction_id)
        for _ in range(2):
            with pytest.raises(WrongPin):
                operator.type_pin(BY_HAND, transaction_id, "1234")
        operator.type_pin(BY_HAND, transaction_id, phones.PIN)

        assert isinstance(await operator.status(transaction_id), Signed)


async def test_saying_no_on_the_phone_is_final(operator: SimulatedMssp) -> None:
    transaction_id = uuid4()
    await ask(operator, transaction_id)
    operator.cancel(BY_HAND, transaction_id)

    with pytest.raises(NotFound):
        operator.type_pin(BY_HAND, transaction_id, phones.PIN)
    assert await operator.status(transaction_id) == Refused(401)


async def test_a_prompt_that_nobody_answers_expires(operator: SimulatedMssp, clock: Clock) -> None:
    transaction_id = uuid4()
    await ask(operator, transaction_id)
    clock.tick(phones.PROMPT_LIFETIME)

    assert operator.shown_on(BY_HAND) == []
    assert await operator.status(transaction_id) == Refused(208)


async def test_another_phone_does_not_answer_it(operator: SimulatedMssp) -> None:
    transaction_id = uuid4()
    await ask(operator, transaction_id)

    with pytest.raises(NotFound):
        operator.type_pin("84900003002", transaction_id, phones.PIN)


def test_the_page_lists_every_number() -> None:
    page = (ROOT / "docs" / "reference" / "simulated-operator.md").read_text("utf-8")

    for code, name in NAMES.items():
        assert f"| {code} | {name} | `84900000{code}` |" in page
    for number in (phones.SILENT, phones.LATE, *phones.KEYS, phones.PIN):
        assert f"`{number}`" in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", [*NAMES, 777])
def test_every_code_has_its_sentence_and_every_refusal_its_next_step(
    language: Language, code: int
) -> None:
    means = meaning_of(code)

    if isinstance(means, Refusal):
        assert f"mssp.{means}" in catalogue(language)
        assert f"mssp.next.{NEXT_STEPS[means]}" in catalogue(language)
    else:
        assert means in Progress


def test_the_table_is_the_standards() -> None:
    assert len(NAMES) == 35
    assert set(NEXT_STEPS) == set(Refusal)
    assert set(REFUSALS) | set(phones.SIGNING.values()) == set(NAMES)
