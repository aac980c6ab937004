"""Tokens and keys of an identity provider, held to the same rules as our own.

The algorithm is fixed for each issuer; a key comes from the issuer's own set under the name that
the token gives (`kid`), and from nowhere else: `jku`, `x5u`, `x5c` and `jwk` are ignored.
"""

from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from core.errors import AppError
from core.tokens import checking_key, header_of, unbase64url, verified

#: What an identity provider calls its tokens (`typ`).
ID_TYPES = (None, "JWT")
LOGOUT_TYPES = ("logout+jwt",)
LEAST_RSA_BITS = 2048
#: By algorithm: kind of key and curve.
_KINDS: dict[str, tuple[str, str | None]] = {"RS256": ("RSA", None), "ES256": ("EC", "P-256")}
_SECRET = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def kid_of(
    token: str, algorithm: str, kinds: tuple[str | None, ...], refusal: type[AppError]
) -> str:
    """Return which of its keys an issuer says it used."""
    kid = header_of(token, algorithm, kinds, refusal).get("kid")
    if not isinstance(kid, str):
        raise refusal
    return kid


def claims_of(token: str, key: Any, refusal: type[AppError]) -> dict[str, Any]:
    """Return what a genuine token says; `kid_of` has judged its header, nobody yet its claims."""
    return verified(token, key, refusal)


def keys_of(given: list[Any], algorithm: str) -> dict[str, Any]:
    """Return the keys of a set that can sign for us, by name; a name given twice names none."""
    named = [(jwk["kid"], key) for jwk in given if (key := foreign_key(jwk, algorithm)) is not None]
    names = [name for name, _ in named]
    return {name: key for name, key in named if names.count(name) == 1}


def foreign_key(given: Any, algorithm: str) -> Any | None:
    """Return a key of an issuer's set to check with, or None for one that cannot sign for us."""
    if not isinstance(given, dict) or not _fits(given, algorithm):
        return None
    try:
        public = _rsa(given) if algorithm == "RS256" else _p256(given)
    except (KeyError, TypeError, ValueError, UnsupportedAlgorithm):
        return None
    if isinstance(public, rsa.RSAPublicKey) and public.key_size < LEAST_RSA_BITS:
        return None
    return checking_key(public, algorithm)


def _fits(given: dict[str, Any], algorithm: str) -> bool:
    return (
        (given.get("kty"), given.get("crv")) == _KINDS[algorithm]
        and given.get("use", "sig") == "sig"
        and given.get("alg", algorithm) == algorithm
        and isinstance(given.get("kid"), str)
        and not _SECRET & set(given)  # a set that shows private keys is nobody's to trust
    )


def _rsa(given: dict[str, Any]) -> rsa.RSAPublicKey:
    exponent, modulus = (int.from_bytes(unbase64url(given[name])) for name in ("e", "n"))
    return rsa.RSAPublicNumbers(exponent, modulus).public_key()


def _p256(given: dict[str, Any]) -> ec.EllipticCurvePublicKey:
    x, y = (int.from_bytes(unbase64url(given[name])) for name in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
