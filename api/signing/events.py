"""What signing tells the rest of the system; each fact stands on the document's stream."""

from typing import ClassVar
from uuid import UUID

from typing_extensions import override

from core.events import Event


class SigningEvent(Event):
    """Something happened to a signature request."""

    request_id: UUID
    document_id: UUID
    signer_id: UUID
    by: UUID

    @override
    def topics(self) -> frozenset[str]:
        return frozenset({f"document:{self.document_id}", f"user:{self.signer_id}"})


class SignatureRequested(SigningEvent):
    """A document was put before a signer, or before somebody who initials it first."""

    name: ClassVar[str] = "signing.requested"

    role: str = "sign"
    its_turn: bool = True

    @override
    def notifies(self) -> frozenset[UUID]:
        return frozenset({self.signer_id}) if self.its_turn else frozenset()


class SignatureTurnCame(SigningEvent):
    """Everybody before has decided; now it is this one's turn."""

    name: ClassVar[str] = "signing.turn_came"

    @override
    def notifies(self) -> frozenset[UUID]:
        return frozenset({self.signer_id})


class SignatureReminded(SigningEvent):
    """Whoever has not decided yet is reminded."""

    name: ClassVar[str] = "signing.reminded"

    @override
    def notifies(self) -> frozenset[UUID]:
        return frozenset({self.signer_id})


class SignatureLapsed(SigningEvent):
    """Nobody decided in time; who asked is told."""

    name: ClassVar[str] = "signing.lapsed"

    asked_by: UUID

    @override
    def notifies(self) -> frozenset[UUID]:
        return frozenset({self.asked_by})


class SignatureSuperseded(SigningEvent):
    """The document went back before it was signed; what waited is over."""

    name: ClassVar[str] = "signing.superseded"


class SignatureWithdrawn(SigningEvent):
    """The paper may be secret and was taken from everybody; what waited is over."""

    name: ClassVar[str] = "signing.withdrawn"

    asked_by: UUID

    @override
    def notifies(self) -> frozenset[UUID]:
        return frozenset({self.signer_id, self.asked_by})


class SignatureInitialled(SigningEvent):
    """Somebody approved with their initials, on their own device."""

    name: ClassVar[str] = "signing.initialled"


class SignatureConsented(SigningEvent):
    """The signer said yes on their own device."""

    name: ClassVar[str] = "signing.consented"


class SignerPrompted(SigningEvent):
    """The operator was asked to prompt the signer's SIM; the code must be the same there."""

    name: ClassVar[str] = "signing.prompted"

    verification_code: str


class SignatureReturned(SigningEvent):
    """The SIM's raw signature came back and fits."""

    name: ClassVar[str] = "signing.returned"


class SignatureDeclined(SigningEvent):
    """The signer declined."""

    name: ClassVar[str] = "signing.declined"


class SignatureFailed(SigningEvent):
    """No signature came; `reason` says why."""

    name: ClassVar[str] = "signing.failed"

    reason: str
