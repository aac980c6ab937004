"""Identifiers: new ones that sort by time, and derived ones that a repeated command finds again."""

import os
import secrets
import time
from uuid import UUID, uuid5

_OURS = UUID("6f9b1f8e-0d3c-5a52-9c57-6b686f6e6767")


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562): sorts by age, so that indexes stay compact."""
    millis = time.time_ns() // 1_000_000
    value = (millis << 80) | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return UUID(int=value)


def checking_code() -> str:
    """Return a word of 22 letters that nobody guesses."""
    return secrets.token_urlsafe(16)


def derived(*parts: str | UUID) -> UUID:
    """Return the one id that belongs to `parts`: the same parts always give the same id."""
    return uuid5(_OURS, "\x1f".join(str(part) for part in parts))
