"""Verify any PDF: the one entrance; runs in a sandboxed worker, for files come from anywhere."""

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
    facts, values = read(path, trust, moment or utc_now())
    return Report.on(facts, policy, values)
