"""The mathematics of a signature and the chain above its certificate, offline."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
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
)
from pyhanko_certvalidator import CertificateValidator, ValidationContext

from api.signing.evidence.chains import Standing
from api.signing.evidence.names import anchor
from api.signing.pdf.objects import entry
from api.signing.verify.proofs import WHOLE, Proofs, ProvenTime
from api.signing.verify.rules import Algorithm, Identity, Kind, Trust

_DIGESTS = frozenset({"sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512"})
_SIGNATURES = frozenset({"rsassa_pkcs1v15", "rsassa_pss", "ecdsa", "ed25519", "ed448"})
_NAMING = frozenset({"signing_certificate", "signing_certificate_v2"})
_LEAST_BITS = {"rsa": 2048, "ec": 256}
Status = DocumentTimestampStatus | PdfSignatureStatus


@dataclass(frozen=True, slots=True)
class Validated:
    """What the cryptography says of one signature.

    Attributes:
        bound: whether what was signed names the certificate by its hash, where it has to.
        proven: whether `time` is proven by a stamp; else the signer claims it.
        stamp: whether the stamp in its container, if any, is on this signature.
        known: whether the status of its certificate stands in the file.
    """

    signer: str | None
    digest: bool
    mathematics: bool
    algorithm: Algorithm
    trust: Trust
    covers_revision: bool
    bound: bool
    in_validity: bool
    time: datetime | None
    proven: bool
    stamp: bool
    known: bool


def validated(signature: EmbeddedPdfSignature, proofs: Proofs) -> Validated:
    """Check digest, signature and chain as of the moment that the file proves; offline."""
    if str(signature.sig_object_type) == "/DocTimeStamp":
        proven = ProvenTime()
        at = proofs.as_of(signature.signed_revision)
    else:
        proven = proofs.proven(signature)
        at = proven.time or proofs.moment
    status, standing = _status(signature, proofs, at)
    time = proven.time or _time(signature, status)
    certificate = signature.signer_cert
    return Validated(
        signer=certificate.subject.native.get("common_name"),
        digest=bool(status.intact),
        mathematics=bool(status.valid),
        algorithm=_algorithm(signature),
        trust=_trust(signature, proofs, status, standing, time),
        covers_revision=signature.coverage in WHOLE,
        bound=_is_bound(signature),
        in_validity=_in_validity(certificate, time),
        time=time,
        proven=proven.time is not None or isinstance(status, DocumentTimestampStatus),
        stamp=proven.sound,
        known=standing is Standing.GOOD,
    )


def _status(
    signature: EmbeddedPdfSignature, proofs: Proofs, at: datetime
) -> tuple[Status, Standing]:
    """Judge by the evidence inside, which mostly says all; else by the chain, and then by it."""
    if proofs.evidence.ocsps or proofs.evidence.crls:
        try:
            status = _judged(signature, _context(signature, proofs, at, must_know=True))
        except Exception:  # noqa: BLE001, S110 - evidence that cannot be read is none
            pass
        else:
            if status.trusted:
                return status, Standing.GOOD
    return _judged(signature, _context(signature, proofs, at)), _standing(signature, proofs, at)


def _judged(signature: EmbeddedPdfSignature, context: ValidationContext) -> Status:
    if str(signature.sig_object_type) == "/DocTimeStamp":
        return asyncio.run(async_validate_pdf_timestamp(signature, context, skip_diff=True))
    validation = async_validate_pdf_signature(
        signature, context, ts_validation_context=_nobody(), skip_diff=True
    )
    return asyncio.run(validation)


@lru_cache(maxsize=1)
def _nobody() -> ValidationContext:
    """Trust no stamp here: `Proofs` has judged them, and what pyHanko would say is not asked."""
    return ValidationContext(trust_roots=[], allow_fetching=False)


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
    signature: EmbeddedPdfSignature, proofs: Proofs, at: datetime, *, must_know: bool = False
) -> ValidationContext:
    evidence = proofs.evidence
    return ValidationContext(
        trust_roots=[anchor(each) for each in proofs.trust.of(_purpose(signature))],
        other_certs=[*signature.other_embedded_certs, *evidence.certificates],
        ocsps=evidence.ocsps if must_know else (),
        crls=evidence.crls if must_know else (),
        moment=at,
        allow_fetching=False,
        revocation_mode="require" if must_know else "soft-fail",
        retroactive_revinfo=must_know,
    )


def _purpose(signature: EmbeddedPdfSignature) -> Kind:
    is_stamp = str(signature.sig_object_type) == "/DocTimeStamp"
    return Kind.TIMESTAMP if is_stamp else kind_of(signature.signer_cert)


def _standing(signature: EmbeddedPdfSignature, proofs: Proofs, at: datetime) -> Standing:
    """Return what the evidence in the file says of the certificate."""
    if not (proofs.evidence.ocsps or proofs.evidence.crls):
        return Standing.NOT_CHECKED
    try:
        return proofs.standing(signature.signer_cert, signature.other_embedded_certs, at)
    except Exception:  # noqa: BLE001 - evidence that cannot be read is none
        return Standing.NOT_CHECKED


def _trust(
    signature: EmbeddedPdfSignature,
    proofs: Proofs,
    status: Status,
    standing: Standing,
    time: datetime | None,
) -> Trust:
    if standing is Standing.REVOKED:
        return Trust.REVOKED
    if status.trusted:
        return Trust.TRUSTED
    if time is None:
        return Trust.UNKNOWN
    context = _context(signature, proofs, time)
    validator = CertificateValidator(signature.signer_cert, validation_context=context)
    try:
        asyncio.run(validator.async_validate_usage(set()))
    except Exception:  # noqa: BLE001 - a chain that cannot be followed leads nowhere
        return Trust.UNKNOWN
    return Trust.EXPIRED


def _is_bound(signature: EmbeddedPdfSignature) -> bool:
    """Tell whether a PAdES signature names its certificate among what was signed.

    ETSI EN 319 142-1, 6.3 demands it; that it names this very certificate, pyHanko has checked. A
    certificate that is named by issuer and number alone could be taken for another of one key.
    """
    if str(entry(signature.sig_object, "/SubFilter")) != "/ETSI.CAdES.detached":
        return True
    signed = {each["type"].native for each in signature.signer_info["signed_attrs"]}
    return bool(signed & _NAMING)


def _time(signature: EmbeddedPdfSignature, status: Status) -> datetime | None:
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
