"""JSON Web Tokens, in and out; the only module that speaks to python-jose.

python-jose decides too much by what a token says of itself, so the rules are ours: one algorithm
for each kind of token, key objects built once from our own keys, required claims, `crit` refused,
headers that name keys ignored (RFC 8725). Access tokens are bound to a device key by DPoP
(RFC 9449).
"""

import base64
import hashlib
import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jose import jwk, jws
from jose.exceptions import JOSEError

from core.errors import AppError
from core.keys import load_or_make

ACCESS_LIFETIME = timedelta(minutes=5)
PROOF_WINDOW = timedelta(seconds=60)
#: A console session has no refresh token; production refuses it altogether.
CONSOLE_LIFETIME = timedelta(hours=8)
MAX_BYTES = 8 * 1024
#: The head of a proof holds a key of P-256 and two words: some 200 bytes.
MAX_HEAD_BYTES = 1024
#: How many checked tokens and device keys are remembered, so that a request costs one ECDSA check.
REMEMBERED = 4096
ISSUER = AUDIENCE = "khonggiay"
_MEMBERS, _NOTES = {"kty", "crv", "x", "y"}, {"kid", "use", "alg"}
ACCESS_TYPE, PROOF_TYPE = "at+jwt", "dpop+jwt"
_P256_BYTES = 32
#: Signed and whole: never encrypted, unsigned, or with characters that a lenient reader skips.
_COMPACT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class BadToken(AppError):
    """The access token is missing, malformed, forged or expired."""

    status = HTTPStatus.UNAUTHORIZED
    code = "identity.bad_token"
    headers = {"WWW-Authenticate": 'DPoP error="invalid_token", algs="ES256"'}  # noqa: RUF012


class BadProof(AppError):
    """The proof of the device key is missing, malformed, old, or made for another request."""

    status = HTTPStatus.UNAUTHORIZED
    code = "identity.bad_proof"
    headers = {"WWW-Authenticate": 'DPoP error="invalid_dpop_proof", algs="ES256"'}  # noqa: RUF012


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token says.

    Attributes:
        official_id: who (`sub`).
        device_id: the device, or empty for a console session.
        session_id: the device's session that it belongs to (`sid`); empty for the console.
        thumbprint: of the key that must prove possession (`cnf.jkt`), or None for the console.
        token_id: `jti`.
        expires_at: when it ends.
    """

    official_id: str
    device_id: str
    session_id: str
    thumbprint: str | None
    token_id: str
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Proof:
    """What a DPoP proof shows: the key and the one request it was made for.

    Attributes:
        nonce: the server's nonce that it holds, or empty; who wants a fresh proof judges it.
        challenge: what it vouches for beside the request, or empty; who asked for it judges it.
        text: the proof itself.
    """

    thumbprint: str
    public_jwk: dict[str, str]
    token_id: str
    nonce: str = ""
    challenge: str = ""
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class _Shown:
    """The key that a proof shows, ready to check with."""

    key: Any
    public_jwk: dict[str, str]
    thumbprint: str


@lru_cache(maxsize=4)
def _key_in(pem: bytes) -> Any:
    """Read a key; that takes longer than most requests, and all doors of a process share it."""
    return jwk.construct(pem.decode(), "RS256")


class TokenKeys:
    """The server's own signing key; made once, kept under the data folder with mode 0600."""

    def __init__(self, folder: Path) -> None:
        pem = load_or_make(folder / "access-token.pem", _new_key)
        self._private = _key_in(pem)
        self._public = self._private.public_key()
        self._genuine = lru_cache(REMEMBERED)(self._read)

    def issue(
        self, *, official_id: str, device_id: str, session_id: str, thumbprint: str, now: datetime
    ) -> str:
        """Return an access token of five minutes, worthless without the device's key."""
        claims = {"dev": device_id, "sid": session_id, "cnf": {"jkt": thumbprint}}
        return self._sign(official_id, claims, now, ACCESS_LIFETIME)

    def issue_to_console(self, *, official_id: str, now: datetime) -> str:
        """Return a plain bearer token for a console session."""
        return self._sign(official_id, {"dev": "", "sid": ""}, now, CONSOLE_LIFETIME)

    def check(self, token: str, now: datetime) -> Access:
        """Return what a genuine, unexpired token says."""
        if len(token) > MAX_BYTES:
            raise BadToken
        said = self._genuine(token)
        if not said.issued_at - PROOF_WINDOW <= now < said.expires_at:
            raise BadToken
        return said

    def _sign(
        self, official_id: str, more: dict[str, Any], now: datetime, lifetime: timedelta
    ) -> str:
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": official_id,
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
            "jti": secrets.token_urlsafe(16),
        } | more
        headers = {"typ": ACCESS_TYPE}
        token: str = jws.sign(claims, self._private, headers=headers, algorithm="RS256")
        return token

    def _read(self, token: str) -> Access:
        """Return what a genuine token says, however old it is."""
        header_of(token, "RS256", (ACCESS_TYPE,), BadToken)
        claims = verified(token, self._public, BadToken)
        try:
            if claims["iss"] != ISSUER or claims["aud"] != AUDIENCE:
                raise BadToken
            confirmation = claims.get("cnf")
            return Access(
                official_id=str(claims["sub"]),
                device_id=str(claims["dev"]),
                session_id=str(claims["sid"]),
                thumbprint=str(confirmation["jkt"]) if confirmation is not None else None,
                token_id=str(claims["jti"]),
                issued_at=datetime.fromtimestamp(int(claims["iat"]), tz=UTC),
                expires_at=datetime.fromtimestamp(int(claims["exp"]), tz=UTC),
            )
        except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
            raise BadToken from error


