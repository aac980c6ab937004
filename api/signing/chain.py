"""The chain of evidence: each record holds the hash of all before it, so that none can be changed.

Anybody can compute it: SHA-256 over the hash before (64 hexadecimal digits, none for the first)
and the record as JSON with sorted keys, no spaces and UTF-8.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Link:
    """One record, as it is hashed and exported; the moment is ISO 8601 in UTC."""

    request_id: str
    ordinal: int
    at: str
    kind: str
    body: dict[str, Any]


def canonical(link: Link) -> bytes:
    """Return the bytes that are hashed."""
    text = json.dumps(asdict(link), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def hash_after(before: str, link: Link) -> str:
    """Return the hash of a record that stands after the one with the hash `before`."""
    return hashlib.sha256(before.encode() + canonical(link)).hexdigest()
