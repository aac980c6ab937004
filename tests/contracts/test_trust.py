"""What every way to trust services must do. An adapter is done when this passes for it."""

import asyncio
import hashlib
import subprocess
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp

from api.signing.evidence.questions import ocsp_question, timestamp_question
from api.signing.mssp.simulated_ca import SimulatedCa
from api.signing.trust.addresses import AllowList
from api.signing.trust.errors import AddressRefused, TrustServiceSilent
from api.signing.trust.http import HttpTrustServices
from api.signing.trust.port import Kind, Question, TrustServices
from api.signing.trust.simulated import Behaviour, SimulatedTrustServices
from api.signing.trust.simulated_server import server
from core.errors import RefusedInProduction
from tests.support.clock import Clock
from tests.support.serving import served

DIGEST = hashlib.sha256(b"a document").digest()


@dataclass
class Services:
    """A way to the services, and the services themselves."""

    way: TrustServices
    behind: SimulatedTrustServices

    @property
    def ca(self) -> SimulatedCa:
        return self.behind.ca

    def at(self, path: str) -> str:
        return self.ca.services + path


@pytest.fixture(params=["simulated", "http"])
async def services(
    request: pytest.FixtureRequest, tmp_path: Path, clock: Clock
) -> AsyncGenerator[Services]:
    if request.param == "simulated":
        inside = SimulatedTrustServices(SimulatedCa(tmp_path / "ca", clock=clock))
        yield Services(inside, inside)
        return
    placeholder = SimulatedTrustServices(SimulatedCa(tmp_path / "none", clock=clock))
    async with served(server(placeholder)) as there:
        placeholder.ca = SimulatedCa(tmp_path / "ca", clock=clock, services=there.url)
        allowed = AllowList([f"127.0.0.1:{there.port}"], ["127.0.0.0/8"])
        way = HttpTrustServices(allowed, seconds=5)
        yield Services(way, placeholder)
        await way.close()


async def test_a_time_stamp_is_what_openssl_takes(services: Services, tmp_path: Path) -> None:
    question = timestamp_question(services.at("/tsa"), DIGEST, nonce=7)

    answer = await services.way.ask(question)

    (tmp_path / "asked.tsq").write_bytes(question.body)
    (tmp_path / "answer.tsr").write_bytes(answer)
    trust = services.ca.export_trust(tmp_path)
    moment = str(int(services.ca.clock().timestamp()))
    said = await asyncio.to_thread(
        subprocess.run,
        ["openssl", "ts", "-verify", "-queryfile", "asked.tsq", "-in", "answer.tsr",
         "-CAfile", trust.name, "-attime", moment],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Verification: OK" in said.stdout + said.stderr


async def test_a_certificate_is_good_until_it_is_revoked(services: Services) -> None:
    signer = services.ca.issue_person("leader", name="An", organization="Bộ")
    question = ocsp_question(signer.parsed, x509.load_der_x509_certificate(signer.chain[0]))
    assert question is not None

    before = ocsp.load_der_ocsp_response(await services.way.ask(question))
    services.ca.revoke(signer.parsed.serial_number)
    after = ocsp.load_der_ocsp_response(await services.way.ask(question))

    assert before.certificate_status is ocsp.OCSPCertStatus.GOOD
    assert after.certificate_status is ocsp.OCSPCertStatus.REVOKED
    responder = after.certificates[0]
    responder.verify_directly_issued_by(services.ca.issuers()["sub"].certificate)
    key = responder.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(after.signature, after.tbs_response_bytes, ec.ECDSA(hashes.SHA256()))


async def test_a_list_names_what_is_revoked(services: Services) -> None:
    sub = services.ca.issuers()["sub"].certificate
    services.ca.revoke(sub.serial_number)

    answer = await services.way.ask(Question(Kind.CRL, services.at("/crl/root.crl")))

    crl = x509.load_der_x509_crl(answer)
    assert crl.get_revoked_certificate_by_serial_number(sub.serial_number) is not None
    assert crl.is_signature_valid(services.ca.root().public_key())  # type: ignore[arg-type]


async def test_an_authority_hands_out_its_certificate(services: Services) -> None:
    answer = await services.way.ask(Question(Kind.CERTIFICATE, services.at("/ca/sub.cer")))

    assert x509.load_der_x509_certificate(answer) == services.ca.issuers()["sub"].certificate


@pytest.mark.parametrize("kind", [Kind.TIMESTAMP, Kind.OCSP, Kind.CRL])
async def test_a_dead_service_is_silent(services: Services, kind: Kind) -> None:
    services.behind.behaviour[kind] = Behaviour.DEAD
    path = {Kind.TIMESTAMP: "/tsa", Kind.OCSP: "/ocsp", Kind.CRL: "/crl/sub.crl"}[kind]

    with pytest.raises(TrustServiceSilent):
        await services.way.ask(Question(kind, services.at(path)))


async def test_no_other_host_is_asked(services: Services) -> None:
    with pytest.raises(AddressRefused):
        await services.way.ask(Question(Kind.CRL, "http://other.khonggiay.invalid/crl/sub.crl"))


def test_simulated_services_refuse_production(tmp_path: Path) -> None:
    with pytest.raises(RefusedInProduction):
        SimulatedTrustServices(SimulatedCa(tmp_path, production=True))