def check_proof(
    proof: str,
    *,
    method: str,
    url: str,
    now: datetime,
    access_token: str | None = None,
    written: str | None = None,
) -> Proof:
    """Return the key that signed a proof for just this request (RFC 9449 section 4.3).

    Args:
        proof: the `DPoP` header.
        method: the request's method.
        url: the request's URL; query and fragment do not count.
        now: the moment to judge `iat` by.
        access_token: the token that the proof must be bound to by `ath`.
        written: the URL with its escapes as they were sent, where it has any.
    """
    _must_be_compact(proof, BadProof)
    shown = _shown_in(proof.partition(".")[0])
    claims = verified(proof, shown.key, BadProof)
    urls = [url] if written is None else [url, written]
    try:
        age = abs(now.timestamp() - float(claims["iat"]))
        token_id, htu = claims["jti"], claims["htu"]
        nonce, challenge = claims.get("nonce", ""), claims.get("challenge", "")
        fits = (
            all(map(_is_plain, (token_id, htu, nonce, challenge)))
            and claims["htm"] == method
            and (htu in urls or without_query(htu) in map(without_query, urls))
            and age <= PROOF_WINDOW.total_seconds()
            and 1 <= len(token_id) <= 128  # noqa: PLR2004 - what the store keeps
        )
        if access_token is not None:
            fits = fits and secrets.compare_digest(str(claims["ath"]), _ath_of(access_token))
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise BadProof from error
    if not fits:
        raise BadProof
    return Proof(shown.thumbprint, shown.public_jwk, token_id, nonce, challenge, proof)


def make_proof(
    key: ec.EllipticCurvePrivateKey,
    method: str,
    url: str,
    *,
    now: datetime,
    access_token: str | None = None,
    **more: str,
) -> str:
    """Return the `DPoP` header that a phone sends with a request.

    Args:
        key: the device's key.
        method: the request's method.
        url: the request's URL.
        now: the phone's clock.
        access_token: the token that the proof is bound to.
        more: further claims, such as the server's `nonce`.
    """
    claims: dict[str, Any] = {
        "jti": secrets.token_urlsafe(16),
        "htm": method,
        "htu": without_query(url),
        "iat": int(now.timestamp()),
    } | more
    if access_token is not None:
        claims["ath"] = hash_of(access_token)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    headers = {"typ": PROOF_TYPE, "jwk": public_jwk(key.public_key())}
    proof: str = jws.sign(claims, pem.decode(), headers=headers, algorithm="ES256")
    return proof


def public_jwk(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """Return a P-256 public key as a JSON Web Key."""
    numbers = key.public_numbers()
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": base64url(numbers.x.to_bytes(_P256_BYTES)),
        "y": base64url(numbers.y.to_bytes(_P256_BYTES)),
    }


