"""No keeper of remote keys: nobody signs lists, and each paper has its own PIN."""

from collections.abc import Sequence

from typing_extensions import override

from api.signing.pdf.certificate import SignerCertificate
from api.signing.remote.port import Authorisation, NoRemoteKey, RemoteKeys


class AbsentRemote(RemoteKeys):
    """Keeps nobody's key."""

    @override
    async def certificate(self, phone_number: str) -> SignerCertificate:
        raise NoRemoteKey

    @override
    async def sign(self, authorisation: Authorisation, wanted: Sequence[bytes]) -> list[bytes]:
        raise NoRemoteKey

    @override
    async def close(self) -> None:
        """There is no connection to let go of."""
