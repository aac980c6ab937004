"""What every store of seal keys must do. An adapter is done when this passes for it."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key

from api.signing.mssp import simulated_names as names
from api.signing.mssp.simulated_ca import SimulatedCa
from api.signing.pdf.certificate import Mechanism, SignerCertificate
from api.signing.pdf.errors import WrongRawSignature
from api.signing.pdf.prepared import Prepared
from api.signing.pdf.raw import check_raw
from api.signing.seal.pkcs11 import Pkcs11Seal, Token
from api.signing.seal.port import NoSealKey, SealKeys, SealUnreachable
from api.signing.seal.simulated import SimulatedSeal
from core.clock import utc_now
from tests.support.softhsm import PIN, soft_token

Issue = Callable[[UUID, Mechanism], Awaitable[SignerCertificate]]


@dataclass(frozen=True)
class Store:
    """Seal keys, and the way in which an agency gets one."""

    keys: SealKeys
    issue: Issue


@pytest.fixture(scope="session")
def token(tmp_path_factory: pytest.TempPathFactory) -> Token:
    """A token of SoftHSM's, for it reads its configuration once in a process."""
    return soft_token(tmp_path_factory.mktemp("softhsm"))


@pytest.fixture(params=["simulated", "pkcs11"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    ca = SimulatedCa(tmp_path)
    if request.param == "simulated":
        return _simulated(ca)
    found: Token = request.getfixturevalue("token")
    sub = ca.issuers()["sub"].certificate.public_bytes(Encoding.DER)
    return _in_token(ca, replace(found, authorities=(sub,)))


def _simulated(ca: SimulatedCa) -> Store:
    keys = SimulatedSeal(ca)

    async def issue(agency_id: UUID, mechanism: Mechanism) -> SignerCertificate:
        return ca.issue_agency(str(agency_id), name="Bộ Thử nghiệm", mechanism=mechanism)

    return Store(keys, issue)


def _in_token(ca: SimulatedCa, token: Token) -> Store:
    made: dict[UUID, Mechanism] = {}

    async def issue(agency_id: UUID, mechanism: Mechanism) -> SignerCertificate:
        made[agency_id] = mechanism
        public = _generate(token, str(agency_id), mechanism)
        name = names.agency_name("Bộ Thử nghiệm", "NTRVN-1")
        leaf = names.end_entity(name, public, ca.issuers()["sub"], today=utc_now(), days=100)
        _keep(token, str(agency_id), leaf)
        return SignerCertificate(leaf.public_bytes(Encoding.DER), token.authorities, mechanism)

    return Store(Pkcs11Seal(token), issue)


def _generate(token: Token, label: str, mechanism: Mechanism) -> Any:
    """Make a key inside the token; only the public half comes out."""
    import pkcs11  # noqa: PLC0415 - no test without a token needs it
    from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters  # noqa: PLC0415
    from pkcs11.util.rsa import encode_rsa_public_key  # noqa: PLC0415

    place = pkcs11.lib(str(token.module)).get_token(token_label=token.label)
    with place.open(rw=True, user_pin=PIN) as session:
        if mechanism is Mechanism.ECDSA_P256_SHA256:
            curve = {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
            parameters = session.create_domain_parameters(pkcs11.KeyType.EC, curve, local=True)
            public, _ = parameters.generate_keypair(store=True, label=label)
            return load_der_public_key(encode_ec_public_key(public))
        public, _ = session.generate_keypair(pkcs11.KeyType.RSA, 2048, store=True, label=label)
        pkcs1 = encode_rsa_public_key(public)
        return load_der_public_key(pkcs1)


def _keep(token: Token, label: str, leaf: x509.Certificate) -> None:
    import pkcs11  # noqa: PLC0415 - as above
    from pkcs11.util.x509 import decode_x509_certificate  # noqa: PLC0415

    place = pkcs11.lib(str(token.module)).get_token(token_label=token.label)
    with place.open(rw=True, user_pin=PIN) as session:
        attributes = decode_x509_certificate(leaf.public_bytes(Encoding.DER))
        attributes |= {pkcs11.Attribute.TOKEN: True, pkcs11.Attribute.LABEL: label}
        session.create_object(attributes)


def prepared(signer: SignerCertificate) -> Prepared:
    return Prepared("Dau_CoQuan", b"", 0, 0, b"attributes", signer.der, signer.mechanism)


@pytest.mark.parametrize("mechanism", [Mechanism.RSA_PSS_SHA256, Mechanism.ECDSA_P256_SHA256])
async def test_an_agency_signs_with_its_own_key(store: Store, mechanism: Mechanism) -> None:
    agency_id = uuid4()
    issued = await store.issue(agency_id, mechanism)
    waiting = prepared(issued)

    raw = await store.keys.sign(agency_id, digest=waiting.to_sign, mechanism=mechanism)

    check_raw(waiting, issued, raw)
    assert await store.keys.certificate(agency_id) == issued


async def test_no_agency_signs_with_the_key_of_another(store: Store) -> None:
    first, second = uuid4(), uuid4()
    issued = await store.issue(first, Mechanism.ECDSA_P256_SHA256)
    await store.issue(second, Mechanism.ECDSA_P256_SHA256)
    waiting = prepared(issued)

    raw = await store.keys.sign(
        second, digest=waiting.to_sign, mechanism=Mechanism.ECDSA_P256_SHA256
    )

    with pytest.raises(WrongRawSignature):
        check_raw(waiting, issued, raw)


async def test_an_agency_without_key_cannot_seal(store: Store) -> None:
    digest = hashlib.sha256(b"decision").digest()
    with pytest.raises(NoSealKey):
        await store.keys.certificate(uuid4())
    with pytest.raises(NoSealKey):
        await store.keys.sign(uuid4(), digest=digest, mechanism=Mechanism.RSA_PSS_SHA256)


async def test_rsa_keys_of_a_token_sign_the_older_way_where_it_is_set(
    token: Token, tmp_path: Path
) -> None:
    older = replace(token, rsa=Mechanism.RSA_PKCS1_SHA256)
    store, agency_id = _in_token(SimulatedCa(tmp_path), older), uuid4()
    issued = await store.issue(agency_id, Mechanism.RSA_PKCS1_SHA256)
    waiting = prepared(issued)

    raw = await store.keys.sign(
        agency_id, digest=waiting.to_sign, mechanism=Mechanism.RSA_PKCS1_SHA256
    )

    check_raw(waiting, issued, raw)


async def test_a_token_that_is_not_there_or_takes_no_pin_is_unreachable(token: Token) -> None:
    for wrong in (replace(token, label="other"), replace(token, pin="0000")):
        with pytest.raises(SealUnreachable):
            await Pkcs11Seal(wrong).certificate(uuid4())


def test_a_pin_is_not_printed(token: Token) -> None:
    assert PIN not in repr(Pkcs11Seal(token))
