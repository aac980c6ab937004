"""The honest files that attacks are done to, and the reasons that are right for many of them."""

from api.signing.verify.rules import Reason, Verdict

ISSUED = ("issued-rsa", "issued-pss", "issued-ec")
CERTIFIED = ("certified-rsa", "certified-pss", "certified-ec")
APPROVED = ("approved-1", "approved-3")
SIGNED = (*ISSUED, *APPROVED, "lasting-ec")
MECHANISMS = ("rsa", "pss", "ec")
#: What says that a signature can no longer be made out, or does not cover what it should.
BROKEN = frozenset({Reason.BYTE_RANGE, Reason.CANNOT_BE_EVALUATED, Reason.DAMAGED})
CHANGED = frozenset({Reason.CHANGED_AFTER_SIGNING})
DOUBTFUL = frozenset({Verdict.INDETERMINATE})
NEVER_VALID = frozenset({Verdict.INVALID, Verdict.INDETERMINATE})
