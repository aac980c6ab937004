"""The keys of agencies: kept by the system, used only on the word of the clerk who may seal."""

from http import HTTPStatus
from typing import ClassVar, Protocol
from uuid import UUID

from api.signing.pdf.certificate import Mechanism, SignerCertificate
from core.errors import AppError


class NoSealKey(AppError):
    """The agency has no seal key here."""

    status: ClassVar[HTTPStatus] = HTTPStatus.CONFLICT
    code: ClassVar[str] = "seal.no_key"


class SealUnreachable(AppError):
    """The token or HSM with the seal keys does not answer."""

    status: ClassVar[HTTPStatus] = HTTPStatus.SERVICE_UNAVAILABLE
    code: ClassVar[str] = "seal.unreachable"


class SealKeys(Protocol):
    """A store of agencies' keys: a folder, a token or an HSM."""

    async def certificate(self, agency_id: UUID) -> SignerCertificate:
        """Return the certificate of the agency.

        Raises:
            NoSealKey: there is none for it here.
            SealUnreachable: the token does not answer.
        """
        ...

    async def sign(self, agency_id: UUID, *, digest: bytes, mechanism: Mechanism) -> bytes:
        """Return the raw signature of the agency over a SHA-256 digest."""
        ...
