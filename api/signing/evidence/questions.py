"""What to ask of whom about a certificate, and how a time-stamp is asked for."""

import secrets

from asn1crypto import algos, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID as Access

from api.signing.trust.port import Kind, Question

_NONCE_BYTES = 16
#: What reading a certificate raises that others read without a word.
UNREADABLE = (
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    ValueError,
    TypeError,
)


def timestamp_question(url: str, digest: bytes, *, nonce: int | None = None) -> Question:
    """Ask for a stamp on a SHA-256 digest, with the authority's certificates (RFC 3161, 2.4.1)."""
    imprint = {
        "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
        "hashed_message": digest,
    }
    asked = tsp.TimeStampReq(
        {
            "version": "v1",
            "message_imprint": tsp.MessageImprint(imprint),
            "nonce": secrets.randbits(63) if nonce is None else nonce,
            "cert_req": True,
        }
    )
    return Question(Kind.TIMESTAMP, url, bytes(asked.dump()))


def status_questions(certificate: x509.Certificate, issuer: x509.Certificate) -> list[Question]:
    """Return the ways to learn a certificate's status, the best one first."""
    asked = ocsp_question(certificate, issuer)
    lists = [Question(Kind.CRL, url) for url in crl_urls(certificate)]
    return [*([asked] if asked else []), *lists]


def ocsp_question(certificate: x509.Certificate, issuer: x509.Certificate) -> Question | None:
    """Ask the responder that the certificate names (RFC 6960, 4.1)."""
    urls = _ways(certificate, Access.OCSP)
    if not urls:
        return None
    nonce = x509.OCSPNonce(secrets.token_bytes(_NONCE_BYTES))
    asked = (
        ocsp.OCSPRequestBuilder()
        .add_certificate(certificate, issuer, hashes.SHA1())  # noqa: S303 - names, not signs
        .add_extension(nonce, critical=False)
        .build()
    )
    return Question(Kind.OCSP, urls[0], asked.public_bytes(Encoding.DER))


def issuer_questions(certificate: x509.Certificate) -> list[Question]:
    """Ask for the certificate above."""
    return [Question(Kind.CERTIFICATE, url) for url in _ways(certificate, Access.CA_ISSUERS)]


def crl_urls(certificate: x509.Certificate) -> list[str]:
    """Return where the issuer's list lies."""
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except (x509.ExtensionNotFound, *UNREADABLE):
        return []
    names = (name for point in points for name in point.full_name or ())
    return [name.value for name in names if _is_url(name)]


def _ways(certificate: x509.Certificate, method: x509.ObjectIdentifier) -> list[str]:
    try:
        ways = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, *UNREADABLE):
        return []
    found = [way.access_location for way in ways if way.access_method == method]
    return [name.value for name in found if _is_url(name)]


def _is_url(name: x509.GeneralName) -> bool:
    web = isinstance(name, x509.UniformResourceIdentifier)
    return web and str(name.value).startswith(("http://", "https://"))
