"""The operator's mobile signature service, as ETSI TS 102 204 sees it.

Only a digest and the text for the phone ever leave; a document never does.
"""

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import ClassVar, Protocol
from uuid import UUID

from api.signing.pdf.certificate import Mechanism, SignerCertificate
from core.errors import AppError


class Refusal(StrEnum):
    """Why no signature came; the list is closed."""

    USER_CANCELLED = "user_cancelled"
    EXPIRED = "expired"
    PHONE_NOT_REACHED = "phone_not_reached"
    PIN_BLOCKED = "pin_blocked"
    CARD_BLOCKED = "card_blocked"
    NO_KEY = "no_key"
    NO_CERTIFICATE = "no_certificate"
    CERTIFICATE_REVOKED = "certificate_revoked"
    UNKNOWN_USER = "unknown_user"
    NOT_AUTHORISED = "not_authorised"
    REQUEST_REFUSED = "request_refused"
    OPERATOR_FAILED = "operator_failed"


#: The final status codes of ETSI TS 102 204; a code that is not here is an operator's failure.
REFUSALS: dict[int, Refusal] = {
    101: Refusal.REQUEST_REFUSED,
    102: Refusal.REQUEST_REFUSED,
    103: Refusal.REQUEST_REFUSED,
    104: Refusal.NOT_AUTHORISED,
    105: Refusal.UNKNOWN_USER,
    106: Refusal.NOT_AUTHORISED,
    107: Refusal.REQUEST_REFUSED,
    108: Refusal.REQUEST_REFUSED,
    109: Refusal.REQUEST_REFUSED,
    208: Refusal.EXPIRED,
    209: Refusal.PHONE_NOT_REACHED,
    401: Refusal.USER_CANCELLED,
    402: Refusal.PIN_BLOCKED,
    403: Refusal.CARD_BLOCKED,
    404: Refusal.NO_KEY,
    406: Refusal.OPERATOR_FAILED,
    422: Refusal.NO_CERTIFICATE,
    425: Refusal.NO_CERTIFICATE,
    501: Refusal.CERTIFICATE_REVOKED,
    503: Refusal.OPERATOR_FAILED,
    900: Refusal.OPERATOR_FAILED,
}


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
        return REFUSALS.get(self.code, Refusal.OPERATOR_FAILED)


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
