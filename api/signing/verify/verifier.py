"""Verify any PDF: the one entrance; runs in a sandboxed worker, for files come from anywhere."""

import asyncio
from datetime import datetime
from pathlib import Path

from api.signing.evidence.chains import Evidence
from api.signing.verify.reading import read
from api.signing.verify.report import Report
from api.signing.verify.rules import Policy, told_apart
from api.signing.verify.trust import TrustAnchors
from core.clock import utc_now


def verify_file(
    path: Path,
    trust: TrustAnchors,
    policy: Policy = Policy.ANY,
    *,
    moment: datetime | None = None,
    learnt: Evidence | None = None,
) -> Report:
    """Judge every signature of a file as of `moment` (now).

    No network is used. What was learnt of trust services just now counts beside what stands in the
    file, but makes no signature last longer: its level is that of the file.

    Raises:
        NotAPdf: no PDF can be made out.
    """
    _must_not_be_in_a_loop()
    at = moment or utc_now()
    facts, values = read(path, trust, at)
    if learnt is not None:
        facts = told_apart(facts, read(path, trust, at, learnt)[0])
    return Report.on(facts, Policy(policy), values)


def _must_not_be_in_a_loop() -> None:
    """Refuse where pyHanko could not run: its failure would pass for a broken signature."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RuntimeError("verify_file blocks: run it in a worker")
