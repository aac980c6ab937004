"""The wire of the CSC API in both its dialects, and what an authorisation may become.

v1.0.4 says `hash` and `hashAlgo` where v2 says `hashes` and `hashAlgorithmOID`. A credential signs
in one way only, by SHA-256; whoever asks for another one is refused, never served differently.
"""

import binascii
from base64 import b64decode
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

from asn1crypto import algos

from api.signing.csc.errors import CscError, invalid, missing
from api.signing.pdf.certificate import Mechanism
from api.signing.rules import SIM_TEXT_LENGTH

Json = dict[str, Any]
#: From the authorisation to the signatures.
SAD_LIFETIME = timedelta(minutes=5)
TOKEN_LIFETIME = timedelta(hours=1)
CODE_LIFETIME = timedelta(minutes=1)
SHA256 = "2.16.840.1.101.3.4.2.1"
_MODES = ("S", "A")  # no set: what is looked for may be unhashable
_DIGEST = 32
_SALT = 32
_RSA, _SHA256_RSA, _PSS = (
    "1.2.840.113549.1.1.1",
    "1.2.840.113549.1.1.11",
    "1.2.840.113549.1.1.10",
)
_ECDSA_SHA256 = "1.2.840.10045.4.3.2"

#: What each credential's key can do, as object identifiers.
ALGORITHMS: dict[Mechanism, tuple[str, ...]] = {
    Mechanism.RSA_PKCS1_SHA256: (_SHA256_RSA, _RSA),
    Mechanism.RSA_PSS_SHA256: (_PSS,),
    Mechanism.ECDSA_P256_SHA256: (_ECDSA_SHA256,),
    Mechanism.ECDSA_P384_SHA256: (_ECDSA_SHA256,),
}


class Dialect(StrEnum):
    """Which version a client speaks; it stands in the path."""

    V1 = "v1"
    V2 = "v2"

    @property
    def hashes(self) -> str:
        """Return what the hashes are called."""
        return "hash" if self is Dialect.V1 else "hashes"

    @property
    def hash_algorithm(self) -> str:
        """Return what their algorithm is called."""
        return "hashAlgo" if self is Dialect.V1 else "hashAlgorithmOID"


class Scope(StrEnum):
    """What an official lets an application do."""

    #: Ask for their certificate, and ask their phone for signatures.
    SERVICE = "service"
    #: Have just these hashes signed.
    CREDENTIAL = "credential"


class State(StrEnum):
    """Where an authorisation stands."""

    PROMPTING = "prompting"
    AUTHORISED = "authorised"
    REFUSED = "refused"
    REDEEMED = "redeemed"


class Move(StrEnum):
    """What can happen to an authorisation."""

    ALLOW = "allow"
    REFUSE = "refuse"
    REDEEM = "redeem"


MOVES = {
    (State.PROMPTING, Move.ALLOW): State.AUTHORISED,
    (State.PROMPTING, Move.REFUSE): State.REFUSED,
    (State.AUTHORISED, Move.REDEEM): State.REDEEMED,
}


@dataclass(frozen=True, slots=True)
class Order:
    """What `signatures/signHash` asks for."""

    sad: str
    digests: tuple[bytes, ...]
    algorithm: str
    parameters: bytes | None
    asynchronous: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """What an application wants of an official, as its own link says.

    Attributes:
        hashes: SHA-256 digests; for the scope `credential`.
    """

    client_id: UUID
    redirect_uri: str
    scope: Scope
    code_challenge: str
    hashes: tuple[bytes, ...] = ()

    @property
    def subject(self) -> bytes:
        """Return what the official steps up for."""
        parts = (self.redirect_uri, self.scope, self.code_challenge)
        said = "\n".join((*parts, *(each.hex() for each in self.hashes)))
        return subject_of(self.client_id, sha256(said.encode()).digest())


# --- reading --------------------------------------------------------------------------------


def text(body: Json, name: str) -> str:
    """Return a parameter that must be a text."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise missing("string", name)
    return value


def must_be_mine(body: Json, official_id: UUID) -> None:
    """Refuse a credential that is not the caller's."""
    if text(body, "credentialID") != str(official_id):
        raise invalid("credentialID")


