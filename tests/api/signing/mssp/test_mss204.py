"""The SOAP client believes only answers to its own messages, and never prompts twice."""

import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from lxml import etree
from pydantic import SecretStr, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.signing.mssp import mss204_messages as messages
from api.signing.mssp.ledger import Ledger
from api.signing.mssp.mss204 import Mss204Mssp
from api.signing.mssp.mss204_messages import Caller, NotAnAnswer, Order
from api.signing.mssp.port import OperatorUnreachable, Refused, Signed, UnknownPhone, Waiting
from api.signing.mssp.simulated import SimulatedMssp
from api.signing.mssp.simulated_ca import SimulatedCa
from api.signing.mssp.simulated_phones import LATE
from api.signing.pdf.certificate import Mechanism
from core.config import Mss204, Signing
from core.db import Database
from tests.support.clock import Clock
from tests.support.databases import SqliteFactory
from tests.support.operators import AP_ID, Soap, soap_operator
from tests.support.serving import served

PHONE = "84900004003"
DIGEST = bytes(range(32))
CALLER = Caller("ap", "secret", "_1", "http://mobile-id.vn", Clock()())
Answer = Callable[[bytes], Awaitable[bytes] | bytes]


@pytest.fixture
async def ledger(sqlite: SqliteFactory, tmp_path: Path, clock: Clock) -> AsyncGenerator[Ledger]:
    db = Database(sqlite.url(tmp_path), clock=clock)
    yield Ledger(db)
    await db.dispose()


@pytest.fixture
async def operator(tmp_path: Path, clock: Clock) -> AsyncGenerator[Soap]:
    core = SimulatedMssp(
        tmp_path / "prompts", SimulatedCa(tmp_path / "ca", clock=clock), clock=clock
    )
    async with soap_operator(tmp_path, core) as running:
        yield running


async def start(mssp: Mss204Mssp, phone: str = PHONE) -> None:
    await mssp.start(
        transaction_id=TRANSACTION,
        phone_number=phone,
        digest=DIGEST,
        mechanism=Mechanism.ECDSA_P256_SHA256,
        text="Quyết định: <b>&amp;</b> Mã 1234",
    )


TRANSACTION = uuid4()


async def test_no_text_becomes_markup(operator: Soap, ledger: Ledger) -> None:
    mssp = Mss204Mssp(operator.settings(), ledger)

    await start(mssp)

    (prompt,) = operator.core.shown_on(PHONE)
    assert prompt.asked.text == "Quyết định: <b>&amp;</b> Mã 1234"
    await mssp.close()


async def test_without_our_certificate_nobody_answers(operator: Soap, ledger: Ledger) -> None:
    mssp = Mss204Mssp(operator.settings().model_copy(update={"certificate": None}), ledger)

    with pytest.raises(OperatorUnreachable):
        await mssp.certificate(PHONE)
    await mssp.close()


async def test_a_server_of_another_authority_is_not_asked(operator: Soap, ledger: Ledger) -> None:
    settings = operator.settings().model_copy(update={"ca": operator.files.client.certificate})
    mssp = Mss204Mssp(settings, ledger)

    with pytest.raises(OperatorUnreachable):
        await start(mssp)

    assert operator.core.prompts() == 0
    assert await ledger.find(TRANSACTION) is None
    await mssp.close()


async def test_a_wrong_password_is_a_refusal(operator: Soap, ledger: Ledger) -> None:
    wrong = operator.settings().model_copy(update={"ap_password": SecretStr("wrong")})
    mssp = Mss204Mssp(wrong, ledger)

    await start(mssp)

    assert await mssp.status(TRANSACTION) == Refused(104)
    await mssp.close()


async def test_every_message_has_a_transaction_of_its_own(
    operator: Soap, ledger: Ledger, clock: Clock
) -> None:
    mssp = Mss204Mssp(operator.settings(), ledger)
    await start(mssp)
    for _ in range(5):
        await mssp.status(TRANSACTION)
    clock.tick(timedelta(minutes=1))

    assert isinstance(await mssp.status(TRANSACTION), Signed)  # the operator refuses reuse
    await mssp.close()


