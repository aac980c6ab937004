"""The report on a file: what `khonggiay verify` prints. Fields are only ever added."""

from dataclasses import dataclass
from typing import Any

from api.signing.verify.rules import (
    FileFacts,
    Policy,
    Reason,
    SignatureFacts,
    Trust,
    Verdict,
    faults,
    judge,
)
from core.clock import VIETNAM

_LONGEST = 500
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
        return {
            "verdict": self.verdict.value,
            "reason": self.reason.value,
            "signatures": [_signature(one) for one in self.facts.signatures],
            "policy": self.policy.value,
            "fields": {title: _text(value) for title, value in self.values},
            "revocation": "not_checked",
        }


def exit_code(report: Report) -> int:
    """Return the exit code of the command line: 0 valid, 1 invalid, 2 indeterminate."""
    return _EXIT_CODES[report.verdict]


def _signature(one: SignatureFacts) -> dict[str, Any]:
    return {
        "field": _text(one.field),
        "signer": _text(one.signer) if one.signer is not None else None,
        "intact": one.intact,
        "trusted": one.trust is Trust.TRUSTED,
        "covers_whole_file": one.covers_whole_file,
        "changes_after": sorted(change.value for change in one.changes),
        "time": one.time.astimezone(VIETNAM).isoformat() if one.time else None,
        "time_source": "claimed_by_signer" if one.time else None,
        "kind": one.kind.value,
        "faults": [reason.value for reason, _ in faults(one)],
    }


def _text(found: str) -> str:
    """Make what a hostile file calls text printable anywhere."""
    return found[:_LONGEST].encode("utf-8", "replace").decode("utf-8")
