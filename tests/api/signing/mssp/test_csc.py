"""The client of a CSC service asks for one prompt, and keeps what the person signed."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from api.signing.mssp.csc import CscMssp
from api.signing.mssp.ledger import Ledger
from api.signing.mssp.port import (
    OperatorUnreachable,
    Refused,
    Signed,
    Status,
    UnknownPhone,
    UnknownTransaction,
    Waiting,
)
from api.signing.mssp.simulated_ca import SimulatedCa
from api.signing.pdf.certificate import Mechanism, SignerCertificate
from core.config import CscService, Signing
from core.db import Database
from tests.support.clock import Clock
from tests.support.databases import SqliteFactory
from tests.support.serving import served

PHONE = "84912345678"
RAW = b"a signature"
Json = dict[str, Any]
Says = Callable[[str, Json], tuple[int, Any]]


@pytest.fixture
async def ledger(sqlite: SqliteFactory, tmp_path: Path, clock: Clock) -> AsyncGenerator[Ledger]:
    db = Database(sqlite.url(tmp_path), clock=clock)
    yield Ledger(db)
    await db.dispose()


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> SignerCertificate:
    ca = SimulatedCa(tmp_path_factory.mktemp("ca"), clock=Clock())
    return ca.issue_person(
        "sim-1", name="Nguyễn Văn An", organization="Bộ", mechanism=Mechanism.ECDSA_P256_SHA256
    )


class Service:
    """A service that answers as it is told, and keeps what it heard."""

    def __init__(self, signer: SignerCertificate) -> None:
        self.heard: list[tuple[str, Json]] = []
        self.answers: dict[str, list[tuple[int, Any]]] = {}
        certificates = [b64encode(each).decode() for each in (signer.der, *signer.chain)]
        self.usual: dict[str, Any] = {
            "token": {"access_token": "t", "token_type": "Bearer", "expires_in": 3600},
            "list": {"credentialIDs": ["c"]},
            "info": {
                "key": {"algo": ["1.2.840.10045.4.3.2"]}, "cert": {"certificates": certificates},
            },
            "authorize": {"SAD": "s", "expiresIn": 300},
            "signHash": {"signatures": [b64encode(RAW).decode()]},
        }  # fmt: skip

    def count(self, name: str) -> int:
        return len([each for each, _ in self.heard if each == name])

    async def answer(self, request: Request) -> JSONResponse:
        name = request.url.path.rpartition("/")[2]
        is_form = name == "token"
        body = dict(await request.form()) if is_form else await request.json()
        self.heard.append((name, body))
        queued = self.answers.get(name)
        status, said = queued.pop(0) if queued else (200, self.usual[name])
        return JSONResponse(said, status)


@asynccontextmanager
async def client_of(
    service: Service, ledger: Ledger, version: Literal["v1", "v2"] = "v2"
) -> AsyncGenerator[CscMssp]:
    routes = [Route("/{path:path}", service.answer, methods=["POST"])]
    async with served(Starlette(routes=routes)) as server:
        client = CscMssp(CscService(url=server.url, version=version), ledger)
        yield client
        await client.close()


@pytest.fixture
def service(signer: SignerCertificate) -> Service:
    return Service(signer)


async def start(mssp: CscMssp) -> UUID:
    transaction_id = uuid4()
    await mssp.start(
        transaction_id=transaction_id, phone_number=PHONE, digest=bytes(32),
        mechanism=Mechanism.ECDSA_P256_SHA256, text="Quyết định Mã 1234",
    )  # fmt: skip
    return transaction_id


async def settled(mssp: CscMssp, transaction_id: UUID) -> Status:
    """Wait until the service has said its last word."""
    async with asyncio.timeout(10):
        while mssp._asking:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return await mssp.status(transaction_id)


async def test_each_dialect_uses_its_own_words(service: Service, ledger: Ledger) -> None:
    for version in ("v1", "v2"):
        async with client_of(service, ledger, version) as mssp:
            assert await settled(mssp, await start(mssp)) == Signed(RAW)

    (_, old), (_, new) = [each for each in service.heard if each[0] == "authorize"]
    assert ("hash" in old, "hashes" in old) == (True, False)
    assert ("hash" in new, "hashAlgorithmOID" in new) == (False, True)
    assert old["description"] == new["description"] == "Quyết định Mã 1234"


async def test_a_signature_that_got_lost_on_the_way_is_fetched_again(
    service: Service, ledger: Ledger
) -> None:
    service.answers["signHash"] = [(500, {}), (502, {})]
    async with client_of(service, ledger) as mssp:
        assert await settled(mssp, await start(mssp)) == Signed(RAW)

    assert (service.count("authorize"), service.count("signHash")) == (1, 3)


async def test_an_authorisation_that_got_lost_is_not_asked_for_twice(
    service: Service, ledger: Ledger
) -> None:
    service.answers["authorize"] = [(500, {})]
    async with client_of(service, ledger) as mssp:
        transaction_id = await start(mssp)

        assert await settled(mssp, transaction_id) == Waiting()
        await mssp.start(
            transaction_id=transaction_id, phone_number=PHONE, digest=bytes(32),
            mechanism=Mechanism.ECDSA_P256_SHA256, text="Quyết định Mã 1234",
        )  # fmt: skip
        assert await settled(mssp, transaction_id) == Waiting()
    assert service.count("authorize") == 1


async def test_a_token_that_is_refused_is_fetched_anew(service: Service, ledger: Ledger) -> None:
    service.answers["list"] = [(401, {"error": "invalid_token"})]
    async with client_of(service, ledger) as mssp:
        with pytest.raises(OperatorUnreachable):
            await start(mssp)
        assert await settled(mssp, await start(mssp)) == Signed(RAW)

    assert service.count("token") == 2


async def test_an_authorisation_without_a_token_never_arrived(
    service: Service, ledger: Ledger
) -> None:
    service.answers["authorize"] = [(401, {"error": "invalid_token"})]
    async with client_of(service, ledger) as mssp:
        transaction_id = await start(mssp)

        with pytest.raises(UnknownTransaction):
            await settled(mssp, transaction_id)


@pytest.mark.parametrize(
    ("error", "code"), [("access_denied", 401), ("invalid_pin", 402), ("other", 900)]
)
async def test_a_refusal_is_a_refusal(
    service: Service, ledger: Ledger, error: str, code: int
) -> None:
    service.answers["authorize"] = [(400, {"error": error})]
    async with client_of(service, ledger) as mssp:
        assert await settled(mssp, await start(mssp)) == Refused(code)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("authorize", []), ("authorize", {"SAD": 7}), ("authorize", None),
        ("signHash", {"signatures": []}), ("signHash", {"signatures": ["%"]}),
        ("signHash", {"signatures": [RAW.hex(), RAW.hex()]}), ("signHash", {"signatures": [1]}),
    ],
)  # fmt: skip
async def test_what_is_no_answer_is_no_signature(
    service: Service, ledger: Ledger, name: str, said: Any
) -> None:
    service.answers[name] = [(200, said)] * 3
    async with client_of(service, ledger) as mssp:
        assert await settled(mssp, await start(mssp)) == Waiting()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("list", {"credentialIDs": []}), ("list", {"credentialIDs": [7]}), ("list", {}),
        ("info", {}), ("info", {"cert": {"certificates": ["QUJD"]}, "key": {"algo": []}}),
        ("info", {"cert": {"certificates": []}, "key": {"algo": []}}),
    ],
)  # fmt: skip
async def test_a_number_without_a_credential_is_unknown(
    service: Service, ledger: Ledger, name: str, said: Any
) -> None:
    service.answers[name] = [(200, said)]
    async with client_of(service, ledger) as mssp:
        with pytest.raises(UnknownPhone):
            await mssp.certificate(PHONE)


async def test_a_service_that_is_not_there_was_not_asked(ledger: Ledger) -> None:
    mssp = CscMssp(CscService(url="http://127.0.0.1:9"), ledger)

    for _ in range(2):
        with pytest.raises(OperatorUnreachable):
            await start(mssp)
    await mssp.close()


@pytest.mark.parametrize("url", ["", "http://csc.example"])
def test_a_service_is_reached_where_nobody_listens_in(url: str) -> None:
    with pytest.raises(ValidationError):
        Signing(operator="csc", csc=CscService(url=url))


def test_the_secret_is_in_no_log() -> None:
    assert "hidden" not in repr(CscService(client_secret=SecretStr("hidden")))
