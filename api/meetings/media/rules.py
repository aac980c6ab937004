"""Passwords of a TURN relay that end by themselves. Pure."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a phone shows a relay, and until when the relay takes it."""

    username: str
    password: str
    expires_at: datetime


def credentials(
    secret: str, meeting_id: UUID, official_id: UUID, now: datetime, ttl: timedelta
) -> Credentials:
    """Return what lets one official use the relay for one meeting.

    After draft-uberti-behave-turn-rest-00, as coturn's `use-auth-secret` takes it: the name is the
    second at which it ends and a name, the password its HMAC-SHA1. The relay's log shows neither
    who it is nor which meeting, yet the same name for the same two: its quotas count by it.
    """
    ends = int((now + ttl).timestamp())
    about = f"{meeting_id} {official_id}".encode()
    name = hmac.new(secret.encode(), about, hashlib.sha256).hexdigest()[:16]
    username = f"{ends}:{name}"
    code = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
    expires_at = datetime.fromtimestamp(ends, now.tzinfo)
    return Credentials(username, base64.b64encode(code).decode(), expires_at)
