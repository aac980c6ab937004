"""pyHanko's own CSC client, unmodified, signs with an official's phone."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from asn1crypto import algos
from fastapi import FastAPI
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.csc_signer import (
    CSCAuthorizationInfo,
    CSCAuthorizationManager,
    CSCServiceSessionInfo,
    CSCSigner,
    fetch_certs_in_csc_credential,
)
from typing_extensions import override

from api.signing.verify.sandboxed import report_on
from api.wiring import Engines
from tests.support.csc import Application
from tests.support.pdfs import written
from tests.support.serving import served
from tests.support.signing import operator

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PHONES = {
    "84900004001": None,
    "84900004002": 32,
    "84900004003": None,
    "84900004004": None,
}


class ByPhone(CSCAuthorizationManager):
    """Asks for an authorisation of just these hashes, as pyHanko leaves to its users."""

    def __init__(self, session: aiohttp.ClientSession, *given: Any) -> None:
        super().__init__(*given)
        self._session = session

    @override
    async def authorize_signature(self, hash_b64s: list[str]) -> CSCAuthorizationInfo:
        url = self.csc_session_info.endpoint_url("credentials/authorize")
        asked = self.format_csc_auth_request(hash_b64s=hash_b64s)
        async with self._session.post(
            url, headers=self.auth_headers, json=asked, raise_for_status=True
        ) as answer:
            return self.parse_csc_auth_response(await answer.json())


@pytest.fixture
async def service(app: FastAPI) -> AsyncGenerator[str]:
    async with served(app) as server:
        yield server.url


@pytest.fixture
async def session() -> AsyncGenerator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as client:
        yield client


def mechanism(salt: int) -> algos.SignedDigestAlgorithm:
    sha = {"algorithm": "sha256"}
    parameters = {
        "hash_algorithm": sha,
        "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": sha},
        "salt_length": salt,
    }
    return algos.SignedDigestAlgorithm(
        {"algorithm": "rsassa_pss", "parameters": algos.RSASSAPSSParams(parameters)}
    )


async def signer(
    service: str, session: aiohttp.ClientSession, third: Application, *,
    salt: int | None = None, batch: int = 1,
) -> CSCSigner:  # fmt: skip
    info = CSCServiceSessionInfo(service, third.credential, third.token)
    credential = await fetch_certs_in_csc_credential(session, info)
    made = CSCSigner(session, ByPhone(session, info, credential), batch_size=batch)
    if salt is not None:
        made._signature_mechanism = mechanism(salt)  # its constructor knows no salts
    return made


async def sign(paper: Path, with_: CSCSigner, name: str) -> Path:
    metadata = signers.PdfSignatureMetadata(
        field_name=name, subfilter=fields.SigSeedSubFilter.PADES, md_algorithm="sha256"
    )
    writer = IncrementalPdfFileWriter(BytesIO(paper.read_bytes()))
    signed = await signers.async_sign_pdf(writer, metadata, with_)
    target = paper.with_name(f"{name}.pdf")
    target.write_bytes(signed.getvalue())
    return target


async def verdict(engines: Engines, paper: Path) -> str:
    operator(engines).ca.export_trust(engines.settings.trust)
    moment = datetime.now(UTC).isoformat()
    report = await asyncio.to_thread(report_on, paper, engines.settings.trust, "any", moment)
    return str(report["verdict"])


@pytest.mark.parametrize(("phone", "salt"), PHONES.items())
async def test_a_pdf_is_signed_with_every_kind_of_key(
    third: Application, engines: Engines, service: str, session: aiohttp.ClientSession,
    has: Any, tmp_path: Path, phone: str, salt: int | None,
) -> None:  # fmt: skip
    await has(phone)
    paper = written(tmp_path / "paper.pdf", ["Quyết định"])

    signed = await sign(paper, await signer(service, session, third, salt=salt), "S")

    assert await verdict(engines, signed) == "valid"


async def test_a_batch_is_signed_under_one_authorisation(
    third: Application, engines: Engines, service: str, session: aiohttp.ClientSession,
    tmp_path: Path,
) -> None:  # fmt: skip
    paper = written(tmp_path / "paper.pdf", ["Quyết định"])
    together = await signer(service, session, third, batch=3)

    papers = await asyncio.gather(*(sign(paper, together, f"S{each}") for each in range(3)))

    assert [await verdict(engines, each) for each in papers] == ["valid"] * 3
    assert operator(engines).prompts() == 3


async def test_a_salt_that_the_sim_does_not_use_is_refused(
    third: Application, service: str, session: aiohttp.ClientSession, has: Any, tmp_path: Path
) -> None:
    await has("84900004002")
    paper = written(tmp_path / "paper.pdf", ["Quyết định"])
    greedy = await signer(service, session, third, salt=222)

    with pytest.raises(SigningError):
        await sign(paper, greedy, "S")
