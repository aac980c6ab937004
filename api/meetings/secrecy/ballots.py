"""Ballots in the format of Belenios 2.0, as a phone sends them: read strictly, checked at the door.

Nothing here is secret: a ballot is encrypted for the trustees, and signed with a credential whose
public part is on a list. The door keeps out what would take somebody else's place; whether a ballot
counts is judged by `belenios-tool` alone, which verifies all proofs.
Source: "Belenios specification", version 2.0, sections 4.11.1, 4.14, 4.15 and 5.1.
"""

import base64
import hashlib
from collections.abc import Sequence
from typing import Annotated

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from api.meetings.secrecy.errors import NotABallot

#: The group BELENIOS-2048 (section 5.1): modulus, generator, order of the generator.
P = int(
    "a3ef2d011fefb1b6e39e568fccdffb0fb7dc7ef3a791b6862791811d21fc35f21e6d36856b428030421f514e"
    "d40bfd4c06e092a495af8d79a2f85e0fb11c0ede07dd973f9c53e50930c6e82ac36de1ae3fb8c3aabfff12ce"
    "27a5022ddd8912d107435012768a2cdd0a4091d8fa447f6c7ebc15a349fa318a6b4fe17d8d47e843a3e14dfa"
    "9b2162f4d7229abe93a188b46b006517d6f6747ebbb29c9ec3099b607f18fb1a8bc858279aa8599411d998d3"
    "e3fada9e010840d082d8c31911acdd4a0e7992d0f18cc759cb5de0acf66a3882555bc810941e021b6a4ccfa0"
    "4ee4008f878affa2375e2999b44f6cef17d707301e59e0e6351e051ed9cec4157646e64f"
    , 16,
)  # fmt: skip
G = int(
    "1307c1ab5f295885d7caa3a78a42415e31fd1c5807b61fb1e781878a52230a51988b98c259597f9c5a9dfd00"
    "1d26ba31d9d8976f01d95a1c8262ee68a0e92cea541e5219e0d0d094301b894236823fe1d4bc04e29f3748ae"
    "fd4f10d5b1a356a8643e673fd9d215fc8fe5fb9cf9fdb8ea88fdb1a3381a697fdf9c2458570b06d26aef1be3"
    "65fdd90165f397c6b870df8c1b9e519edcee8bb0f74b7a1615a274ba60a7ea574a61f552d2dde0ce514e0927"
    "c4ff49b1964c4a913731ae4268d60d7f22127b6cbba44d453ac8b72fd04e0991b7aeff04867d8724ac638f5f"
    "34100d2d47aa680d43771902743d663f42d853c041e1c91fe3823f4bcf284308f1d7e653"
    , 16,
)  # fmt: skip
Q = int(
    "adb6066a73522565f4daa0f2579db7f2f0fa90c2168bc709e20263387d55c491"
    , 16,
)  # fmt: skip
#: A ballot of twelve choices has 21,000 characters.
LONGEST = 32_000

Element = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,616}$")]
Exponent = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,77})$")]
Hash = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{43}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Proof(_Part):
    """A challenge and the response to it."""

    challenge: Exponent
    response: Exponent


class Ciphertext(_Part):
    """One encrypted 0 or 1."""

    alpha: Element
    beta: Element


class Answer(_Part):
    """The encrypted choices, with the proofs that exactly one is marked."""

    choices: list[Ciphertext]
    individual_proofs: list[Annotated[list[Proof], Field(min_length=2, max_length=2)]]
    overall_proof: Annotated[list[Proof], Field(min_length=1, max_length=1)]


class Signature(_Part):
    """That whoever holds the credential made this ballot (section 4.14)."""

    hash: Hash
    proof: Proof


class Ballot(_Part):
    """A ballot (section 4.15); its fields stand in the order in which it is hashed."""

    election_uuid: str
    election_hash: Hash
    credential: Element
    answers: Annotated[list[Answer], Field(min_length=1, max_length=1)]
    signature: Signature


def read(text: str) -> Ballot:
    """Read a ballot that is written exactly as it is hashed.

    Raises:
        NotABallot: it is none, or written in another way than every implementation hashes it.
    """
    if len(text) > LONGEST:
        raise NotABallot(why="length")
    try:
        ballot = Ballot.model_validate_json(text)
    except ValidationError:
        raise NotABallot(why="form") from None
    if _written(ballot) != text.encode():
        raise NotABallot(why="form")
    return ballot


def must_be_for(ballot: Ballot, uuid: str, election_hash: str, choices: int) -> None:
    """Refuse a ballot of another vote, or with another number of choices."""
    (answer,) = ballot.answers
    if (ballot.election_uuid, ballot.election_hash) != (uuid, election_hash):
        raise NotABallot(why="vote")
    if not len(answer.choices) == len(answer.individual_proofs) == choices:
        raise NotABallot(why="choices")


def must_be_signed(ballot: Ballot) -> None:
    """Refuse a ballot that was not made with the credential it names (section 4.14).

    Costs two powers with public numbers, about 6 ms of one core.
    """
    unsigned = ballot.model_dump(exclude={"signature"})
    proof = ballot.signature.proof
    challenge, response = int(proof.challenge), int(proof.response)
    commitment = pow(G, response, P) * pow(int(ballot.credential), challenge, P) % P
    said = hashlib.sha256(f"sig|{ballot.signature.hash}|{commitment}".encode()).digest()
    is_right = int.from_bytes(said, "big") % Q == challenge
    if ballot.signature.hash != fingerprint(orjson.dumps(unsigned)) or not is_right:
        raise NotABallot(why="signature")


def fingerprint(content: bytes) -> str:
    """Return the hash of something as Belenios writes it: SHA-256, base 64, without padding."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


def tracker_of(ballot: str) -> str:
    """Return what a voter finds their ballot in the published list by (section 4.15)."""
    return fingerprint(ballot.encode())


def known_as(credential: str) -> str:
    """Return the short name that a public credential has in our tables."""
    return hashlib.sha256(credential.encode()).hexdigest()


def must_be_credentials(listed: Sequence[str], expected: int) -> None:
    """Refuse a list of public credentials that does not hold one for each mandate."""
    if len(listed) != expected or len(set(listed)) != expected:
        raise NotABallot(why="credentials")


def must_be_in_the_group(credentials: Sequence[str]) -> None:
    """Refuse a public credential outside the group; the tool would refuse all ballots for it.

    Costs a power with public numbers for each, about 3 ms of one core.
    """
    if any(pow(int(one), Q, P) != 1 for one in credentials):
        raise NotABallot(why="credentials")


def _written(ballot: Ballot) -> bytes:
    return orjson.dumps(ballot.model_dump())
