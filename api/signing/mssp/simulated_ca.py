"""The demo's certificate authority: real keys, real certificates, worth nothing outside the demo.

Root over one issuing authority over officials and agencies, all kept under one folder: keys for
the owner's eyes only, certificates beside them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from api.signing.mssp import simulated_names as names
from api.signing.mssp.simulated_names import Issuer, PrivateKey
from api.signing.mssp.simulated_store import write_once
from api.signing.pdf.certificate import CURVES, Mechanism, SignerCertificate
from core.clock import Clock, utc_now
from core.errors import RefusedInProduction
from core.production import Simulated

_PEM = serialization.Encoding.PEM
_DER = serialization.Encoding.DER
_LABEL = re.compile(r"[a-z0-9-]{1,64}")
_YEARS = 3 * 365
_SHA256 = Prehashed(hashes.SHA256())


@dataclass(frozen=True)
class SimulatedCa:
    """A certificate authority in a folder."""

    folder: Path
    production: bool = False
    clock: Clock = field(default=utc_now)
    root_name: str = names.ROOT
    #: Where the certificates say that their status can be asked.
    services: str = names.SERVICES

    def __post_init__(self) -> None:
        if self.production:
            raise RefusedInProduction(Simulated.AUTHORITY)

    def issue_person(
        self,
        label: str,
        *,
        name: str,
        organization: str,
        mechanism: Mechanism = Mechanism.RSA_PKCS1_SHA256,
        days: int = _YEARS,
    ) -> SignerCertificate:
        """Give an official a key and a certificate; the label's first certificate stays."""
        subject = names.person_name(name, organization, f"PNOVN-{label}")
        return self._issue(label, subject, mechanism, days)

    def issue_agency(
        self,
        label: str,
        *,
        name: str,
        mechanism: Mechanism = Mechanism.RSA_PKCS1_SHA256,
        days: int = _YEARS,
    ) -> SignerCertificate:
        """Give an agency a key and a certificate; the label's first certificate stays."""
        return self._issue(label, names.agency_name(name, f"NTRVN-{label}"), mechanism, days)

    def certificate(self, label: str) -> SignerCertificate | None:
        """Return what was issued under the label."""
        path = self._path(label, "crt")
        if not path.exists():
            return None
        leaf = x509.load_pem_x509_certificate(path.read_bytes())
        above = self._sub().certificate.public_bytes(_DER)
        mechanism = Mechanism(self._path(label, "mechanism").read_text("ascii"))
        return SignerCertificate(leaf.public_bytes(_DER), (above,), mechanism)

    def sign(self, label: str, digest: bytes, mechanism: Mechanism) -> bytes:
        """Sign a SHA-256 digest with the key of the label."""
        match self._key(label, mechanism):
            case rsa.RSAPrivateKey() as key:
                return key.sign(digest, _padding(mechanism), _SHA256)
            case ec.EllipticCurvePrivateKey() as curve:
                return curve.sign(digest, ec.ECDSA(_SHA256))

    def root(self) -> x509.Certificate:
        """Return the certificate that verifiers are to trust."""
        return self._root().certificate

    def issuers(self) -> dict[str, Issuer]:
        """Return the authorities by the names that their certificates' addresses use."""
        return {"root": self._root(), "sub": self._sub()}

    def service(self, label: str, made: Callable[[PrivateKey, Issuer], x509.Certificate]) -> Issuer:
        """Return a trust service's key and certificate; the label's first certificate stays."""
        key = self._key(label, Mechanism.ECDSA_P256_SHA256)
        path = self._path(label, "crt")
        if not path.exists():
            write_once(path, made(key, self._sub()).public_bytes(_PEM))
        return Issuer(x509.load_pem_x509_certificate(path.read_bytes()), key)

    def revoke(self, serial_number: int) -> datetime:
        """Take a certificate back, from now on; done again it changes nothing."""
        moment = self.clock().replace(microsecond=0)
        path = self.folder / f"{serial_number:x}.revoked"
        return datetime.fromisoformat(write_once(path, moment.isoformat().encode()).decode())

    def revoked(self) -> dict[int, datetime]:
        """Return the revoked serial numbers, and since when."""
        files = self.folder.glob("*.revoked")
        return {int(each.stem, 16): datetime.fromisoformat(each.read_text()) for each in files}

    def export_trust(self, folder: Path) -> Path:
        """Write the root for `khonggiay verify --trust DIR` and other judges."""
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / "root.pem"
        target.write_bytes(self.root().public_bytes(_PEM))
        return target

    def _issue(
        self, label: str, subject: x509.Name, mechanism: Mechanism, days: int
    ) -> SignerCertificate:
        key = self._key(label, mechanism)
        write_once(self._path(label, "mechanism"), mechanism.value.encode("ascii"))
        if not self._path(label, "crt").exists():
            leaf = names.end_entity(
                subject,
                key.public_key(),
                self._sub(),
                today=self.clock(),
                days=days,
                services=self.services,
            )
            write_once(self._path(label, "crt"), leaf.public_bytes(_PEM))
        issued = self.certificate(label)
        if issued is None:
            raise FileNotFoundError(label)
        return issued

    def _root(self) -> Issuer:
        return self._authority("root", self.root_name, None)

    def _sub(self) -> Issuer:
        return self._authority("sub", names.SUB, self._root())

    def _authority(self, label: str, name: str, issuer: Issuer | None) -> Issuer:
        key = self._key(label, Mechanism.ECDSA_P256_SHA256)
        path = self._path(label, "crt")
        if not path.exists():
            signs = issuer.key if issuer else key
            subject = names.authority_name(name)
            made = names.authority(
                subject,
                key.public_key(),
                issuer,
                signs,
                today=self.clock(),
                services=self.services,
            )
            write_once(path, made.public_bytes(_PEM))
        return Issuer(x509.load_pem_x509_certificate(path.read_bytes()), key)

    def _key(self, label: str, mechanism: Mechanism) -> PrivateKey:
        path = self._path(label, "key")
        stored = path.read_bytes() if path.exists() else write_once(path, _new_key(mechanism))
        return _key_in(stored)

    def _path(self, label: str, kind: str) -> Path:
        if not _LABEL.fullmatch(label):
            raise ValueError(label)
        return self.folder / f"{label}.{kind}"


def _padding(mechanism: Mechanism) -> padding.AsymmetricPadding:
    if mechanism is Mechanism.RSA_PSS_SHA256:
        return padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32)
    return padding.PKCS1v15()


@lru_cache(maxsize=64)
def _key_in(pem: bytes) -> PrivateKey:
    """Read a key; judging an RSA key takes longer than signing with it."""
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise TypeError(type(key))
    return key


def _new_key(mechanism: Mechanism) -> bytes:
    key: PrivateKey
    if curve := CURVES.get(mechanism):
        key = ec.generate_private_key(curve())
    else:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    plain = serialization.NoEncryption()
    return key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, plain)
