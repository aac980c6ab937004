"""The long-term work as the sandbox calls it: everything from outside is parsed here.

The heavy libraries are imported inside the functions: the server names them, the worker runs them.
"""

# ruff: noqa: PLC0415

from pathlib import Path
from typing import Any


def survey_file(path: Path, trust: Path, known: list[bytes]) -> dict[str, Any]:
    """Say what is to be asked for a file.

    Args:
        path: a signed PDF of ours.
        trust: the folder of the roots.
        known: certificates beside those in the file, such as the stamping authority's.
    """
    import hashlib

    from asn1crypto import x509

    from api.signing.evidence.needs import needs_of
    from api.signing.evidence.questions import timestamp_question
    from api.signing.pdf.archive import survey
    from api.signing.verify.trust import TrustAnchors

    found = survey(path)
    anchors = TrustAnchors.from_folder(trust).certificates
    extra, roots = ([x509.Certificate.load(one) for one in ders] for ders in (known, anchors))
    stamp = None
    if found.unstamped is not None:
        stamp = timestamp_question("", hashlib.sha256(found.unstamped).digest()).as_json()
    asked_about = [*(signer for signer, _ in found.signers), *extra]
    reaches = "B-B" if found.others_unstamped else "B-T"  # with a stamp on the last
    needs = needs_of(asked_about, [*found.pool, *extra, *roots])
    return {"stamp": stamp, "reaches": reaches, "needs": needs}


def stamp_file(path: Path, answer: bytes, asked: bytes, trust: Path) -> list[bytes]:
    """Put a stamp on the last signature; return the certificates of who stamped."""
    from api.signing.evidence.stamps import certificates_of
    from api.signing.pdf.archive import stamp_signature

    stamp = _trusted(answer, asked, trust)
    stamp_signature(path, stamp.token)
    return [each.dump() for each in certificates_of(stamp.token)]


def archive_file(
    path: Path, trust: Path, moment: str, answers: list[dict[str, Any]]
) -> dict[str, Any]:
    """Write the evidence and an empty stamp into the file; return the question for the stamp.

    Where evidence is missing the file stays as it is, and the answer says how much.
    """
    from datetime import datetime

    from api.signing.evidence.needs import sound
    from api.signing.evidence.questions import timestamp_question
    from api.signing.longterm.completeness import unproven
    from api.signing.pdf.archive import prepare_stamp, survey
    from api.signing.verify.trust import TrustAnchors

    evidence = sound(answers)
    anchors = TrustAnchors.from_folder(trust).certificates
    found = unproven(path, anchors, datetime.fromisoformat(moment), evidence)
    if found["missing"]:
        return found
    evidence.certificates = [*survey(path).pool, *evidence.certificates]
    region = prepare_stamp(path, evidence)
    asked = timestamp_question("", region.digest).as_json()
    return found | {"asked": asked, "region": [region.digest, region.start, region.end]}


def finish_file(
    path: Path, region: list[Any], answer: bytes, asked: bytes, trust: Path
) -> dict[str, Any]:
    """Put the document time-stamp in; return until when its certificate lasts, and its chain."""
    from api.signing.evidence.stamps import certificates_of
    from api.signing.pdf.archive import Region, fill_stamp

    stamp = _trusted(answer, asked, trust)
    fill_stamp(path, Region(*region), stamp.token)
    return {
        "until": stamp.certificate.not_valid_after.isoformat(),
        "certificates": [each.dump() for each in certificates_of(stamp.token)],
    }


def survey_chain(chain: list[bytes], trust: Path) -> list[dict[str, Any]]:
    """Say what is to be asked about a certificate and those above it."""
    from asn1crypto import x509

    from api.signing.evidence.needs import needs_of
    from api.signing.verify.trust import TrustAnchors

    anchors = TrustAnchors.from_folder(trust).certificates
    found, roots = ([x509.Certificate.load(one) for one in ders] for ders in (chain, anchors))
    return needs_of(found[:1], [*found, *roots])


def judge_chain(chain: list[bytes], trust: Path, moment: str, answers: list[dict[str, Any]]) -> str:
    """Return the standing of the first certificate."""
    from datetime import datetime

    from asn1crypto import x509

    from api.signing.evidence.chains import standing_at
    from api.signing.evidence.needs import sound
    from api.signing.verify.trust import TrustAnchors

    evidence = sound(answers)
    first, *above = (x509.Certificate.load(one) for one in chain)
    evidence.certificates += above
    anchors = TrustAnchors.from_folder(trust).certificates
    return standing_at(first, datetime.fromisoformat(moment), anchors, evidence).standing.value


def _trusted(answer: bytes, asked: bytes, trust: Path) -> Any:
    """Return the stamp that was asked for; an authority that nobody trusts is refused."""
    from api.signing.evidence.chains import Evidence, Standing, standing_at
    from api.signing.evidence.errors import BadStamp
    from api.signing.evidence.stamps import stamp_in
    from api.signing.verify.trust import TrustAnchors

    stamp = stamp_in(answer, asked)
    anchors = TrustAnchors.from_folder(trust).certificates
    found = standing_at(
        stamp.certificate, stamp.time, anchors, Evidence([*stamp.others]), purpose="time_stamping"
    )
    if found.standing not in {Standing.GOOD, Standing.NOT_CHECKED}:
        raise BadStamp(why=found.standing.value)
    return stamp
