"""Verify any PDF: the one entrance; runs in a sandboxed worker, for files come from anywhere."""

import asyncio
from datetime import datetime
from pathlib import Path

from api.signing.verify.reading import read
from api.signing.verify.report import Report
from api.signing.verify.rules import Policy
from api.signing.verify.trust import TrustAnchors
from core.clock import utc_now


def verify_file(
    path: Path,
    trust: TrustAnchors,
    policy: Policy = Policy.ANY,
    *,
    moment: datetime | None = None,
) -> Report:
    """Judge every signature of a file as of `moment` (now).

    No network is used; revocation is not checked, and the report says so.

    Raises:
        NotAPdf: no PDF can be made out.
    """
    _must_not_be_in_a_loop()
    facts, values = read(path, trust, moment or utc_now())
    return Report.on(facts, Policy(policy), values)


def _must_not_be_in_a_loop() -> None:
    """Refuse where pyHanko could not run: its failure would pass for a broken signature."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RuntimeError("verify_file blocks: run it in a worker")