def thumbprint_of(public: dict[str, str]) -> str:
    """Return the RFC 7638 thumbprint of a P-256 public key."""
    members = {name: public[name] for name in ("crv", "kty", "x", "y")}
    text = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return base64url(hashlib.sha256(text.encode()).digest())


def hash_of(token: str) -> str:
    """Return base64url(SHA-256), as `ath` and for secrets kept at rest."""
    return base64url(hashlib.sha256(token.encode()).digest())


@lru_cache(REMEMBERED)
def _ath_of(access_token: str) -> str:
    return hash_of(access_token)


def without_query(url: str) -> str:
    """Return scheme, host and path as `htu` has them; a default port is left out."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    host = parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(scheme, "no port"))
    return urlunsplit((scheme, host, parts.path or "/", "", ""))


def _is_plain(text: Any) -> bool:
    """Refuse what readers understand differently: no text, blanks, letters that look alike."""
    return isinstance(text, str) and text.isascii() and text.isprintable() and " " not in text


def header_of(
    token: str, algorithm: str, kinds: tuple[str | None, ...], refusal: type[AppError]
) -> dict[str, Any]:
    """Return the header of a token that is small, whole, and of just this algorithm and kind."""
    _must_be_compact(token, refusal)
    return _header(token.partition(".")[0], algorithm, kinds, refusal)


def _must_be_compact(token: str, refusal: type[AppError]) -> None:
    if len(token) > MAX_BYTES or not _COMPACT.fullmatch(token):
        raise refusal


def _header(
    head: str, algorithm: str, kinds: tuple[str | None, ...], refusal: type[AppError]
) -> dict[str, Any]:
    header = _object(head, refusal)
    if header.get("alg") != algorithm or header.get("typ") not in kinds or "crit" in header:
        raise refusal
    return header


def verified(token: str, key: Any, refusal: type[AppError]) -> dict[str, Any]:
    """Return the claims that `key` has signed; the algorithm is the key's, whatever is said.

    `jws.verify` would take the token apart again: a third of what a request costs here.
    """
    signed, _, signature = token.rpartition(".")
    try:
        genuine = key.verify(signed.encode(), unbase64url(signature))
    except (JOSEError, ValueError) as error:
        raise refusal from error
    if genuine is not True:
        raise refusal
    return _object(signed.partition(".")[2], refusal)


def _object(part: str, refusal: type[AppError]) -> dict[str, Any]:
    """Read one part of a token: a JSON object and nothing else."""
    try:
        said = orjson.loads(unbase64url(part))
    except ValueError as error:
        raise refusal from error
    if not isinstance(said, dict):
        raise refusal
    return said


@lru_cache(REMEMBERED)
def _shown_in(head: str) -> _Shown:
    """Read the head of a proof, once: a device writes the same one each time."""
    if len(head) > MAX_HEAD_BYTES:
        raise BadProof
    return _device_key(_header(head, "ES256", (PROOF_TYPE,), BadProof).get("jwk"))


def _device_key(given: Any) -> _Shown:
    """Accept a P-256 public key and nothing else, least of all a private one."""
    if not isinstance(given, dict) or set(given) - _NOTES != _MEMBERS:
        raise BadProof
    if (given["kty"], given["crv"]) != ("EC", "P-256"):
        raise BadProof
    try:
        across, up = (int.from_bytes(unbase64url(str(given[name]))) for name in ("x", "y"))
        point = ec.EllipticCurvePublicNumbers(across, up, ec.SECP256R1()).public_key()
    except ValueError as error:
        raise BadProof from error
    public = public_jwk(point)
    return _Shown(jwk.construct(public, "ES256"), public, thumbprint_of(public))


def _new_key() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def checking_key(public: ec.EllipticCurvePublicKey | rsa.RSAPublicKey, algorithm: str) -> Any:
    """Return a public key as `verified` takes it; made once, from a key and never from text."""
    return jwk.construct(public, algorithm)


def base64url(raw: bytes) -> str:
    """Return bytes as tokens carry them."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unbase64url(text: str) -> bytes:
    """Return the bytes that a token carries."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
