"""The report on a file: what `khonggiay verify` prints. Fields are only ever added."""

from dataclasses import dataclass
from typing import Any

from api.signing.verify.rules import (
    FileFacts,
    Finding,
    Identity,
    Kind,
    Place,
    Policy,
    Reason,
    SignatureFacts,
    Trust,
    Verdict,
    faults,
    findings,
    in_force,
    judge,
)
from core.clock import VIETNAM
from core.messages import Language, say

_LONGEST = 500
#: A file may have thousands of faults; nobody reads more.
_MOST_FINDINGS = 100
_EXIT_CODES = {Verdict.VALID: 0, Verdict.INVALID: 1, Verdict.INDETERMINATE: 2}


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict on a file and what it rests on."""

    verdict: Verdict
    reason: Reason
    facts: FileFacts
    policy: Policy
    values: tuple[tuple[str, str], ...] = ()  # number and date as filled in

    @classmethod
    def on(
        cls, facts: FileFacts, policy: Policy, values: tuple[tuple[str, str], ...] = ()
    ) -> "Report":
        """Judge the facts and report."""
        verdict, reason = judge(facts, policy)
        return cls(verdict, reason, facts, policy, values)

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        found = list(findings(self.facts, self.policy))
        return {
            "verdict": self.verdict.value,
            "reason": self.reason.value,
            "sentence": _sentence(self.reason, "en"),
            "sentence_vi": _sentence(self.reason, "vi"),
            "findings": [_finding(one) for one in found[:_MOST_FINDINGS]],
            "signatures": [_signature(one) for one in self.facts.signatures if not _is_stamp(one)],
            "timestamps": [_signature(one) for one in self.facts.signatures if _is_stamp(one)],
            "policy": in_force(self.facts, self.policy).value,
            "fields": {title: _text(value) for title, value in self.values},
            "revocation": _of_all(self.facts.signatures),
        }


def without_facts(verdict: Verdict, reason: str) -> dict[str, Any]:
    """Return the report on a file of which nothing can be known."""
    return {
        "verdict": str(verdict),
        "reason": reason,
        "sentence": say(f"verify.{reason}", "en"),
        "sentence_vi": say(f"verify.{reason}", "vi"),
        "findings": [],
        "signatures": [],
        "timestamps": [],
    }


def exit_code(report: Report) -> int:
    """Return the exit code of the command line: 0 valid, 1 invalid, 2 indeterminate."""
    return _EXIT_CODES[report.verdict]


def _finding(one: Finding) -> dict[str, Any]:
    """Return one fault with its place; pages count from 0, rectangles are in points."""
    return {
        "reason": one.reason.value,
        "sentence": _sentence(one.reason, "en"),
        "sentence_vi": _sentence(one.reason, "vi"),
        "signature": _text(one.signature) if one.signature is not None else None,
        **_place(one.place),
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "object": place.object,
        "what": _text(place.what) if place.what is not None else None,
        "page": place.page,
        "rect": list(place.rect) if place.rect is not None else None,
    }


def _sentence(reason: Reason, language: Language) -> str:
    return say(f"verify.{reason}", language)


def _certificate(holder: Identity) -> dict[str, Any]:
    """Return what TT 15/2025 has shown of a certificate."""
    return {
        "subject": _text(holder.subject),
        "issuer": _text(holder.issuer),
        "unit": _text(holder.unit) if holder.unit is not None else None,
        "serial_number": holder.serial_number,
        "not_before": holder.not_before.astimezone(VIETNAM).isoformat(),
        "not_after": holder.not_after.astimezone(VIETNAM).isoformat(),
    }


def _source(one: SignatureFacts) -> str:
    return "timestamp" if one.proven else "claimed_by_signer"


def _revocation(one: SignatureFacts) -> str:
    if one.trust is Trust.REVOKED:
        return "revoked"
    return "good" if one.known else "not_checked"


def _revocation_source(one: SignatureFacts) -> str | None:
    if _revocation(one) == "not_checked":
        return None
    return "online" if one.learnt else "file"


def _of_all(signatures: tuple[SignatureFacts, ...]) -> str:
    """Return the worst of the signatures; the newest stamp's own status never stands inside."""
    found = {_revocation(one) for one in signatures if not _is_stamp(one)}
    return next(
        (each for each in ("revoked", "not_checked", "good") if each in found), "not_checked"
    )


def _is_stamp(one: SignatureFacts) -> bool:
    return one.kind is Kind.TIMESTAMP


def _signature(one: SignatureFacts) -> dict[str, Any]:
    wrong = [reason.value for reason, _ in faults(one)]
    return {
        "field": _text(one.field),
        "signer": _text(one.signer) if one.signer is not None else None,
        "intact": one.intact,
        "trusted": one.trust is Trust.TRUSTED,
        "covers_whole_file": one.covers_whole_file,
        "changes_after": sorted(change.value for change in one.changes),
        "time": one.time.astimezone(VIETNAM).isoformat() if one.time else None,
        "time_source": _source(one) if one.time else None,
        "level": None if _is_stamp(one) else one.level,
        "revocation": _revocation(one),
        "revocation_source": _revocation_source(one),
        "kind": one.kind.value,
        "faults": wrong,
        "reason": wrong[0] if wrong else Reason.TRUSTED.value,
        "valid_at_signing_time": one.in_validity,
        "certificate": _certificate(one.certificate) if one.certificate else None,
        **_place(one.place),
    }


def _text(found: str) -> str:
    """Make what a hostile file calls text printable anywhere."""
    return found[:_LONGEST].encode("utf-8", "replace").decode("utf-8")
