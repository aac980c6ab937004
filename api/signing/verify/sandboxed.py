"""The verifier as the sandbox calls it: a path and plain values in, plain JSON values out.

The heavy libraries are imported inside: the server names the function, the worker runs it.
"""

# ruff: noqa: PLC0415

from datetime import datetime
from pathlib import Path
from typing import Any

#: So many certificates of one file are asked about.
_MOST_QUESTIONS = 32


def questions_on(path: Path, trust: Path) -> list[dict[str, Any]]:
    """Return what may be asked about the certificates of a file's signers; nothing of a broken one.

    Only signers whose chain leads to an anchor are asked about: nobody else's word would count.
    """
    from api.signing.verify.asking import needs_on
    from api.signing.verify.errors import NoAnchors
    from api.signing.verify.trust import TrustAnchors

    try:
        return needs_on(path, TrustAnchors.from_folder(trust))[:_MOST_QUESTIONS]
    except (NoAnchors, OSError):
        return []


def report_on(
    path: Path,
    trust: Path,
    policy: str,
    moment: str,
    answers: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """Return the report on a file, judged by the anchors in a folder as of a moment.

    Args:
        path: the file.
        trust: the folder with the anchors.
        policy: what is demanded.
        moment: ISO 8601.
        answers: what trust services said just now; None: nobody was asked.
    """
    from api.signing.evidence.needs import sound
    from api.signing.verify.errors import NoAnchors
    from api.signing.verify.rules import Policy
    from api.signing.verify.trust import TrustAnchors
    from api.signing.verify.verifier import verify_file

    try:
        anchors = TrustAnchors.from_folder(trust)
    except (NoAnchors, OSError):
        anchors = TrustAnchors()
    at = datetime.fromisoformat(moment)
    learnt = None if answers is None else sound(answers)
    return verify_file(path, anchors, Policy(policy), moment=at, learnt=learnt).as_json()
