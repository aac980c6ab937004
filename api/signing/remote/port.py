"""A service that keeps officials' keys, and signs with one only what its holder authorised.

The holder's SIM signs a list of digests, once, with one PIN; the service checks that signature
itself. An operator that speaks CSC calls it activation data bound to all hashes (SCAL2).
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar, Protocol
from uuid import UUID

from api.signing.mssp.port import Mssp, OperatorUnreachable, UnknownPhone
from api.signing.pdf.certificate import SignerCertificate
from api.signing.pdf.errors import WrongRawSignature
from api.signing.pdf.raw import check_digest
from core.errors import AppError


class NoRemoteKey(AppError):
    """The official has no key that signs lists."""

    status: ClassVar[HTTPStatus] = HTTPStatus.UNPROCESSABLE_ENTITY
    code: ClassVar[str] = "remote.no_key"


class NotAuthorised(AppError):
    """The authorisation is not the holder's, or not over these digests."""

    status: ClassVar[HTTPStatus] = HTTPStatus.FORBIDDEN
    code: ClassVar[str] = "remote.not_authorised"


class RemoteUnreachable(AppError):
    """The service that keeps the keys cannot be reached; ask again."""

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_GATEWAY
    code: ClassVar[str] = "remote.unreachable"


@dataclass(frozen=True, slots=True)
class Authorisation:
    """What the holder's SIM signed.

    Attributes:
        id: of the list; the service signs for each at most once.
        phone_number: whose SIM and key.
        manifest: JSON; its `list` names each digest in `to_sign`.
        sim: the SIM's certificate.
        raw: the SIM's signature over SHA-256 of the manifest.
    """

    id: UUID
    phone_number: str
    manifest: bytes
    sim: SignerCertificate
    raw: bytes

    @property
    def digest(self) -> bytes:
        """Return what the SIM signed."""
        return hashlib.sha256(self.manifest).digest()

    @property
    def digests(self) -> list[bytes]:
        """Return what may be signed with the holder's key."""
        return [bytes.fromhex(item["to_sign"]) for item in json.loads(self.manifest)["list"]]


def must_authorise(
    authorisation: Authorisation, holder: SignerCertificate, wanted: Sequence[bytes]
) -> None:
    """Refuse what the holder's SIM has not signed, as every adapter has to."""
    if authorisation.sim.der != holder.der:
        raise NotAuthorised(why="certificate")
    if not set(wanted) <= set(authorisation.digests):
        raise NotAuthorised(why="digest")
    try:
        check_digest(authorisation.sim, authorisation.raw, authorisation.digest)
    except WrongRawSignature:
        raise NotAuthorised(why="signature") from None


async def sim_of(operator: Mssp, phone_number: str) -> SignerCertificate:
    """Return the certificate of the SIM that authorises; raises `NoRemoteKey`, for want of one."""
    try:
        return await operator.certificate(phone_number)
    except UnknownPhone:
        raise NoRemoteKey from None
    except OperatorUnreachable as away:
        raise RemoteUnreachable from away


class RemoteKeys(Protocol):
    """Keys of officials, each used only under its holder's authorisation."""

    async def certificate(self, phone_number: str) -> SignerCertificate:
        """Return the certificate of the remote key of a phone's holder, or raise `NoRemoteKey`."""
        ...

    async def sign(self, authorisation: Authorisation, wanted: Sequence[bytes]) -> list[bytes]:
        """Sign the wanted digests of the list, in their order; asked again it gives the same.

        Raises:
            NotAuthorised: the SIM's signature does not cover this list, or the list a digest.
        """
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...