async def test_a_repeated_message_is_refused_by_the_operator(operator: Soap) -> None:
    trusted = ssl.create_default_context(cafile=operator.files.ca)
    trusted.load_cert_chain(operator.files.client.certificate, operator.files.client.key)
    caller = replace(CALLER, ap_id=AP_ID, password="a password")
    order = Order(PHONE, DIGEST, "Quyết định", "http://mobile-id.vn/digitalSignature#ecdsa")
    message, address = messages.signature(caller, order), operator.settings().url
    async with httpx.AsyncClient(verify=trusted, trust_env=False) as client:
        first, second = [
            await client.post(f"{address}/MSS_SignaturePort", content=message) for _ in range(2)
        ]

    assert messages.read(first.content, "MSS_SignatureResp", "_1").code == 100
    assert messages.read(second.content, "MSS_SignatureResp", "_1").code == 101
    assert operator.core.prompts() == 1


@asynccontextmanager
async def liar(answer: Answer) -> AsyncGenerator[str]:
    """An operator that says whatever it likes."""

    async def endpoint(request: Request) -> Response:
        said = answer(await request.body())
        return Response(said if isinstance(said, bytes) else await said)

    async with served(Starlette(routes=[Route("/{port}", endpoint, methods=["POST"])])) as server:
        yield server.url


def echoing(body: bytes, inside: str, *, kind: str, asked_as: str | None = None) -> bytes:
    """Answer as a real operator would, with these contents."""
    asked = etree.fromstring(body).find(f".//{{{messages.MSS}}}AP_Info").get("AP_TransID")
    return (
        f'<s:Envelope xmlns:s="{messages.SOAP}"><s:Body>'
        f'<m:{kind} xmlns:m="{messages.MSS}" MSSP_TransID="M1">'
        f'<m:AP_Info AP_TransID="{asked_as or asked}"/>{inside}</m:{kind}></s:Body></s:Envelope>'
    ).encode()


def status(code: int, signature: str = "") -> str:
    raw = f"<m:MSS_Signature><m:Base64Signature>{signature}</m:Base64Signature></m:MSS_Signature>"
    shown = f'<m:Status><m:StatusCode Value="{code}"/></m:Status>'
    return (raw if signature else "") + shown


async def test_an_answer_that_is_lost_is_not_asked_for_twice(ledger: Ledger) -> None:
    heard: list[bytes] = []

    def lose(body: bytes) -> bytes:
        heard.append(body)
        return b""

    async with liar(lose) as url:
        mssp = Mss204Mssp(Mss204(url=url), ledger)
        with pytest.raises(OperatorUnreachable):
            await start(mssp)
        for _ in range(3):
            await start(mssp)

            assert await mssp.status(TRANSACTION) == Waiting()
        await mssp.close()
    assert len(heard) == 1


async def test_an_operator_that_is_not_there_is_asked_again(ledger: Ledger) -> None:
    mssp = Mss204Mssp(Mss204(url="http://127.0.0.1:9"), ledger)

    for _ in range(2):
        with pytest.raises(OperatorUnreachable):
            await start(mssp)
    await mssp.close()


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"<html>502 Bad Gateway</html>",
        b"<a><b></a>",
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        b"<x>" * 100_000,
        b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"/>',
        b"x" * (messages.LARGEST + 1),
    ],
    ids=["nothing", "html", "broken", "entity", "deep", "empty", "large"],
)
async def test_what_is_no_answer_changes_nothing(ledger: Ledger, said: bytes) -> None:
    async with liar(lambda _: said) as url:
        mssp = Mss204Mssp(Mss204(url=url), ledger)

        with pytest.raises(OperatorUnreachable):
            await start(mssp)
        assert await mssp.status(TRANSACTION) == Waiting()
        await mssp.close()


