"""The agency's key signs for the agency, and only where the agency has one."""

import hashlib
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from api.signing.mssp.simulated_ca import SimulatedCa
from api.signing.pdf.certificate import Mechanism
from api.signing.seal.port import NoSealKey
from api.signing.seal.simulated import SimulatedSeal

DIGEST = hashlib.sha256(b"decision").digest()


@pytest.fixture
def seal(tmp_path: Path) -> SimulatedSeal:
    return SimulatedSeal(SimulatedCa(tmp_path))


async def test_an_agency_signs_with_its_own_key(seal: SimulatedSeal) -> None:
    agency_id = uuid4()
    issued = await seal.issue(agency_id, "Bộ Thử nghiệm")

    raw = await seal.sign(agency_id, digest=DIGEST, mechanism=Mechanism.RSA_PKCS1_SHA256)

    key = issued.parsed.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(raw, DIGEST, padding.PKCS1v15(), Prehashed(hashes.SHA256()))
    assert await seal.certificate(agency_id) == issued


async def test_an_agency_without_key_cannot_seal(seal: SimulatedSeal) -> None:
    with pytest.raises(NoSealKey):
        await seal.sign(uuid4(), digest=DIGEST, mechanism=Mechanism.RSA_PKCS1_SHA256)
