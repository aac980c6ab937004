"""What the project asks of trust services: a question goes out as bytes, an answer comes as bytes.

Nothing is parsed on this side: what they answer is untrusted and read in the sandbox.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, Self


class Kind(StrEnum):
    """Which protocol a question is asked in."""

    TIMESTAMP = "timestamp"  # RFC 3161
    OCSP = "ocsp"  # RFC 6960
    CRL = "crl"  # RFC 5280
    CERTIFICATE = "certificate"  # caIssuers, RFC 5280


@dataclass(frozen=True, slots=True)
class Wire:
    """How a kind of question travels."""

    asks_with: str | None  # the media type of the question; None: a plain GET
    most_bytes: int


#: An answer that is larger is none.
WIRES: dict[Kind, Wire] = {
    Kind.TIMESTAMP: Wire("application/timestamp-query", 64 << 10),
    Kind.OCSP: Wire("application/ocsp-request", 64 << 10),
    Kind.CRL: Wire(None, 10 << 20),
    Kind.CERTIFICATE: Wire(None, 64 << 10),
}


@dataclass(frozen=True, slots=True)
class Question:
    """One question to one address."""

    kind: Kind
    url: str
    body: bytes = b""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"kind": self.kind.value, "url": self.url, "body": self.body}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Read back what `as_json` gave."""
        return cls(Kind(stored["kind"]), str(stored["url"]), bytes(stored["body"]))


class TrustServices(Protocol):
    """The way to all trust services."""

    async def ask(self, question: Question) -> bytes:
        """Return the answer's bytes.

        Raises:
            AddressRefused: the address may not be asked; nothing was sent.
            TrustServiceSilent: no answer came; ask again later.
        """
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...
