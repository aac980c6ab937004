"""Signers of other houses, honest and not: keys and certificates of any kind."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from asn1crypto import keys
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.sign import signers
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from api.signing.mssp import simulated_names as names
from api.signing.mssp.simulated_ca import SimulatedCa
from api.signing.mssp.simulated_names import Issuer
from core.clock import utc_now

NAME = "Trần Thị Bình"
_DER = serialization.Encoding.DER
_CURVES: dict[str, ec.EllipticCurve] = {"p256": ec.SECP256R1(), "p384": ec.SECP384R1()}
_BITS = {"rsa1024": 1024, "rsa2048": 2048, "rsa3072": 3072, "pss": 2048}
KEYS = ("rsa2048", "rsa3072", "pss", "p256", "p384")


@dataclass(frozen=True)
class Person:
    """Somebody with a key."""

    signer: signers.SimpleSigner


class Registry:
    """Gives people keys and certificates, under the trusted authority or another one."""

    def __init__(self, ca: SimulatedCa) -> None:
        self._ca = ca
        self._people: dict[str, Person] = {}

    def person(self, key: str) -> Person:
        """Return an honest person with this kind of key."""
        if key not in self._people:
            self._people[key] = self.issue(key, self._ca._sub())
        return self._people[key]

    def issue(
        self, key: str, issuer: Issuer | None, *, days: int = 900, since: timedelta = timedelta(1)
    ) -> Person:
        """Issue a certificate, self-signed where nobody issues it."""
        private = _new_key(key)
        subject = names.person_name(NAME, "Sở Xây dựng", "PNOVN-012345678")
        today = utc_now() - since + timedelta(1)
        above = issuer or Issuer(_self_signed(subject, private, today), private)
        leaf = names.end_entity(subject, private.public_key(), above, today=today, days=days)
        chain = [above.certificate] if issuer else []
        return Person(_signer(leaf, private, chain, prefer_pss=key == "pss"))

    @cached_property
    def stamper(self) -> Any:
        """Return a timestamp authority under the trusted one."""
        private, sub = _new_key("rsa2048"), self._ca._sub()  # pyHanko's stamper is RSA-only
        subject = names.authority_name("Dấu thời gian")
        leaf = _stamping(subject, private, sub, utc_now())
        store = SimpleCertificateStore()
        store.register(_asn1(sub.certificate))
        return DummyTimeStamper(_asn1(leaf), _private(private), certs_to_embed=store)


def _new_key(kind: str) -> Any:
    if kind in _CURVES:
        return ec.generate_private_key(_CURVES[kind])
    return rsa.generate_private_key(65537, _BITS[kind])


def _signer(
    leaf: x509.Certificate, private: Any, chain: list[x509.Certificate], *, prefer_pss: bool
) -> signers.SimpleSigner:
    store = SimpleCertificateStore()
    store.register_multiple(_asn1(each) for each in chain)
    return signers.SimpleSigner(
        signing_cert=_asn1(leaf),
        signing_key=_private(private),
        cert_registry=store,
        prefer_pss=prefer_pss,
    )


def _asn1(certificate: x509.Certificate) -> Any:
    return asn1.Certificate.load(certificate.public_bytes(_DER))


def _private(private: Any) -> Any:
    plain = serialization.NoEncryption()
    der = private.private_bytes(_DER, serialization.PrivateFormat.PKCS8, plain)
    return keys.PrivateKeyInfo.load(der)


def _self_signed(subject: x509.Name, private: Any, today: datetime) -> x509.Certificate:
    return _building(subject, subject, private.public_key(), today).sign(private, hashes.SHA256())


def _stamping(
    subject: x509.Name, private: Any, issuer: Issuer, today: datetime
) -> x509.Certificate:
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    signs = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=False, crl_sign=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    building = _building(subject, issuer.certificate.subject, private.public_key(), today)
    building = building.add_extension(usage, critical=True).add_extension(signs, critical=True)
    return building.sign(issuer.key, hashes.SHA256())


def _building(
    subject: x509.Name, issuer: x509.Name, public: Any, today: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(1))
        .not_valid_after(today + timedelta(900))
    )
