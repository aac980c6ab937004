"""Sealing: what only one phone can open (RFC 8291), whoever carries it."""

import base64
import binascii
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec

from push.errors import BadKeys

_POINT, _SECRET = 65, 16


@dataclass(frozen=True, slots=True)
class Keys:
    """A phone's public key and its secret, as a browser's `PushSubscription` names them."""

    p256dh: str
    auth: str

    def must_be_usable(self) -> None:
        """Refuse what is no point of P-256 with a secret of 16 bytes."""
        try:
            point, secret = _raw(self.p256dh), _raw(self.auth)
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        except (ValueError, binascii.Error):
            raise BadKeys from None
        if (len(point), len(secret)) != (_POINT, _SECRET):
            raise BadKeys


def seal(plain: bytes, keys: Keys) -> bytes:
    """Seal a text for the owner of some keys; it differs each time."""
    from pywebpush import WebPusher  # noqa: PLC0415 - a second and 10 MB, only where it is used

    subscription = {"endpoint": "", "keys": {"p256dh": keys.p256dh, "auth": keys.auth}}
    sealed: bytes = WebPusher(subscription).encode(plain)["body"]
    return sealed


def _raw(text: str) -> bytes:
    unpadded = text.rstrip("=")
    return base64.urlsafe_b64decode(unpadded + "=" * (-len(unpadded) % 4))
