"""`khonggiay verify`: one file, judged in the sandbox, printed as JSON."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from api.signing.verify.errors import NotAPdf
from api.signing.verify.report import without_facts
from api.signing.verify.rules import Policy, Reason, Verdict
from api.signing.verify.sandboxed import report_on
from core.clock import utc_now
from core.config import SandboxLimits
from core.errors import AppError
from core.messages import say
from core.sandbox.pool import Sandbox, SandboxFailed

_EXIT_CODES = {Verdict.VALID: 0, Verdict.INVALID: 1, Verdict.INDETERMINATE: 2}
NO_PDF = 3
USAGE = 64


def run(file: Path, trust: Path, policy: str) -> int:
    """Print the report on a file and return the exit status; never a traceback."""
    if policy not in {each.value for each in Policy}:
        _tell(f"--policy: {', '.join(Policy)}")
        return USAGE
    if not any(trust.glob("*")):
        _tell(say("verify.no_anchors", "en", folder=str(trust)))
    try:
        report = asyncio.run(_judged(file, trust, policy))
    except (NotAPdf, OSError):
        _print(without_facts(Verdict.INDETERMINATE, NotAPdf.code.rpartition(".")[2]))
        return NO_PDF
    except (AppError, SandboxFailed):
        report = without_facts(Verdict.INVALID, Reason.CANNOT_BE_EVALUATED)
    _print(report)
    return _EXIT_CODES[Verdict(report["verdict"])]


async def _judged(file: Path, trust: Path, policy: str) -> dict[str, Any]:
    with file.open("rb"):
        pass  # a file that is not there is no fault of the sandbox
    sandbox = Sandbox(SandboxLimits(workers=1))
    try:
        return await sandbox.run(report_on, file, trust, policy, utc_now().isoformat())
    finally:
        await sandbox.close()


def _print(report: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=2) + "\n")


def _tell(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
