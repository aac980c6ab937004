"""Which questions a file's certificates raise, and which answers are sound enough to keep."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from asn1crypto import crl, ocsp, x509
from cryptography import x509 as plain
from cryptography.hazmat.primitives import hashes

from api.signing.evidence.chains import Evidence
from api.signing.evidence.questions import UNREADABLE, issuer_questions, status_questions
from api.signing.trust.port import Kind


def needs_of(certificates: Iterable[Any], pool: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the questions for every chain: for each certificate the ways to ask, best first.

    Args:
        certificates: whose chains are asked about.
        pool: where issuers are looked for, the likeliest first. Anybody may have put certificates
            there: one that cannot be read raises no question, and keeps none from being asked.
    """
    known = _readable({each.dump(): None for each in pool})
    waiting = _readable(each.dump() for each in certificates)
    needs: list[dict[str, Any]] = []
    seen: set[plain.Certificate] = set()
    while waiting:
        one = waiting.pop()
        if one in seen or one.subject == one.issuer or _is_unasked(one):
            continue
        seen.add(one)
        issuer = next((each for each in known if _issued(each, one)), None)
        asked = status_questions(one, issuer) if issuer else issuer_questions(one)
        about = one.fingerprint(hashes.SHA256()).hex()
        needs.append({"about": about, "ways": [each.as_json() for each in asked]})
        waiting += [issuer] if issuer else []
    return [each for each in needs if each["ways"]]


def sound(answers: Iterable[dict[str, Any]]) -> Evidence:
    """Return what the answers are evidence of; one that was not asked for is none."""
    evidence = Evidence()
    for each in answers:
        answer, asked = bytes(each["answer"]), each["asked"]
        try:
            match Kind(asked["kind"]):
                case Kind.OCSP if _answers(answer, bytes(asked["body"])):
                    evidence.ocsps.append(ocsp.OCSPResponse.load(answer, strict=True))
                case Kind.CRL:
                    found = crl.CertificateList.load(answer, strict=True)
                    evidence.crls.append(found if found.native else None)
                case Kind.CERTIFICATE:
                    certificate = x509.Certificate.load(answer, strict=True)
                    evidence.certificates.append(certificate if certificate.native else None)
                case _:
                    pass
        except (ValueError, TypeError, KeyError):
            continue
    return evidence


def _answers(answer: bytes, asked: bytes) -> bool:
    """Tell a fresh answer from one that was recorded earlier; without a nonce its times decide."""
    response = ocsp.OCSPResponse.load(answer, strict=True)
    if response["response_status"].native != "successful":
        return False
    theirs = response.response_data["response_extensions"].native or ()
    ours = ocsp.OCSPRequest.load(asked).nonce_value
    nonces = [each["extn_value"] for each in theirs if each["extn_id"] == "nonce"]
    return not nonces or ours is None or nonces == [ours.native]


def _readable(ders: Iterable[bytes]) -> list[plain.Certificate]:
    found = []
    for der in ders:
        with suppress(*UNREADABLE):
            one = plain.load_der_x509_certificate(der)
            _ = one.subject, one.issuer  # are parsed only when somebody looks
            found.append(one)
    return found


def _issued(issuer: plain.Certificate, certificate: plain.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except UNREADABLE:
        return False
    except Exception:  # noqa: BLE001 - a wrong signature is cryptography's InvalidSignature
        return False
    return True


def _is_unasked(certificate: plain.Certificate) -> bool:
    """Tell a responder that stands for itself (RFC 6960, 4.2.2.2.1)."""
    try:
        certificate.extensions.get_extension_for_class(plain.OCSPNoCheck)
    except (plain.ExtensionNotFound, *UNREADABLE):
        return False
    return True
