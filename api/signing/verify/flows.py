"""Verification of files that somebody sends: judged in the sandbox, kept nowhere."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import UploadFile

from api.documents.desk import Desk
from api.documents.uploads import save
from api.signing.verify.report import without_facts
from api.signing.verify.rules import Policy, Reason, Verdict
from api.signing.verify.sandboxed import report_on
from core.sandbox import Sandbox
from core.sandbox.pool import SandboxFailed, SandboxKilled


@dataclass(frozen=True, slots=True)
class Bench:
    """What verification works with.

    Attributes:
        sandbox: where files are read.
        desk: where files lie meanwhile.
        trust: the folder of the certificates that signatures are trusted by.
        clock: as of when is judged.
    """

    sandbox: Sandbox
    desk: Desk
    trust: Path
    clock: Callable[[], datetime]


async def verify_upload(bench: Bench, upload: UploadFile) -> dict[str, Any]:
    """Return the report on a file from anywhere.

    Raises:
        NotAPdf: no PDF can be made out.
    """
    async with bench.desk.space() as space:
        return await verify(bench, await save(upload, space / "file.pdf"))


async def verify(bench: Bench, path: Path) -> dict[str, Any]:
    """Return the report on a file; one that breaks or outlasts its reader gets a report too."""
    moment = bench.clock().isoformat()
    try:
        return await bench.sandbox.run(report_on, path, bench.trust, Policy.OWN.value, moment)
    except (SandboxKilled, SandboxFailed):
        return without_facts(Verdict.INVALID, Reason.CANNOT_BE_EVALUATED)
