"""What is remembered between the digest that leaves and the raw signature that returns."""

import hashlib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any, Self

from api.signing.pdf.certificate import Mechanism

#: Hexadecimal digits kept free: two for each byte, with room for a timestamp (B-T) later.
RESERVED = 24 * 1024
#: Files are hashed in pieces so large: with pyHanko's own, the loop costs more than the hash.
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Prepared:
    """A PDF that waits for its signature: plain values, safe to store."""

    field: str
    document_digest: bytes
    region_start: int
    region_end: int
    attributes: bytes
    certificate: bytes
    mechanism: Mechanism

    @property
    def to_sign(self) -> bytes:
        """Return the digest that goes to the signer, and nothing else does."""
        return hashlib.sha256(self.attributes).digest()

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "field": self.field,
            "document_digest": self.document_digest.hex(),
            "region_start": self.region_start,
            "region_end": self.region_end,
            "attributes": b64encode(self.attributes).decode(),
            "certificate": b64encode(self.certificate).decode(),
            "mechanism": self.mechanism.value,
            "to_sign": self.to_sign.hex(),
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Read back what `as_json` gave."""
        return cls(
            field=stored["field"],
            document_digest=bytes.fromhex(stored["document_digest"]),
            region_start=stored["region_start"],
            region_end=stored["region_end"],
            attributes=b64decode(stored["attributes"]),
            certificate=b64decode(stored["certificate"]),
            mechanism=Mechanism(stored["mechanism"]),
        )
