"""`khonggiay verify`: one file, judged in the sandbox, printed as JSON."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from api.signing.evidence.asking import Inquiry
from api.signing.verify.errors import NotAPdf
from api.signing.verify.judging import judged
from api.signing.verify.report import without_facts
from api.signing.verify.rules import Policy, Reason, Verdict
from core.bounds import SandboxLimits
from core.clock import utc_now
from core.console import warn
from core.errors import AppError
from core.sandbox.pool import Sandbox

_EXIT_CODES = {Verdict.VALID: 0, Verdict.INVALID: 1, Verdict.INDETERMINATE: 2}
NO_PDF = 3
USAGE = 64


def run(file: Path, trust: Path, policy: str, inquiry: Inquiry | None = None) -> int:
    """Print the report on a file and return the exit status; never a traceback.

    With an `inquiry` its services are asked about the signers' certificates.
    """
    if policy not in {each.value for each in Policy}:
        warn("console.no_such_policy", policies=", ".join(Policy))
        return USAGE
    if not any(trust.glob("*")):
        warn("verify.no_anchors", folder=str(trust))
    report, status = _report(file, trust, policy, inquiry)
    sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=2) + "\n")
    return status


def _report(
    file: Path, trust: Path, policy: str, inquiry: Inquiry | None
) -> tuple[dict[str, Any], int]:
    if not _can_be_read(file):
        warn("console.file_unusable", path=str(file))
        return _NO_PDF, NO_PDF
    try:
        report = asyncio.run(_judged(file, trust, policy, inquiry))
    except NotAPdf:
        return _NO_PDF, NO_PDF
    except (AppError, OSError):
        report = without_facts(Verdict.INVALID, Reason.CANNOT_BE_EVALUATED)
    return report, _EXIT_CODES[Verdict(report["verdict"])]


def _can_be_read(file: Path) -> bool:
    """Tell whether this is a file; a pipe would keep us waiting, a device has no end."""
    return file.is_file() and os.access(file, os.R_OK)


async def _judged(file: Path, trust: Path, policy: str, inquiry: Inquiry | None) -> dict[str, Any]:
    sandbox = Sandbox(SandboxLimits(workers=1))
    try:
        return await judged(sandbox, file, trust, Policy(policy), utc_now(), inquiry)
    finally:
        await sandbox.close()
        if inquiry is not None:
            await inquiry.services.close()


_NO_PDF = without_facts(Verdict.INDETERMINATE, NotAPdf.code.rpartition(".")[2])
