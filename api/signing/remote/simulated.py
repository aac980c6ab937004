"""A simulated key service of the demo authority: real keys in a folder, real checks."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.x509.oid import NameOID
from typing_extensions import override

from api.signing.mssp.port import Mssp
from api.signing.mssp.simulated_ca import SimulatedCa
from api.signing.mssp.simulated_store import write_once
from api.signing.pdf.certificate import SignerCertificate
from api.signing.remote.port import (
    Authorisation,
    NotAuthorised,
    RemoteKeys,
    must_authorise,
    sim_of,
)


@dataclass(frozen=True)
class SimulatedRemote(RemoteKeys):
    """Remote keys of everybody who has a SIM of the demo authority.

    Attributes:
        folder: what was signed under which authorisation, one file each.
        operator: whose SIM cards authorise.
    """

    folder: Path
    ca: SimulatedCa
    operator: Mssp

    @override
    async def certificate(self, phone_number: str) -> SignerCertificate:
        sim = await sim_of(self.operator, phone_number)
        return await asyncio.to_thread(self._certificate, phone_number, sim)

    @override
    async def sign(self, authorisation: Authorisation, wanted: Sequence[bytes]) -> list[bytes]:
        sim = await sim_of(self.operator, authorisation.phone_number)
        must_authorise(authorisation, sim, wanted)
        return await asyncio.to_thread(self._sign, authorisation, sim, wanted)

    @override
    async def close(self) -> None:
        """There is no connection to let go of."""

    def _certificate(self, phone_number: str, sim: SignerCertificate) -> SignerCertificate:
        label = f"remote-{phone_number}"
        known = self.ca.certificate(label)
        return known or self.ca.issue_person(
            label, name=sim.name, organization=_organization(sim), mechanism=sim.mechanism
        )

    def _sign(
        self, authorisation: Authorisation, sim: SignerCertificate, wanted: Sequence[bytes]
    ) -> list[bytes]:
        mechanism = self._certificate(authorisation.phone_number, sim).mechanism
        used = self.folder / str(authorisation.id)
        if write_once(used / "authorised", authorisation.digest) != authorisation.digest:
            raise NotAuthorised(why="used")
        label = f"remote-{authorisation.phone_number}"
        return [
            write_once(used / f"{digest.hex()}.signed", self.ca.sign(label, digest, mechanism))
            for digest in wanted
        ]


def _organization(sim: SignerCertificate) -> str:
    named = sim.parsed.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(named[0].value) if named else ""
