"""Seal keys of the demo authority: software keys in a folder."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

from typing_extensions import override

from api.signing.mssp.simulated_ca import SimulatedCa
from api.signing.pdf.certificate import Mechanism, SignerCertificate
from api.signing.seal.port import NoSealKey, SealKeys


@dataclass(frozen=True)
class SimulatedSeal(SealKeys):
    """The demo agencies' keys."""

    ca: SimulatedCa

    async def issue(self, agency_id: UUID, name: str) -> SignerCertificate:
        """Give an agency its seal key; done again it changes nothing."""
        return await asyncio.to_thread(self.ca.issue_agency, str(agency_id), name=name)

    @override
    async def certificate(self, agency_id: UUID) -> SignerCertificate:
        found = await asyncio.to_thread(self.ca.certificate, str(agency_id))
        if found is None:
            raise NoSealKey(agency_id=str(agency_id))
        return found

    @override
    async def sign(self, agency_id: UUID, *, digest: bytes, mechanism: Mechanism) -> bytes:
        await self.certificate(agency_id)
        return await asyncio.to_thread(self.ca.sign, str(agency_id), digest, mechanism)
