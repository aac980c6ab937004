"""The raw signature that a SIM or a key store returns, checked before any work on the PDF."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from api.signing.pdf.certificate import Mechanism, SignerCertificate, fits
from api.signing.pdf.errors import WrongRawSignature
from api.signing.pdf.prepared import Prepared

_SHA256 = Prehashed(hashes.SHA256())
_PADDINGS: dict[Mechanism, padding.AsymmetricPadding] = {
    Mechanism.RSA_PKCS1_SHA256: padding.PKCS1v15(),
    Mechanism.RSA_PSS_SHA256: padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32),
}


def check_raw(prepared: Prepared, certificate: SignerCertificate, raw: bytes) -> None:
    """Refuse a raw signature that is not this certificate's over what was prepared."""
    if certificate.der != prepared.certificate or certificate.mechanism is not prepared.mechanism:
        raise WrongRawSignature(why="certificate")
    check_digest(certificate, raw, prepared.to_sign)


def check_digest(certificate: SignerCertificate, raw: bytes, digest: bytes) -> None:
    """Refuse a raw signature that is not this certificate's over a SHA-256 digest."""
    if not fits(certificate.parsed, certificate.mechanism):
        raise WrongRawSignature(why="mechanism")
    try:
        _verify(certificate, raw, digest)
    except InvalidSignature:
        raise WrongRawSignature(why="signature") from None


def _verify(certificate: SignerCertificate, raw: bytes, digest: bytes) -> None:
    match certificate.parsed.public_key():
        case rsa.RSAPublicKey() as key:
            key.verify(raw, digest, _PADDINGS[certificate.mechanism], _SHA256)
        case ec.EllipticCurvePublicKey() as curve:
            curve.verify(raw, digest, ec.ECDSA(_SHA256))
        case _:
            raise InvalidSignature