async def test_an_answer_to_another_message_changes_nothing(ledger: Ledger) -> None:
    def forge(body: bytes) -> bytes:
        if b"MSS_SignatureReq" in body:
            return echoing(body, status(100), kind="MSS_SignatureResp")
        return echoing(body, status(500, "QUJD"), kind="MSS_StatusResp", asked_as="_another")

    async with liar(forge) as url:
        mssp = Mss204Mssp(Mss204(url=url), ledger)
        await start(mssp)

        with pytest.raises(OperatorUnreachable):
            await mssp.status(TRANSACTION)
        line = await ledger.find(TRANSACTION)
        assert line is not None
        assert (line.code, line.raw) == (None, None)
        await mssp.close()


async def test_a_second_answer_changes_nothing(ledger: Ledger) -> None:
    answers = iter([status(401), status(500, "QUJD")])

    def change_its_mind(body: bytes) -> bytes:
        if b"MSS_SignatureReq" in body:
            return echoing(body, status(100), kind="MSS_SignatureResp")
        return echoing(body, next(answers), kind="MSS_StatusResp")

    async with liar(change_its_mind) as url:
        mssp = Mss204Mssp(Mss204(url=url), ledger)
        await start(mssp)

        assert [await mssp.status(TRANSACTION) for _ in range(2)] == [Refused(401), Refused(401)]
        await mssp.close()


async def test_a_signature_without_a_signature_is_none(ledger: Ledger) -> None:
    def boast(body: bytes) -> bytes:
        kind = "MSS_SignatureResp" if b"MSS_SignatureReq" in body else "MSS_StatusResp"
        return echoing(body, status(100 if kind == "MSS_SignatureResp" else 500), kind=kind)

    async with liar(boast) as url:
        mssp = Mss204Mssp(Mss204(url=url), ledger)
        await start(mssp)

        assert await mssp.status(TRANSACTION) == Waiting()
        await mssp.close()


async def test_a_certificate_that_is_none_is_no_sim(ledger: Ledger) -> None:
    inside = f"{status(408)}<m:X509Certificate>QUJD</m:X509Certificate>"
    async with liar(lambda body: echoing(body, inside, kind="MSS_RegistrationResp")) as url:
        mssp = Mss204Mssp(Mss204(url=url), ledger)

        with pytest.raises(UnknownPhone):
            await mssp.certificate(PHONE)
        await mssp.close()


async def test_a_late_signature_still_counts_for_whoever_asks(
    operator: Soap, ledger: Ledger, clock: Clock
) -> None:
    mssp = Mss204Mssp(operator.settings(), ledger)
    signer = await mssp.certificate(LATE)
    await mssp.start(
        transaction_id=TRANSACTION, phone_number=LATE, digest=DIGEST,
        mechanism=signer.mechanism, text="Quyết định",
    )  # fmt: skip
    clock.tick(timedelta(minutes=6))

    assert isinstance(await mssp.status(TRANSACTION), Signed)
    await mssp.close()


@pytest.mark.parametrize("code", ["x", "", "_", "mss:_", "mss:_٤٠١"])
def test_a_fault_without_a_number_is_no_answer(code: str) -> None:
    fault = (
        f'<s:Envelope xmlns:s="{messages.SOAP}"><s:Body><s:Fault><s:Code><s:Subcode>'
        f"<s:Value>{code}</s:Value></s:Subcode></s:Code></s:Fault></s:Body></s:Envelope>"
    )

    with pytest.raises(NotAnAnswer):
        messages.read(fault.encode(), "MSS_StatusResp", "_1")


def test_a_digest_goes_as_a_digest_info() -> None:
    prefix = bytes.fromhex("3031300d060960864801650304020105000420")

    assert messages.digest_info(DIGEST) == prefix + DIGEST


@pytest.mark.parametrize("url", ["", "http://mssp.example/soap", "ftp://127.0.0.1"])
def test_an_operator_is_reached_where_nobody_listens_in(url: str) -> None:
    with pytest.raises(ValidationError):
        Signing(operator="mss204", mss204=Mss204(url=url))


def test_the_password_is_in_no_log() -> None:
    assert "secret" not in repr(Mss204(ap_password=SecretStr("secret")))
