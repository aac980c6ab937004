"""Tokens written by hand, so that no library has a say in what an attacker may send."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

Sign = Callable[[bytes], bytes]


def part(content: Any) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def by_hand(header: Any, claims: Any, sign: Sign) -> str:
    """A compact JWS that no library had a say in."""
    body = f"{part(header)}.{part(claims)}"
    return f"{body}.{part(sign(body.encode()))}"


def rs256(key: rsa.RSAPrivateKey) -> Sign:
    return lambda body: key.sign(body, padding.PKCS1v15(), hashes.SHA256())


def hs256(secret: bytes) -> Sign:
    return lambda body: hmac.new(secret, body, hashlib.sha256).digest()


def es256(key: ec.EllipticCurvePrivateKey) -> Sign:
    def sign(body: bytes) -> bytes:
        size = (key.curve.key_size + 7) // 8
        pair = decode_dss_signature(key.sign(body, ec.ECDSA(hashes.SHA256())))
        return b"".join(number.to_bytes(size) for number in pair)

    return sign
