"""The operator's mobile signature service, as ETSI TS 102 204 sees it.

Only a digest and the text for the phone ever leave; a document never does.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar, Protocol
from uuid import UUID

from api.signing.mssp.codes import Refusal, meaning_of
from api.signing.pdf.certificate import Mechanism, SignerCertificate
from core.errors import AppError


@dataclass(frozen=True, slots=True)
class Waiting:
    """The prompt is on its way or on the phone."""


@dataclass(frozen=True, slots=True)
class Signed:
    """The raw signature returned."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """No signature will come; `code` is the operator's."""

    code: int

    @property
    def reason(self) -> Refusal:
        """Return the refusal that the code stands for."""
        means = meaning_of(self.code)
        return means if isinstance(means, Refusal) else Refusal.OPERATOR_FAILED


Status = Waiting | Signed | Refused


class UnknownPhone(AppError):
    """The operator has no signing certificate for this phone number."""

    status: ClassVar[HTTPStatus] = HTTPStatus.UNPROCESSABLE_ENTITY
    code: ClassVar[str] = "mssp.unknown_phone"


class UnknownTransaction(AppError):
    """The operator never heard of this transaction."""

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_GATEWAY
    code: ClassVar[str] = "mssp.unknown_transaction"


class TransactionReused(AppError):
    """This transaction was started for something else."""

    status: ClassVar[HTTPStatus] = HTTPStatus.CONFLICT
    code: ClassVar[str] = "mssp.transaction_reused"


class OperatorUnreachable(AppError):
    """The operator could not be reached; ask again."""

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_GATEWAY
    code: ClassVar[str] = "mssp.unreachable"


class Mssp(Protocol):
    """A signature service that reaches SIM cards."""

    async def certificate(self, phone_number: str) -> SignerCertificate:
        """Return the certificate of the key on this phone's SIM, or raise `UnknownPhone`."""
        ...

    async def start(
        self,
        *,
        transaction_id: UUID,
        phone_number: str,
        digest: bytes,
        mechanism: Mechanism,
        text: str,
    ) -> None:
        """Prompt the phone, once for each transaction however often this is called.

        Raises:
            TransactionReused: the same id came with other content.
            UnknownPhone: no SIM behind this number can sign.
        """
        ...

    async def status(self, transaction_id: UUID) -> Status:
        """Tell how far it is; raises `UnknownTransaction` where `start` never arrived."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...
