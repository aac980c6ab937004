"""Whether a certificate could be relied upon at a moment, by the evidence at hand; no network."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from asn1crypto import crl, ocsp, x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    ExpiredError,
    InsufficientRevinfoError,
    NotYetValidError,
    PathError,
    RevokedError,
    ValidationError,
)

from api.signing.evidence.names import anchor, compare_quickly

compare_quickly()
#: Clocks of trust services may differ by so much.
SKEW = timedelta(minutes=5)


class Standing(StrEnum):
    """What a certificate was worth at the moment."""

    GOOD = "good"
    NOT_CHECKED = "not_checked"  # the chain holds; nothing at hand tells of revocation
    REVOKED = "revoked"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    UNTRUSTED = "untrusted"


@dataclass
class Evidence:
    """Certificates, OCSP answers and lists; whoever signed them is checked when they are used."""

    certificates: list[Any] = field(default_factory=list)
    ocsps: list[Any] = field(default_factory=list)
    crls: list[Any] = field(default_factory=list)

    @classmethod
    def of(
        cls, certificates: Iterable[bytes], ocsps: Iterable[bytes], crls: Iterable[bytes]
    ) -> "Evidence":
        """Read what can be read; the rest is no evidence."""
        return cls(
            [each for der in certificates if (each := _loaded(x509.Certificate, der))],
            [each for der in ocsps if (each := _loaded(ocsp.OCSPResponse, der))],
            [each for der in crls if (each := _loaded(crl.CertificateList, der))],
        )

    def beside(self, other: "Evidence") -> "Evidence":
        """Return both together."""
        return Evidence(
            [*self.certificates, *other.certificates],
            [*self.ocsps, *other.ocsps],
            [*self.crls, *other.crls],
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """The standing of a certificate, since when it is revoked, and the chain above it."""

    standing: Standing
    revoked_at: datetime | None = None
    chain: tuple[Any, ...] = ()


def standing_at(
    certificate: Any,
    moment: datetime,
    anchors: Iterable[bytes],
    evidence: Evidence,
    *,
    purpose: str | None = None,
) -> Finding:
    """Judge a certificate as of a moment; later evidence counts for the moment too.

    Args:
        certificate: whose standing is asked.
        moment: at which it has to hold.
        anchors: the roots that are trusted, DER.
        evidence: what is known beside the certificate.
        purpose: an extended key usage that it must have, such as `time_stamping`.
    """
    checked = _judged(certificate, moment, anchors, evidence, purpose, must_know=True)
    if checked.standing is not Standing.NOT_CHECKED:
        return checked
    alone = _judged(certificate, moment, anchors, evidence, purpose, must_know=False)
    if alone.standing is not Standing.GOOD:
        return alone
    for later in _answered(certificate, evidence):
        then = _judged(certificate, later, anchors, evidence, purpose, must_know=True)
        if moment < later and then.standing in {Standing.GOOD, Standing.REVOKED}:
            before = then.revoked_at is not None and then.revoked_at <= moment
            return then if before else Finding(Standing.GOOD, then.revoked_at, alone.chain)
    return Finding(Standing.NOT_CHECKED, chain=alone.chain)


def _answered(certificate: Any, evidence: Evidence) -> list[datetime]:
    """Return as of when OCSP answers speak of a certificate; who signed them is checked after.

    What was good later was good before, and what was revoked later too: certvalidator concludes
    neither where the responder's own certificate is younger than the moment.
    """
    answers = [each for each in evidence.ocsps if each["response_status"].native == "successful"]
    return [
        each["this_update"].native
        for answer in answers
        for each in answer.response_data["responses"]
        if each["cert_id"]["serial_number"].native == certificate.serial_number
    ]


def _judged(
    certificate: Any,
    moment: datetime,
    anchors: Iterable[bytes],
    evidence: Evidence,
    purpose: str | None,
    *,
    must_know: bool,
) -> Finding:
    context = ValidationContext(
        trust_roots=[anchor(each) for each in anchors],
        other_certs=evidence.certificates,
        ocsps=evidence.ocsps if must_know else (),
        crls=evidence.crls if must_know else (),
        moment=moment,
        allow_fetching=False,
        revocation_mode="require" if must_know else "soft-fail",
        retroactive_revinfo=True,
        time_tolerance=SKEW,
    )
    validator = CertificateValidator(certificate, validation_context=context)
    usage = validator.async_validate_usage(set(), extended_key_usage={purpose} if purpose else None)
    try:
        path = asyncio.run(usage)
    except RevokedError as revoked:
        return Finding(Standing.REVOKED, revoked_at=revoked.revocation_dt)
    except InsufficientRevinfoError:
        return Finding(Standing.NOT_CHECKED)
    except ExpiredError:
        return Finding(Standing.EXPIRED)
    except NotYetValidError:
        return Finding(Standing.NOT_YET_VALID)
    except (ValidationError, PathError, ValueError, TypeError, KeyError):
        return Finding(Standing.UNTRUSTED)
    return Finding(Standing.GOOD, chain=tuple(path.iter_certs(include_root=True)))


def _loaded(kind: Any, der: bytes) -> Any:
    try:
        return kind.load(der, strict=True)
    except (ValueError, TypeError):
        return None