def digests_in(body: Json, dialect: Dialect) -> tuple[bytes, ...]:
    """Return the SHA-256 digests of a request."""
    name = dialect.hashes
    given = body.get(name)
    if not isinstance(given, list):
        raise missing("array", name)
    if not given:
        raise CscError(f"Empty {name} array")
    return tuple(_digest(each, name) for each in given)


def _digest(given: object, name: str) -> bytes:
    if not isinstance(given, str):
        raise missing("array", name)
    try:
        digest = b64decode(given, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CscError(f"Invalid Base64 {name} string parameter") from error
    if len(digest) != _DIGEST:
        raise CscError("Invalid digest value length")
    return digest


def must_be_sha256(body: Json, dialect: Dialect, *, needed: bool) -> None:
    """Refuse every other hash algorithm."""
    name = dialect.hash_algorithm
    given = body.get(name)
    if given is None and not needed:
        return
    if not isinstance(given, str):
        raise missing("string", name)
    if given != SHA256:
        raise invalid(name)


def must_count(body: Json, digests: tuple[bytes, ...], multisign: int) -> None:
    """Refuse a number of signatures that is not that of the hashes, or too high."""
    number = body.get("numSignatures")
    if not isinstance(number, int) or isinstance(number, bool):
        raise missing("integer", "numSignatures")
    if number > multisign or len(digests) > multisign:
        raise CscError("Numbers of signatures is too high")
    if number != len(digests):
        raise invalid("numSignatures")


def order_in(body: Json, dialect: Dialect) -> Order:
    """Return what `signatures/signHash` asks for."""
    sad, digests = text(body, "SAD"), digests_in(body, dialect)
    algorithm = text(body, "signAlgo")
    must_be_sha256(body, dialect, needed=algorithm in {_RSA, _PSS})
    mode = body.get("operationMode", "S")
    if dialect is Dialect.V2 and mode not in _MODES:
        raise invalid("operationMode")
    asynchronous = dialect is Dialect.V2 and mode == "A"
    return Order(sad, digests, algorithm, _parameters(body), asynchronous)


def _parameters(body: Json) -> bytes | None:
    given = body.get("signAlgoParams")
    if given is None:
        return None
    try:
        return b64decode(given, validate=True) if isinstance(given, str) else b""
    except (binascii.Error, ValueError) as error:
        raise invalid("signAlgoParams") from error


def must_sign_so(order: Order, mechanism: Mechanism) -> None:
    """Refuse an algorithm, or parameters of one, that this credential does not sign with."""
    if order.algorithm not in ALGORITHMS[mechanism]:
        raise invalid("signAlgo")
    if mechanism is Mechanism.RSA_PSS_SHA256:
        if order.parameters is None:
            raise missing("string", "signAlgoParams")
        fits = _is_our_pss(order.parameters)
    else:
        fits = order.parameters in {None, b"\x05\x00"}  # ASN.1's NULL says nothing
    if not fits:
        raise invalid("signAlgoParams")


def _is_our_pss(der: bytes) -> bool:
    try:
        said = algos.RSASSAPSSParams.load(der, strict=True).native
    except (ValueError, TypeError):
        return False
    mask = said["mask_gen_algorithm"]
    return bool(
        said["hash_algorithm"]["algorithm"] == "sha256"
        and mask["algorithm"] == "mgf1"
        and mask["parameters"]["algorithm"] == "sha256"
        and said["salt_length"] == _SALT
        and said["trailer_field"] == "trailer_field_bc"
    )


def on_the_phone(client: str, code: str) -> str:
    """Return what the SIM shows: who asks, and the code; of the paper we know the hash alone."""
    tail = f" Mã {code}"
    room = SIM_TEXT_LENGTH - len(tail)
    who = client if len(client) <= room else f"{client[: room - 1].rstrip()}…"
    return f"{who}{tail}"


def subject_of(client_id: UUID, said: bytes) -> bytes:
    """Return what an official steps up for: this application, and the hash of what it asks.

    Its length is that of no other deed's subject.
    """
    return b"csc" + client_id.bytes + said
