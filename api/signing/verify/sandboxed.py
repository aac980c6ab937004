"""The verifier as the sandbox calls it: a path and plain values in, plain JSON values out.

The heavy libraries are imported inside: the server names the function, the worker runs it.
"""

# ruff: noqa: PLC0415

from datetime import datetime
from pathlib import Path
from typing import Any


def report_on(path: Path, trust: Path, policy: str, moment: str) -> dict[str, Any]:
    """Return the report on a file, judged by the anchors in a folder as of a moment."""
    from api.signing.verify.errors import NoAnchors
    from api.signing.verify.rules import Policy
    from api.signing.verify.trust import TrustAnchors
    from api.signing.verify.verifier import verify_file

    try:
        anchors = TrustAnchors.from_folder(trust)
    except (NoAnchors, OSError):
        anchors = TrustAnchors()
    at = datetime.fromisoformat(moment)
    return verify_file(path, anchors, Policy(policy), moment=at).as_json()
