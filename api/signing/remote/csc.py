"""Remote keys behind the Cloud Signature Consortium's API v2: one authorisation for many hashes.

The holder's SIM has signed the list once; `credentials/authorize` hands that signature over as
`authData` and gets activation data that are bound to all hashes of the list (SCAL2), under which
`signatures/signHash` signs those that are wanted.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from typing_extensions import override

from api.signing.mssp.csc_client import QUICK, Credential, CscClient, CscRefused, Json
from api.signing.mssp.port import Mssp, OperatorUnreachable, UnknownPhone
from api.signing.pdf.certificate import SignerCertificate
from api.signing.remote.port import (
    Authorisation,
    NoRemoteKey,
    NotAuthorised,
    RemoteKeys,
    RemoteUnreachable,
    must_authorise,
    sim_of,
)

#: The authentication objects that a credential names which takes a SIM's signature over a list.
MANIFEST, SIGNATURE = "manifest", "signature"


@dataclass(frozen=True)
class CscRemote(RemoteKeys):
    """The keys that a signing service keeps.

    Attributes:
        client: the way to it.
        operator: whose SIM cards authorise.
    """

    client: CscClient
    operator: Mssp

    @override
    async def certificate(self, phone_number: str) -> SignerCertificate:
        try:
            return (await self._credential(phone_number)).signer
        except UnknownPhone:
            raise NoRemoteKey from None

    @override
    async def sign(self, authorisation: Authorisation, wanted: Sequence[bytes]) -> list[bytes]:
        sim = await sim_of(self.operator, authorisation.phone_number)
        must_authorise(authorisation, sim, wanted)
        credential = await self._credential(authorisation.phone_number)
        if len(authorisation.digests) > _most(credential.said):
            raise NotAuthorised(why="too_many")
        try:
            return await self._signed(credential, authorisation, wanted)
        except CscRefused as refusal:
            raise NotAuthorised(why=refusal.error[:80]) from refusal
        except OperatorUnreachable as away:
            raise RemoteUnreachable from away

    @override
    async def close(self) -> None:
        await self.client.close()

    async def _signed(
        self, credential: Credential, authorisation: Authorisation, wanted: Sequence[bytes]
    ) -> list[bytes]:
        mechanism = credential.signer.mechanism
        sad = await self.client.authorize(
            credential.id,
            authorisation.digests,
            patience=QUICK,
            authData=[
                {"id": MANIFEST, "value": b64encode(authorisation.manifest).decode()},
                {"id": SIGNATURE, "value": b64encode(authorisation.raw).decode()},
            ],
            clientData=str(authorisation.id),
        )
        return await self.client.sign_hash(credential.id, sad, wanted, mechanism)

    async def _credential(self, phone_number: str) -> Credential:
        """Return the holder's credential that signs many hashes on a SIM's word."""
        try:
            for credential_id in await self.client.listed(phone_number):
                credential = await self.client.credential(credential_id)
                if _takes_a_sim(credential.said):
                    return credential
        except OperatorUnreachable as away:
            raise RemoteUnreachable from away
        except UnknownPhone:
            raise NoRemoteKey from None
        raise NoRemoteKey


def _takes_a_sim(said: Json) -> bool:
    """Say whether a credential is authorised as we can: bound to hashes, by these objects."""
    auth = said.get("auth")
    objects = auth.get("objects") if isinstance(auth, dict) else None
    named = {one.get("id") for one in objects or () if isinstance(one, dict)}
    return said.get("SCAL") == "2" and {MANIFEST, SIGNATURE} <= named


def _most(said: Json) -> int:
    most = said.get("multisign")
    return most if isinstance(most, int) else 1
