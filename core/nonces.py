"""Server nonces of DPoP proofs (RFC 9449 section 8): they show that a proof was made just now.

Nothing is stored: a nonce is the MAC of a time slot under a secret that every node has, so that
each node takes what another one gave.
"""

import base64
import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus

from typing_extensions import override

from core.errors import AppError

HEADER = "DPoP-Nonce"
SLOT = timedelta(seconds=30)
#: A nonce is good in its slot and in the three after it: for 90 to 120 seconds.
SLOTS_KEPT = 4
#: The node that gave it may be a little ahead.
SLOTS_AHEAD = 1


class UseNonce(AppError):
    """The proof must hold the newest `DPoP-Nonce`; send the request again with it."""

    status = HTTPStatus.UNAUTHORIZED
    code = "identity.use_dpop_nonce"
    headers = {  # noqa: RUF012
        "WWW-Authenticate": 'DPoP error="use_dpop_nonce", algs="ES256"'
    }
    described = {  # noqa: RUF012
        HEADER: "What the next proof must hold as its claim `nonce` (RFC 9449 section 8)."
    }

    def __init__(self, nonce: str) -> None:
        super().__init__()
        self._nonce = nonce

    @override
    def answer_headers(self) -> dict[str, str]:
        return self.headers | {HEADER: self._nonce, "Cache-Control": "no-store"}


class Nonces:
    """Gives nonces and knows its own again."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, b"dpop-nonce", sha256)

    def current(self, now: datetime) -> str:
        """Return the nonce of this moment."""
        return self._of(_slot(now))

    def must_be_current(self, nonce: str, now: datetime) -> None:
        """Refuse a nonce that is missing, foreign or old."""
        slot = _slot(now)
        slots = range(slot - SLOTS_KEPT + 1, slot + SLOTS_AHEAD + 1)
        if not any(hmac.compare_digest(nonce.encode(), self._of(n).encode()) for n in slots):
            raise UseNonce(self.current(now))

    def _of(self, slot: int) -> str:
        mac = hmac.digest(self._key, str(slot).encode(), sha256)
        return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def _slot(now: datetime) -> int:
    return int(now.timestamp() // SLOT.total_seconds())
