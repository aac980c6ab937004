"""What an honest provider's tokens say at the moment at which a test's clock begins."""

from typing import Any

from api.people.sso.rules import LOGOUT_EVENT
from tests.support.clock import Clock

ISSUER, CLIENT = "https://id.example", "khonggiay"
NOW = Clock().now
AT = int(NOW.timestamp())
NONCE = "the nonce of this sign-in"
CLAIMS: dict[str, Any] = {
    "iss": ISSUER, "aud": CLIENT, "sub": "anh.tq", "nonce": NONCE, "iat": AT, "exp": AT + 300,
    "sid": "session-1",
}  # fmt: skip
LOGOUT: dict[str, Any] = {
    "iss": ISSUER, "aud": CLIENT, "sub": "anh.tq", "sid": "session-1", "iat": AT, "exp": AT + 120,
    "jti": "once", "events": {LOGOUT_EVENT: {}},
}  # fmt: skip
