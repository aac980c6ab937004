"""What happens to pinned certificates."""

from typing import ClassVar
from uuid import UUID

from typing_extensions import override

from core.events import Event


class CertificateConfirmed(Event):
    """An official said, on their own device, that they sign with another certificate now."""

    name: ClassVar[str] = "signing.certificate_confirmed"

    official_id: UUID
    sha256: str

    @override
    def topics(self) -> frozenset[str]:
        return frozenset({f"user:{self.official_id}"})

    @override
    def notifies(self) -> frozenset[UUID]:
        return frozenset({self.official_id})
