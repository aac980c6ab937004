"""When a certificate may sign for an official: pure rules.

The first certificate that passes every other check is pinned. Another one (a new SIM, a number
that was ported away, an operator that issued anew) signs nothing before its holder confirmed it
with the proof that a signature needs.
"""

from enum import StrEnum

from api.signing.evidence.errors import CertificateChanged


class Keeper(StrEnum):
    """Who keeps the key of a certificate."""

    SIM = "sim"
    REMOTE = "remote"


def must_be_the_same(pinned: str | None, found: str) -> None:
    """Refuse a certificate other than the pinned one; fingerprints are SHA-256 over DER, in hex."""
    if pinned is not None and pinned != found:
        raise CertificateChanged


def subject_of(sha256: str) -> bytes:
    """Return what an official steps up for: just this certificate.

    It begins otherwise than what is stepped up for to sign a paper or a list.
    """
    return b"certificate" + bytes.fromhex(sha256)
