"""A signer's certificate, and the closed list of ways to sign with its key."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from api.signing.pdf.errors import WrongCertificate

_RSA_BITS = 2048


class Mechanism(StrEnum):
    """How a key signs a SHA-256 digest: fixed before the digest leaves, never guessed after."""

    RSA_PKCS1_SHA256 = "rsa_pkcs1_sha256"
    RSA_PSS_SHA256 = "rsa_pss_sha256"
    ECDSA_P256_SHA256 = "ecdsa_p256_sha256"
    ECDSA_P384_SHA256 = "ecdsa_p384_sha256"


#: The only curve that each of them means.
CURVES: dict[Mechanism, type[ec.EllipticCurve]] = {
    Mechanism.ECDSA_P256_SHA256: ec.SECP256R1,
    Mechanism.ECDSA_P384_SHA256: ec.SECP384R1,
}


@dataclass(frozen=True, slots=True)
class SignerCertificate:
    """A certificate with the authorities above it (without the root), all DER."""

    der: bytes
    chain: tuple[bytes, ...]
    mechanism: Mechanism

    @property
    def name(self) -> str:
        """Return the common name of the subject."""
        names = self.parsed.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        return str(names[0].value) if names else ""

    @property
    def parsed(self) -> x509.Certificate:
        """Return the certificate as an object."""
        return x509.load_der_x509_certificate(self.der)


def must_be_usable(certificate: SignerCertificate, at: datetime) -> None:
    """Refuse a certificate that is out of date, too weak or not made for its mechanism."""
    parsed = certificate.parsed
    if not parsed.not_valid_before_utc <= at <= parsed.not_valid_after_utc:
        raise WrongCertificate(why="out_of_date")
    if not fits(parsed, certificate.mechanism):
        raise WrongCertificate(why="mechanism")


def fits(certificate: x509.Certificate, mechanism: Mechanism) -> bool:
    """Tell whether the certificate's key can sign by `mechanism`."""
    key = certificate.public_key()
    if curve := CURVES.get(mechanism):
        return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, curve)
    return isinstance(key, rsa.RSAPublicKey) and key.key_size >= _RSA_BITS
