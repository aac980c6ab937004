"""The mathematics of a signature and the chain above its certificate, offline."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import x509
from pyhanko.sign.validation.pdf_embedded import (
    EmbeddedPdfSignature,
    async_validate_pdf_signature,
    async_validate_pdf_timestamp,
)
from pyhanko.sign.validation.status import (
    DocumentTimestampStatus,
    PdfSignatureStatus,
    SignatureCoverageLevel,
)
from pyhanko_certvalidator import CertificateValidator, ValidationContext

from api.signing.verify.rules import Algorithm, Identity, Kind, Trust
from api.signing.verify.trust import TrustAnchors

_DIGESTS = frozenset({"sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512"})
_SIGNATURES = frozenset({"rsassa_pkcs1v15", "rsassa_pss", "ecdsa", "ed25519", "ed448"})
_LEAST_BITS = {"rsa": 2048, "ec": 256}
_WHOLE = (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION)


@dataclass(frozen=True, slots=True)
class Validated:
    """What the cryptography says of one signature."""

    signer: str | None
    digest: bool
    mathematics: bool
    algorithm: Algorithm
    trust: Trust
    covers_revision: bool
    in_validity: bool
    time: datetime | None


async def validated(
    signature: EmbeddedPdfSignature, trust: TrustAnchors, moment: datetime
) -> Validated:
    """Check digest, signature and chain at `moment`; nothing is fetched."""
    context = _context(signature, trust, moment)
    status: DocumentTimestampStatus | PdfSignatureStatus
    if str(signature.sig_object_type) == "/DocTimeStamp":
        status = await async_validate_pdf_timestamp(signature, context, skip_diff=True)
    else:
        status = await async_validate_pdf_signature(signature, context, skip_diff=True)
    time = _time(signature, status)
    certificate = signature.signer_cert
    return Validated(
        signer=certificate.subject.native.get("common_name"),
        digest=bool(status.intact),
        mathematics=bool(status.valid),
        algorithm=_algorithm(signature),
        trust=await _trust(signature, trust, time, trusted=bool(status.trusted)),
        covers_revision=signature.coverage in _WHOLE,
        in_validity=_in_validity(certificate, time),
        time=time,
    )


def kind_of(certificate: x509.Certificate) -> Kind:
    """Tell a person from an agency by the subject's name (as ETSI EN 319 412-1 marks them)."""
    subject = certificate.subject.native
    if "organization_identifier" in subject:
        return Kind.AGENCY
    if "serial_number" in subject or "given_name" in subject:
        return Kind.PERSON
    return Kind.UNKNOWN


def identity_of(certificate: x509.Certificate) -> Identity:
    """Read what a certificate says of its holder."""
    subject = certificate.subject.native
    unit = subject.get("organizational_unit_name") or subject.get("organization_name")
    return Identity(
        subject=certificate.subject.human_friendly,
        issuer=certificate.issuer.human_friendly,
        unit="; ".join(map(str, unit)) if isinstance(unit, list) else unit,
        serial_number=f"{certificate.serial_number:x}",
        not_before=certificate.not_valid_before,
        not_after=certificate.not_valid_after,
    )


def _context(
    signature: EmbeddedPdfSignature, trust: TrustAnchors, moment: datetime
) -> ValidationContext:
    return ValidationContext(
        trust_roots=[x509.Certificate.load(each) for each in trust.certificates],
        other_certs=signature.other_embedded_certs,
        moment=moment,
        allow_fetching=False,
        revocation_mode="soft-fail",
    )


async def _trust(
    signature: EmbeddedPdfSignature, trust: TrustAnchors, time: datetime | None, *, trusted: bool
) -> Trust:
    if trusted:
        return Trust.TRUSTED
    if time is None:
        return Trust.UNKNOWN
    validator = CertificateValidator(
        signature.signer_cert, validation_context=_context(signature, trust, time)
    )
    try:
        await validator.async_validate_usage(set())
    except Exception:  # noqa: BLE001 - a chain that cannot be followed leads nowhere
        return Trust.UNKNOWN
    return Trust.EXPIRED


def _time(
    signature: EmbeddedPdfSignature, status: DocumentTimestampStatus | PdfSignatureStatus
) -> datetime | None:
    if isinstance(status, DocumentTimestampStatus):
        return status.timestamp
    return signature.self_reported_timestamp


def _in_validity(certificate: Any, time: datetime | None) -> bool:
    return time is None or certificate.not_valid_before <= time <= certificate.not_valid_after


def _algorithm(signature: EmbeddedPdfSignature) -> Algorithm:
    name = signature.signer_info["signature_algorithm"].signature_algo
    key = signature.signer_cert.public_key
    long_enough = key.bit_size >= _LEAST_BITS.get(key.algorithm, 0)
    strong = signature.md_algorithm in _DIGESTS and name in _SIGNATURES and long_enough
    return Algorithm.STRONG if strong else Algorithm.WEAK
