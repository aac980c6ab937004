"""One file before the verifier: in the sandbox, and by what trust services say where asked."""

from datetime import datetime
from pathlib import Path
from typing import Any

from api.signing.evidence.asking import Inquiry
from api.signing.verify.report import without_facts
from api.signing.verify.rules import Policy, Reason, Verdict
from api.signing.verify.sandboxed import questions_on, report_on
from core.sandbox import Sandbox
from core.sandbox.pool import SandboxFailed, SandboxKilled

#: Whoever verifies a file waits no longer than this for all that others say of it.
_PATIENCE = 15.0


async def judged(
    sandbox: Sandbox,
    path: Path,
    trust: Path,
    policy: Policy,
    moment: datetime,
    inquiry: Inquiry | None = None,
) -> dict[str, Any]:
    """Return the report on a file; one that breaks or outlasts its reader gets a report too.

    With an `inquiry` its services are asked about the signers' certificates. One that is silent,
    or that may not be asked, leaves the status unknown and nothing else.

    Raises:
        NotAPdf: no PDF can be made out.
    """
    at = moment.isoformat()
    try:
        if inquiry is None:
            return await sandbox.run(report_on, path, trust, policy.value, at)
        needs = await sandbox.run(questions_on, path, trust)
        answers = await inquiry.answers(needs, [], within=_PATIENCE)
        report = await sandbox.run(report_on, path, trust, policy.value, at, answers)
    except (SandboxKilled, SandboxFailed):
        return without_facts(Verdict.INVALID, Reason.CANNOT_BE_EVALUATED)
    return report | {"online": {"asked": len(needs), "answered": len(answers)}}
