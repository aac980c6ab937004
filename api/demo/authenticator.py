"""A phone's authenticator in software: it makes passkeys and signs with them, as WebAuthn says.

Real phones keep the key in hardware and ask for a finger or a face; this one does neither, and so
it serves the story and the tests only.
"""

import base64
import json
import secrets
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import encode_cbor

#: User present, user verified, and a new credential inside (WebAuthn section 6.1).
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
_ES256 = -7
_P256_BYTES = 32
_AAGUID = bytes(16)


class Authenticator:
    """Holds one passkey of one person.

    Args:
        domain: whom it is for (`rp.id`).
        origin: the page or app that asks.
    """

    def __init__(self, domain: str, origin: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = secrets.token_bytes(32)
        self.domain = domain
        self.origin = origin
        self.user_handle = b""
        self.flags = PRESENT | VERIFIED
        self.count = 0

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.create()`, attested by the passkey itself."""
        self.user_handle = _from_base64url(options["user"]["id"])
        client = self._client_data("webauthn.create", options["challenge"])
        data = self._data(self.flags | ATTESTED) + self._attested()
        statement = {"alg": _ES256, "sig": self._sign(data, client)}
        attestation = {"fmt": "packed", "attStmt": statement, "authData": data}
        return self._answer(
            clientDataJSON=client, attestationObject=bytes(encode_cbor(attestation))
        )

    def get(self, challenge: bytes) -> dict[str, Any]:
        """Answer `navigator.credentials.get()`."""
        self.count += 1
        client = self._client_data("webauthn.get", base64url(challenge))
        data = self._data(self.flags)
        return self._answer(
            clientDataJSON=client,
            authenticatorData=data,
            signature=self._sign(data, client),
            userHandle=self.user_handle,
        )

    def show(self, challenge: bytes) -> str:
        """Return the header `Step-Up`."""
        return f"passkey {base64url(json.dumps(self.get(challenge)).encode())}"

    def _client_data(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _data(self, flags: int) -> bytes:
        return sha256(self.domain.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _attested(self) -> bytes:
        point = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(_P256_BYTES) for number in (point.x, point.y))
        key = encode_cbor({1: 2, 3: _ES256, -1: 1, -2: x, -3: y})
        length = len(self.credential_id).to_bytes(2)
        return _AAGUID + length + self.credential_id + bytes(key)

    def _sign(self, data: bytes, client: bytes) -> bytes:
        return self.key.sign(data + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))

    def _answer(self, **response: bytes) -> dict[str, Any]:
        named = base64url(self.credential_id)
        parts = {name: base64url(raw) for name, raw in response.items()}
        return {"id": named, "rawId": named, "type": "public-key", "response": parts}


def base64url(raw: bytes) -> str:
    """Return bytes as JSON carries them."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
