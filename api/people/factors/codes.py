"""Codes that people type: those of an authenticator app (RFC 6238), and those for emergencies."""

import base64
import secrets
from datetime import datetime
from uuid import UUID

import pyotp
from pyotp.exceptions import OTPVerificationError

from api.people.factors.errors import WrongFactor
from api.people.factors.rules import RECOVERY_CODES
from core.tokens import hash_of

ISSUER = "Không Giấy"
#: A code that was shown half a minute ago, or whose phone is half a minute ahead, still counts.
WINDOW = 1
_SECRET_CHARACTERS = 32
_CODE_BYTES, _GROUP = 10, 4


def new_secret() -> str:
    """Return a secret of 160 bits as authenticator apps take it."""
    return pyotp.random_base32(_SECRET_CHARACTERS)


def uri(secret: str, account: str) -> str:
    """Return the `otpauth:` address that an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)


def step_of(secret: str, code: str, now: datetime) -> int:
    """Return the time step that a code belongs to, or refuse it."""
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=now, valid_window=WINDOW)
    except OTPVerificationError as error:
        raise WrongFactor from error


def new_recovery_codes() -> list[str]:
    """Return codes of 80 bits, in groups that people can copy by hand."""
    return [_grouped(secrets.token_bytes(_CODE_BYTES)) for _ in range(RECOVERY_CODES)]


def recovery_hash(official_id: UUID, code: str) -> str:
    """Return what is kept of a recovery code; how it is spaced does not matter."""
    letters = "".join(code.split()).replace("-", "").upper()
    return hash_of(f"recovery.{official_id}.{letters}")


def _grouped(raw: bytes) -> str:
    text = base64.b32encode(raw).decode().lower()
    return "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))
